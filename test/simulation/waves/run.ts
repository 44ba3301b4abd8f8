/**
 * Tells one story: a day of a site with its agent, its phones and its people, drawn from a seed, on virtual time. Every step
 * is shown to every invariant; the first that is broken ends the story.
 */
import { createHash, type Hash } from "node:crypto";
import type { StoreShelf } from "../../../agent/rehearsal/shelf.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import type { Phone } from "../../../fixtures/fleet/phone-shape.ts";
import { createTime, type Time } from "../../../fixtures/fleet/time.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { HOUR, realElapsedMs } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { digestOf } from "./digest.ts";
import { drawStory, hintOf, type Size, SMALL, type Story } from "./draw.ts";
import type { DrawnPhone } from "./fleet.ts";
import { createForetelling } from "./foretold.ts";
import { INVARIANTS } from "./invariants/index.ts";
import type { Sight } from "./invariants/invariant.ts";
import type { Plant } from "./life.ts";
import { openingsBetween } from "./openings.ts";
import type { Outcome } from "./outcome.ts";
import { setStage } from "./stage.ts";
import type { Step } from "./steps.ts";

export interface RunOptions {
  readonly shelf: StoreShelf;
  readonly size?: Size;
  readonly plant?: (story: Story) => Plant;
  /** Changes the drawn story: for mutations that need a particular one. */
  readonly change?: (story: Story) => Story;
  /** Only these invariants are asked; all of them where none is named. */
  readonly only?: readonly string[];
  /** What the forecast of a campaign under way takes for its plan: for mutations. */
  readonly mistake?: (plan: Plan) => Plan;
  /** Main-thread time of each turn of the drive, with all it woke that waited for nothing, in real milliseconds. */
  readonly onTurn?: (realMs: number) => void;
  /** At each full hour of the story: how many tasks of all campaigns stand where. */
  readonly onHour?: (hour: number, tasks: Outcome["tasks"]) => void;
  /** Shown the rows when it is over. */
  readonly onEnd?: (store: Store) => void;
  /** Each step as a line, for whoever replays a seed. */
  readonly say?: (line: string) => void;
}

export async function runStory(seed: number, options: RunOptions): Promise<Outcome> {
  const drawn = drawStory(seed, options.size ?? SMALL);
  const story = options.change?.(drawn) ?? drawn;
  const store = options.shelf.open(story.startMs);
  const beganMs = realElapsedMs();
  try {
    const told = await tell(story, store, options);
    const realMs = realElapsedMs() - beganMs;
    options.onEnd?.(store);
    return { ...told, seed, hint: hintOf(story), realMs };
  } finally {
    store.remove();
  }
}

async function tell(
  story: Story,
  store: Store,
  { plant: planted, only, say, onTurn, onHour, mistake }: RunOptions,
): Promise<Omit<Outcome, "seed" | "hint" | "realMs">> {
  const plant = planted?.(story) ?? {};
  const time = createTime(story.startMs);
  const log = createHash("sha256");
  const writtenOff = new Set<DeviceId>();
  const phones = new Map<DeviceId, Phone<DrawnPhone>>();
  let steps = 0;
  let broken: Outcome["broken"];
  let checks: readonly { readonly id: string; readonly check: (step: Step) => string | undefined }[] = [];
  const fail = (id: string, what: string): void => {
    broken ??= { id, what, atMs: time.nowMs() };
    time.stop();
  };
  const show = (step: Step): void => {
    if (broken !== undefined) return;
    steps++;
    const line = lineOf(step, time);
    log.update(line);
    say?.(line);
    noteWriteOff(step, writtenOff);
    for (const { id, check } of checks) {
      const what = check(step);
      if (what === undefined) continue;
      fail(id, what);
      return;
    }
  };
  const stage = setStage({ story, time, store, phones, plant, show, fail, onTurn });
  const foretelling = createForetelling({ story, time, store, ...(mistake === undefined ? {} : { mistake }) });
  const sight: Sight = {
    ...{ story, time, store, phones, writtenOff, readings: stage.readings, foretelling },
    openings: openingsBetween(story.calendar, story.startMs, story.endMs),
  };
  checks = INVARIANTS.filter(({ id }) => only === undefined || only.includes(id)).map(({ id, watch }) => ({ id, check: watch(sight) }));
  stage.begin();
  if (onHour !== undefined) everyHour(time, (hour) => onHour(hour, tasksOf(store)));
  await time.run(story.endMs);
  show({ kind: "end" });
  const virtualMs = time.nowMs() - story.startMs;
  return {
    ...{ broken, hash: digestHash(log, store), steps, events: time.events, virtualMs },
    ...countsOf(phones, store),
    kills: stage.kills(),
    foretold: foretelling.told(),
  };
}

const digestHash = (log: Hash, store: Store): string => log.update(digestOf(store)).digest("hex");

function countsOf(phones: ReadonlyMap<DeviceId, Phone>, store: Store) {
  const all = [...phones.values()];
  const sum = (of: (phone: Phone) => number): number => all.reduce((total, phone) => total + of(phone), 0);
  return {
    devices: all.length,
    commands: sum(({ seen }) => seen.commands),
    pieces: sum(({ seen }) => seen.pieces),
    campaigns: store.campaigns.list().length,
    tasks: tasksOf(store),
  };
}

function tasksOf({ campaigns, tasks }: Pick<Store, "campaigns" | "tasks">): Outcome["tasks"] {
  const all = campaigns.list().flatMap(({ id }) => tasks.ofCampaign(id));
  return Object.fromEntries([...Map.groupBy(all, ({ state }) => state.at)].map(([at, some]) => [at, some.length]).toSorted());
}

function everyHour(time: Time, tell: (hour: number) => void): void {
  let hour = 0;
  const next = (): void => {
    tell(++hour);
    time.after(HOUR, next);
  };
  time.after(HOUR, next);
}

/** One line a step; what is long is not part of it. */
function lineOf(step: Step, time: Time): string {
  const at = time.nowMs();
  switch (step.kind) {
    case "task":
      return `${at} task ${step.change.row.id} ${step.change.row.state.at} ${step.change.event.kind} ${JSON.stringify(step.change.next)}\n`;
    case "order":
      return `${at} order ${step.person} ${step.verb} ${JSON.stringify(step.args)} ${step.answer?.status} ${step.answer?.message} ${step.repeated}\n`;
    case "command":
      return `${at} command ${step.device} ${step.life} ${step.sentMs} ${step.sentFor?.token} ${step.taken}\n`;
    case "catalogue":
      return `${at} catalogue ${step.offered.version} until ${step.offered.expiresAtMs} ${step.taken}\n`;
    case "planned":
      return `${at} planned ${step.campaign}\n`;
    case "sign":
      return `${at} sign ${step.what} ${step.token} ${step.repeated}\n`;
    default:
      return `${at} ${JSON.stringify(step)}\n`;
  }
}

/** A person's word about a device that had been touched: what it does from then on is that person's affair. */
function noteWriteOff(step: Step, writtenOff: Set<DeviceId>): void {
  if (step.kind !== "task" || step.change.event.kind !== "writtenOffByPerson") return;
  const { row, planned } = step.change;
  for (const device of [row.device, ...(planned.along ?? [])]) writtenOff.add(device);
}
