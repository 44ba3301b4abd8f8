/**
 * A plan as people read it before anybody is touched: waves, what they prove and risk, who is held back, what it costs. Pure.
 */
import { showOpening } from "../../firmware/waves/window.ts";
import { DAY, showDuration } from "../../protocols/core/time.ts";
import type { PlanAnswer } from "./campaign-results.ts";
import { renderTable } from "./output.ts";
import { counted, showBytes } from "./show.ts";

type Plan = PlanAnswer["plan"];
type Task = Plan["tasks"][number];
type Wave = Plan["waves"][number];

export function planText({ plan, planHash, kept, difference }: PlanAnswer): string {
  const { tasks, heldBack, forecast, release } = plan;
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const rows = plan.waves.map((wave) => {
    const predicted = forecast.waves.find(({ index }) => index === wave.index);
    const mine = wave.tasks.map((id) => byId.get(id)).filter((task) => task !== undefined);
    return {
      wave: String(wave.index),
      devices: String(wave.tasks.length),
      what: whatText(mine, wave),
      time: predicted === undefined ? "-" : showDuration(predicted.p50Ms),
      lan: predicted === undefined ? "-" : showBytes(predicted.lanBytes),
      proof: proofText(wave),
      risk: riskText(mine, plan),
    };
  });
  const held = { wave: "held", devices: String(heldBack.length), what: heldNames(heldBack), time: "", lan: "", proof: "", risk: "" };
  const table = renderTable(
    [
      { title: "WAVE", of: (row) => row.wave, align: "right" },
      { title: "DEVICES", of: (row) => row.devices, align: "right" },
      { title: "WHAT", of: (row) => row.what },
      { title: "EST.", of: (row) => row.time, align: "right" },
      { title: "LAN", of: (row) => row.lan, align: "right" },
      { title: "RULES OUT", of: (row) => row.proof, align: "right" },
      { title: "RISK", of: (row) => row.risk },
    ],
    heldBack.length === 0 ? rows : [...rows, held],
  );
  const dry = kept ? "" : " (dry run: nothing is kept)";
  return [
    plan.rollback === undefined || plan.rollback === null
      ? `${tasks.length} of ${counted(tasks.length + heldBack.length, "device")} move to ${release.title} (${release.version})${dry}\n`
      : backText(plan, plan.rollback, dry),
    table,
    heldText(heldBack),
    forecastText(forecast, plan.calendar?.zone),
    worstText(forecast.worst),
    ...(difference === undefined || difference === null ? [] : [differenceText(difference)]),
    nextText(plan.campaign, planHash, kept),
  ].join("");
}

/** Where they go back to, from most to fewest, and what stopped the campaign that is taken back. */
function backText({ tasks, heldBack, release }: Plan, rollback: NonNullable<Plan["rollback"]>, dry: string): string {
  const versions = new Map<string, number>();
  for (const { legs } of tasks) {
    const to = legs.at(-1)?.to ?? "";
    versions.set(to, (versions.get(to) ?? 0) + 1);
  }
  const goals = [...versions].toSorted(([, a], [, b]) => b - a).map(([to, count]) => `${count} to ${to}`);
  return [
    `${tasks.length} of ${counted(tasks.length + heldBack.length, "device")} go back from ${release.title} (${release.version})${dry}: ${goals.join(", ")}\n`,
    `It takes campaign ${rollback.campaign} back${gateText(rollback)}\n`,
  ].join("");
}

/** What whoever approves it has to know. */
export function gateText({ gate }: Pick<NonNullable<Plan["rollback"]>, "gate">): string {
  return gate === undefined || gate === null ? "" : `; gate "${gate.gate}" held its wave ${gate.wave}: ${gate.evidence}`;
}

function whatText(mine: readonly Task[], wave: Wave): string {
  const models = new Map<string, number>();
  for (const { model } of mine) models.set(model, (models.get(model) ?? 0) + 1);
  const parts = [...models].map(([model, count]) => `${model} ×${count}`);
  const names = mine.length === 1 ? ` (${mine[0]?.name ?? ""})` : "";
  const along = mine.reduce((sum, task) => sum + (task.along?.length ?? 0), 0);
  return `${wave.index === 1 ? "canary " : ""}${parts.join(", ")}${names}${along === 0 ? "" : `, ${along} along`}`;
}

/** The weakest of what is proven in the wave: `> 9.9 %` is ruled out for every model in it. */
function proofText({ proof }: Wave): string {
  if (proof === undefined || proof === null || proof.length === 0) return "-";
  return `> ${Math.max(...proof.map(({ ruledOutPerMille }) => ruledOutPerMille)) / 10} %`;
}

/** Kinds whose limits a person wants to see beside a wave; rooms and floors hold everywhere. */
const SHOWN_KINDS = ["reception", "zone", "huntGroup", "group"];
/** More are counted only. */
const LIMITS_SHOWN = 2;

function riskText(mine: readonly Task[], { domains }: Plan): string {
  const oneWay = mine.filter(({ legs }) => legs.some(({ edge }) => edge.reversibility === "one_way")).length;
  const stones = mine.filter(({ legs }) => legs.length > 1);
  const versions = [...new Set(stones.flatMap(({ legs }) => legs.slice(0, -1).map(({ to }) => to)))];
  const limits = (domains ?? []).flatMap(({ id, kind, members, minUp }) => {
    const inside = SHOWN_KINDS.includes(kind) ? mine.filter(({ device }) => device !== undefined && members.includes(device)).length : 0;
    const atOnce = members.length - minUp;
    return inside > atOnce ? [`${id}: ${atOnce} at a time`] : [];
  });
  const parts = [
    ...(oneWay === 0 ? [] : [`${oneWay} cannot go back`]),
    ...(stones.length === 0 ? [] : [`${counted(stones.length, "stepping stone")} (${versions.join(", ")})`]),
    ...limits.slice(0, LIMITS_SHOWN),
    ...(limits.length > LIMITS_SHOWN ? [`${limits.length - LIMITS_SHOWN} more limits`] : []),
  ];
  return parts.length === 0 ? "–" : parts.join("; ");
}

/** Named in the table; the reasons stand below it. */
const NAMES_SHOWN = 4;

function heldNames(heldBack: Plan["heldBack"]): string {
  const names = heldBack.slice(0, NAMES_SHOWN).map(({ name, code }) => `${name} ${code}`);
  return [...names, ...(heldBack.length > NAMES_SHOWN ? ["…"] : [])].join("; ");
}

/** More are counted by reason only. */
const HELD_SHOWN = 8;

export function heldText(heldBack: Plan["heldBack"]): string {
  if (heldBack.length === 0) return "Nobody is held back.\n";
  const waiting = heldBack.filter(({ code }) => code !== "alreadyCurrent");
  const already = heldBack.length - waiting.length;
  const lines = waiting
    .slice(0, HELD_SHOWN)
    .map(({ name, why, lifts }) => `  ${name}: ${why}${typeof lifts === "string" && lifts !== "" ? `; lifted by: ${lifts}` : ""}\n`);
  const more = waiting.length > HELD_SHOWN ? `  and ${waiting.length - HELD_SHOWN} more; --json lists them\n` : "";
  return `${heldBack.length} held back${already === 0 ? "" : `, ${already} of them there already`}\n${lines.join("")}${more}`;
}

/** `zone`: the site's; without it the window has no name. */
export function forecastText({ p50Ms, p90Ms, lanBytes, wanBytes, fitsWindow, window }: Plan["forecast"], zone?: string): string {
  const wan = wanBytes === 0 ? "nothing over the uplink" : `${showBytes(wanBytes)} over the uplink`;
  const named = window !== undefined && window !== null && zone !== undefined && window.toMs - window.fromMs < DAY;
  const name = named ? showOpening(window, zone) : "the window it would start in";
  const spare = named ? ` with ${showDuration(window.toMs - window.fromMs - p90Ms)} to spare` : "";
  const fits = fitsWindow ? `fits ${name}${spare}` : `does not fit ${name}: it goes on in the next one`;
  return `About ${showDuration(p50Ms)}, nine times of ten within ${showDuration(p90Ms)}; ${fits}. ${showBytes(lanBytes)} on the LAN, ${wan}.\n`;
}

type Worst = NonNullable<Plan["forecast"]["worst"]>;

function worstText(worst: Worst | null | undefined): string {
  if (worst === undefined || worst === null) return "";
  const said = ({ devices, phones, rooms, darkRooms }: Worst["bound"]): string => {
    const where = rooms === 0 ? "" : ` in ${counted(rooms, "room")}, ${darkRooms} of them with nothing left`;
    return `${counted(devices, "device")} (${counted(phones, "phone")})${where}`;
  };
  return `Down at once: at most ${said(worst.bound)}; likely ${said(worst.laid)}.\n`;
}

type Difference = NonNullable<PlanAnswer["difference"]>;

/** Of each kind; --json lists all. */
const CHANGES_SHOWN = 8;

export function differenceText({ parent, added, gone, moved, reasons, ways, settings }: Difference): string {
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ["added", added.map(({ name, wave }) => `+ ${name}: wave ${wave}`)],
    ["gone", gone.map(({ name, wave, is }) => `- ${name}: was in wave ${wave}${is.at === "held" ? `; ${is.why ?? is.code ?? ""}` : ""}`)],
    ["moved", moved.map(({ name, from, to }) => `~ ${name}: wave ${from} → ${to}`)],
    [ways.length === 1 ? "other way" : "other ways", ways.map(({ name, was, is }) => `~ ${name}: ${was.join(", ")} → ${is.join(", ")}`)],
    [
      reasons.length === 1 ? "other reason" : "other reasons",
      reasons.map(({ name, was, is }) => `! ${name}: ${was.code ?? was.at} → ${is.code ?? is.at}`),
    ],
    [settings.length === 1 ? "setting" : "settings", settings.map(({ path, was, is }) => `= ${path}: ${was ?? "-"} → ${is ?? "-"}`)],
  ];
  const some = groups.filter(([, lines]) => lines.length > 0);
  const head = `Against the plan ${parent.slice(0, 12)}…: `;
  if (some.length === 0) return `${head}nothing is different\n`;
  const lines = some.flatMap(([, all]) => [
    ...all.slice(0, CHANGES_SHOWN).map((line) => `  ${line}\n`),
    ...(all.length > CHANGES_SHOWN ? [`  and ${all.length - CHANGES_SHOWN} more; --json lists them\n`] : []),
  ]);
  return `${head}${some.map(([what, all]) => `${all.length} ${what}`).join(", ")}\n${lines.join("")}`;
}

function nextText(campaign: string, planHash: string, kept: boolean): string {
  if (!kept) return "Next: the same without --dry-run.\n";
  return `Campaign ${campaign}, plan hash ${planHash}\nNext, by another person: groundswell campaign approve ${campaign} --plan-hash ${planHash} --key FILE\n`;
}
