/**
 * A plan as people read it before anybody is touched: waves, what they prove and risk, who is held back, what it costs. Pure.
 */
import { showOpening } from "../../firmware/waves/window.ts";
import { DAY, showDuration } from "../../protocols/core/time.ts";
import { type HeldSummary, heldSummary } from "../campaigns/plan-summary.ts";
import type { CampaignAnswer, PlanAnswer, PlannedWaveAnswer } from "./campaign-results.ts";
import { type Column, renderTable } from "./output.ts";
import { counted, showBytes } from "./show.ts";

export function planText(answer: PlanAnswer): string {
  const { planned, heldBack, forecast, zone, kept, campaign, planHash } = answer;
  const dry = kept ? "" : " (dry run: nothing is kept)";
  return [
    headText({ ...answer, planned, held: heldBack.count }, dry),
    wavesTable(answer.waves, heldBack),
    moreWavesText(answer, kept ? `groundswell campaign show ${campaign} --devices` : "--json"),
    outagesText(answer.outages),
    heldCountedText(heldBack),
    forecastText(forecast, zone ?? undefined),
    worstText(forecast.worst),
    changesText(answer),
    nextText(campaign, planHash, kept),
  ].join("");
}

type Head = Pick<PlanAnswer, "release" | "rollback" | "planned" | "goals"> & { readonly held: number };

/** A plan of very many waves is told in part. `rest`: what shows the others. */
export function moreWavesText({ waves, waveCount }: Pick<PlanAnswer, "waves" | "waveCount">, rest: string): string {
  const left = (waveCount ?? waves.length) - waves.length;
  return left > 0 ? `  and ${counted(left, "wave")} more; ${rest} lists them\n` : "";
}

/** How many of how many go where. */
export function headText({ release, rollback, planned, held, goals }: Head, dry = ""): string {
  const how = `${planned} of ${counted(planned + held, "device")}`;
  if (rollback === undefined || rollback === null) return `${how} move to ${release.title} (${release.version})${dry}\n`;
  const to = goals.map(({ version, count }) => `${count} to ${version}`).join(", ");
  return `${how} go back from ${release.title} (${release.version})${dry}: ${to}\nIt takes campaign ${rollback.campaign} back${gateText(rollback)}\n`;
}

/** One line a wave, with what it is, takes, carries, proves and risks; the last line is for those held back. */
export function wavesTable(waves: readonly PlannedWaveAnswer[], held: HeldSummary): string {
  const rows = waves.map((wave) => ({
    wave: String(wave.index),
    devices: String(wave.devices),
    what: whatText(wave),
    time: wave.forecast ? showDuration(wave.forecast.p50Ms) : "-",
    lan: wave.forecast ? showBytes(wave.forecast.lanBytes) : "-",
    proof: wave.proof ? `> ${wave.proof.ruledOutPerMille / 10} %` : "-",
    risk: riskText(wave),
    state: stateText(wave),
  }));
  const last = { wave: "held", devices: String(held.count), what: heldNames(held), time: "", lan: "", proof: "", risk: "", state: "" };
  type Line = typeof last;
  const columns: readonly Column<Line>[] = [
    { title: "WAVE", of: (row) => row.wave, align: "right" },
    { title: "DEVICES", of: (row) => row.devices, align: "right" },
    { title: "WHAT", of: (row) => row.what },
    { title: "EST.", of: (row) => row.time, align: "right" },
    { title: "LAN", of: (row) => row.lan, align: "right" },
    { title: "RULES OUT", of: (row) => row.proof, align: "right" },
    { title: "RISK", of: (row) => row.risk },
    ...(rows.some(({ state }) => state !== "") ? [{ title: "STATE", of: (row: Line) => row.state }] : []),
  ];
  return renderTable(columns, held.count === 0 ? rows : [...rows, last]);
}

/** What is given up for a while: whoever approves the plan approves it. */
export function outagesText(outages: PlanAnswer["outages"]): string {
  if (outages === undefined || outages === null) return "";
  const { count, first } = outages;
  const lines = first.map(({ domain, devices, keeps, usually }) => `  ${domain}: ${keeps} of ${devices} stay up, not ${usually}\n`);
  const more = count > first.length ? `  and ${count - first.length} more\n` : "";
  return `${counted(count, "planned outage")}, approved with the plan:\n${lines.join("")}${more}`;
}

function stateText({ state, done, devices }: PlannedWaveAnswer): string {
  if (state === undefined || state === null) return "";
  return (done ?? 0) === 0 ? state : `${state} ${done}/${devices}`;
}

/** What whoever approves it has to know. */
export function gateText({ gate }: Pick<NonNullable<PlanAnswer["rollback"]>, "gate">): string {
  return gate === undefined || gate === null ? "" : `; gate "${gate.gate}" held its wave ${gate.wave}: ${gate.evidence}`;
}

function whatText({ index, models, only, along }: PlannedWaveAnswer): string {
  const parts = models.map(({ model, count }) => `${model} ×${count}`);
  const name = only === undefined ? "" : ` (${only})`;
  return `${index === 1 ? "canary " : ""}${parts.join(", ")}${name}${along === 0 ? "" : `, ${along} along`}`;
}

/** More are counted only. */
const LIMITS_SHOWN = 2;

function riskText({ oneWay, stones, limits }: PlannedWaveAnswer): string {
  const parts = [
    ...(oneWay === 0 ? [] : [`${oneWay} cannot go back`]),
    ...(stones.devices === 0 ? [] : [`${counted(stones.devices, "stepping stone")} (${stones.versions.join(", ")})`]),
    ...limits.first.slice(0, LIMITS_SHOWN).map(({ domain, atOnce }) => `${domain}: ${atOnce} at a time`),
    ...(limits.count > LIMITS_SHOWN ? [`${limits.count - LIMITS_SHOWN} more limits`] : []),
  ];
  return parts.length === 0 ? "–" : parts.join("; ");
}

/** Named in the table; the reasons stand below it. */
const NAMES_SHOWN = 4;

function heldNames(held: HeldSummary): string {
  const names = held.first.slice(0, NAMES_SHOWN).map(({ name, code }) => `${name} ${code}`);
  const already = alreadyOf(held);
  const more = held.count - already > names.length ? ["…"] : [];
  return [...names, ...more, ...(already === 0 ? [] : [`${already} alreadyCurrent`])].join("; ");
}

const alreadyOf = ({ codes }: HeldSummary): number => codes.find(({ code }) => code === "alreadyCurrent")?.count ?? 0;

/** More are counted by reason only. */
const HELD_SHOWN = 8;

export function heldText(heldBack: NonNullable<CampaignAnswer["heldBack"]>): string {
  return heldCountedText(heldSummary(heldBack, HELD_SHOWN));
}

/** `rest`: what lists those who are not shown. */
export function heldCountedText(held: HeldSummary, rest = "--json lists them"): string {
  const { count, first } = held;
  if (count === 0) return "Nobody is held back.\n";
  const already = alreadyOf(held);
  const shown = first.slice(0, HELD_SHOWN);
  const lines = shown.map(({ name, why, lifts }) => `  ${name}: ${why}${lifts ? `; lifted by: ${lifts}` : ""}\n`);
  const left = count - already - shown.length;
  const more = left > 0 ? `  and ${left} more; ${rest}\n` : "";
  return `${count} held back${already === 0 ? "" : `, ${already} of them there already`}\n${lines.join("")}${more}`;
}

/** `zone`: the site's; without it the window has no name. */
export function forecastText(forecast: PlanAnswer["forecast"], zone?: string): string {
  const { p50Ms, p90Ms, lanBytes, wanBytes, fitsWindow, window } = forecast;
  const wan = wanBytes === 0 ? "nothing over the uplink" : `${showBytes(wanBytes)} over the uplink`;
  const named = window !== undefined && window !== null && zone !== undefined && window.toMs - window.fromMs < DAY;
  const name = named ? showOpening(window, zone) : "the window it would start in";
  const spare = named ? ` with ${showDuration(window.toMs - window.fromMs - p90Ms)} to spare` : "";
  const fits = fitsWindow ? `fits ${name}${spare}` : `does not fit ${name}: it goes on in the next one`;
  return `About ${showDuration(p50Ms)}, nine times of ten within ${showDuration(p90Ms)}; ${fits}. ${showBytes(lanBytes)} on the LAN, ${wan}.\n`;
}

type Worst = NonNullable<PlanAnswer["forecast"]["worst"]>;

export function worstText(worst: Worst | null | undefined): string {
  if (worst === undefined || worst === null) return "";
  const said = ({ devices, phones, rooms, darkRooms }: Worst["bound"]): string => {
    const where = rooms === 0 ? "" : ` in ${counted(rooms, "room")}, ${darkRooms} of them with nothing left`;
    return `${counted(devices, "device")} (${counted(phones, "phone")})${where}`;
  };
  return `Down at once: at most ${said(worst.bound)}; likely ${said(worst.laid)}.\n`;
}

type Difference = NonNullable<PlanAnswer["difference"]>;

/** Of each kind; the rest is counted. */
const CHANGES_SHOWN = 8;

/** A way back is another way for every device: against the plan it takes back, all is different. */
export const changesText = ({ rollback, difference }: Partial<Pick<PlanAnswer, "rollback" | "difference">>): string =>
  difference === undefined || difference === null || (rollback ?? undefined) !== undefined ? "" : differenceText(difference);

export function differenceText(difference: Difference): string {
  const { parent, added, gone, moved, reasons, ways, settings, counts } = difference;
  const groups: readonly ChangesShown[] = [
    { kind: "added", one: "added", many: "added", lines: added.map(({ name, wave }) => `+ ${name}: wave ${wave}`) },
    { kind: "gone", one: "gone", many: "gone", lines: gone.map(goneText) },
    { kind: "moved", one: "moved", many: "moved", lines: moved.map(({ name, from, to }) => `~ ${name}: wave ${from} → ${to}`) },
    {
      ...{ kind: "ways", one: "other way", many: "other ways" },
      lines: ways.map(({ name, was, is }) => `~ ${name}: ${was.join(", ")} → ${is.join(", ")}`),
    },
    {
      ...{ kind: "reasons", one: "other reason", many: "other reasons" },
      lines: reasons.map(({ name, was, is }) => `! ${name}: ${was.code ?? was.at} → ${is.code ?? is.at}`),
    },
    {
      ...{ kind: "settings", one: "setting", many: "settings" },
      lines: settings.map(({ path, was, is }) => `= ${path}: ${was ?? "-"} → ${is ?? "-"}`),
    },
  ];
  const some = groups.map((group) => ({ ...group, count: counts[group.kind] ?? group.lines.length })).filter(({ count }) => count > 0);
  const head = `Against the plan ${parent.slice(0, 12)}…: `;
  if (some.length === 0) return `${head}nothing is different\n`;
  const lines = some.flatMap(({ lines: all, count }) => {
    const shown = all.slice(0, CHANGES_SHOWN);
    return [...shown.map((line) => `  ${line}\n`), ...(count > shown.length ? [`  and ${count - shown.length} more\n`] : [])];
  });
  return `${head}${some.map(({ count, one, many }) => `${count} ${count === 1 ? one : many}`).join(", ")}\n${lines.join("")}`;
}

interface ChangesShown {
  readonly kind: keyof Difference;
  readonly one: string;
  readonly many: string;
  readonly lines: readonly string[];
}

function goneText({ name, wave, is }: Difference["gone"][number]): string {
  return `- ${name}: was in wave ${wave}${is.at === "held" ? `; ${is.why ?? is.code ?? ""}` : ""}`;
}

function nextText(campaign: string, planHash: string, kept: boolean): string {
  if (!kept) return "Next: the same without --dry-run.\n";
  return `Campaign ${campaign}, plan hash ${planHash}\nNext, by another person: groundswell campaign approve ${campaign} --plan-hash ${planHash} --key FILE\n`;
}
