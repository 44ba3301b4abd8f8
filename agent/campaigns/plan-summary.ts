/** A plan in few words: each wave by what it is, proves and risks, and who is held back, counted. Pure; bounded, however many devices. */

/** As much of a plan as it needs. */
export interface PlanShape {
  readonly tasks: readonly TaskShape[];
  readonly waves: readonly {
    readonly index: number;
    readonly tasks: readonly string[];
    readonly soakMs: number;
    readonly proof: readonly Proven[];
  }[];
  readonly domains: readonly { readonly id: string; readonly kind: string; readonly members: readonly string[]; readonly minUp: number }[];
  readonly forecast: {
    readonly waves: readonly { readonly index: number; readonly p50Ms: number; readonly p90Ms: number; readonly lanBytes: number }[];
  };
}

interface TaskShape {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly model: string;
  readonly along?: readonly string[];
  readonly legs: readonly { readonly from: string; readonly to: string; readonly edge: { readonly reversibility: string } }[];
}

export interface WaveSummary {
  readonly index: number;
  readonly devices: number;
  readonly models: readonly { readonly model: string; readonly count: number }[];
  /** Of the only device in it. */
  readonly only?: string | undefined;
  /** The first of its devices. */
  readonly first: readonly FirstDevice[];
  /** Devices that are updated with others. */
  readonly along: number;
  readonly oneWay: number;
  readonly stones: { readonly devices: number; readonly versions: readonly string[] };
  /** What lets fewer of its devices go at once than it has; the first of them. */
  readonly limits: { readonly count: number; readonly first: readonly Limit[] };
  /** If it ends clean a failure rate above so many in a thousand is ruled out, for each model; absent where nothing is proven. */
  readonly proof?: { readonly ruledOutPerMille: number; readonly models: readonly Proven[] } | undefined;
  readonly soakMs: number;
  readonly forecast?: { readonly p50Ms: number; readonly p90Ms: number; readonly lanBytes: number } | undefined;
}

interface FirstDevice {
  readonly device: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

interface Limit {
  readonly domain: string;
  readonly atOnce: number;
}

interface Proven {
  readonly model: string;
  readonly ruledOutPerMille: number;
}

/** Kinds whose limits a person wants to see beside a wave; rooms and floors hold everywhere. */
const SHOWN_KINDS = ["reception", "zone", "huntGroup", "group"];
/** Of anything that a plan may have many of; the rest is counted. */
const NAMED_MAX = 20;
/** Of the devices of a wave: enough to see that it is the plan that was meant. */
const FIRST_MAX = 5;

export function waveSummaries({ tasks, waves, domains, forecast }: PlanShape): readonly WaveSummary[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const limiting = domains.filter(({ kind }) => SHOWN_KINDS.includes(kind));
  const predictions = new Map(forecast.waves.map((wave) => [wave.index, wave]));
  return waves.map((wave) => {
    const mine = wave.tasks.map((id) => byId.get(id)).filter((task) => task !== undefined);
    const stones = mine.filter(({ legs }) => legs.length > 1);
    const devices = new Set(mine.map(({ device }) => device));
    const limits = limiting.flatMap(({ id, members, minUp }) => {
      const atOnce = members.length - minUp;
      return members.filter((member) => devices.has(member)).length > atOnce ? [{ domain: id, atOnce }] : [];
    });
    const predicted = predictions.get(wave.index);
    const [first] = mine;
    return {
      index: wave.index,
      devices: wave.tasks.length,
      models: countedBy(mine, ({ model }) => model).map(([model, count]) => ({ model, count })),
      ...(first !== undefined && mine.length === 1 ? { only: first.name } : {}),
      first: mine.slice(0, FIRST_MAX).map(firstOf),
      along: mine.reduce((sum, task) => sum + (task.along?.length ?? 0), 0),
      oneWay: mine.filter(({ legs }) => legs.some(({ edge }) => edge.reversibility === "one_way")).length,
      stones: {
        devices: stones.length,
        versions: [...new Set(stones.flatMap(({ legs }) => legs.slice(0, -1).map(({ to }) => to)))].slice(0, NAMED_MAX),
      },
      limits: { count: limits.length, first: limits.slice(0, NAMED_MAX) },
      ...proofOf(wave.proof),
      soakMs: wave.soakMs,
      ...(predicted === undefined ? {} : { forecast: { p50Ms: predicted.p50Ms, p90Ms: predicted.p90Ms, lanBytes: predicted.lanBytes } }),
    };
  });
}

const firstOf = ({ device, name, legs }: TaskShape): FirstDevice => ({
  device,
  name,
  from: legs[0]?.from ?? "",
  to: legs.at(-1)?.to ?? "",
});

/** A model that goes several ways has proven as much as its weakest. */
function proofOf(proof: readonly Proven[]): { readonly proof?: NonNullable<WaveSummary["proof"]> } {
  const weakest = new Map<string, number>();
  for (const { model, ruledOutPerMille } of proof) weakest.set(model, Math.max(weakest.get(model) ?? 0, ruledOutPerMille));
  if (weakest.size === 0) return {};
  const models = [...weakest].map(([model, ruledOutPerMille]) => ({ model, ruledOutPerMille }));
  return { proof: { ruledOutPerMille: Math.max(...weakest.values()), models } };
}

/** To which versions the devices go, from most to fewest. */
export function goalsOf(
  tasks: readonly { readonly legs: readonly { readonly to: string }[] }[],
): readonly { readonly version: string; readonly count: number }[] {
  return countedBy(tasks, ({ legs }): string => legs.at(-1)?.to ?? "")
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, NAMED_MAX)
    .map(([version, count]) => ({ version, count }));
}

export interface HeldLine {
  readonly name: string;
  readonly code: string;
  readonly why: string;
  readonly lifts?: string | null | undefined;
}

export interface HeldSummary {
  readonly count: number;
  /** How many for which reason; they add up to `count`. */
  readonly codes: readonly { readonly code: string; readonly count: number }[];
  /** The first of those who have something to wait for. */
  readonly first: readonly HeldLine[];
}

export function heldSummary(heldBack: readonly HeldLine[], firstMax: number = NAMED_MAX): HeldSummary {
  const waiting = heldBack.filter(({ code }) => code !== "alreadyCurrent");
  return {
    count: heldBack.length,
    codes: countedBy(heldBack, ({ code }) => code).map(([code, count]) => ({ code, count })),
    first: waiting.slice(0, firstMax).map(({ name, code, why, lifts }) => ({ name, code, why, ...(lifts ? { lifts } : {}) })),
  };
}

/** In the order in which they come first. */
function countedBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return [...counts];
}

/** The first that come to no more than so many bytes as JSON; none where the first is longer. */
export function fitting<T>(items: readonly T[], bytesMax: number): readonly T[] {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return bytes > bytesMax;
  });
  return end < 0 ? items : items.slice(0, end);
}
