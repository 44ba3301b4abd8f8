/** `groundswell campaign show CAMPAIGN [--devices]`: the plan that is kept, whatever became of it. */
import { agentNowMs } from "./agent-clock.ts";
import {
  changesText,
  forecastText,
  headText,
  heldCountedText,
  moreWavesText,
  outagesText,
  wavesTable,
  worstText,
} from "./campaign-plan-view.ts";
import {
  type HeldDevice,
  heldDevicesSchema,
  type PlannedDevice,
  pieceSchema,
  plannedDevicesSchema,
  plannedWavesSchema,
  type ShownPlan,
  shownPlanSchema,
} from "./campaign-show-results.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { usedColumns } from "./lists.ts";
import { type Column, renderPlain, renderTable } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted, whenFor } from "./show.ts";

const SCHEMA = "groundswell.campaign-plan/1";
/** A piece is of 500 devices, fewer where they say much: far above any site. */
const PIECES_MAX = 1_000;

interface ShowOptions {
  readonly devices?: boolean;
  readonly wave?: number;
}

export async function showPlan(cli: Cli, { devices, wave }: ShowOptions, [campaign = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("campaign.show", { campaign });
  const plan = readForPeople(shownPlanSchema, result);
  const lists = devices === true || wave !== undefined ? await devicesOf(cli, plan, wave) : undefined;
  if (readsJson(cli)) {
    printDocument(cli, { schema: SCHEMA, ...(result as object), ...lists });
    return EXIT.done;
  }
  const waves = lists?.waves === undefined ? plan.waves : readForPeople(plannedWavesSchema, lists.waves);
  const tasks = readForPeople(plannedDevicesSchema, lists?.tasks ?? []);
  const held = readForPeople(heldDevicesSchema, lists?.held ?? []);
  if (cli.out.mode === "plain" && lists !== undefined) cli.io.out(renderPlain(TASK_COLUMNS, tasks));
  else {
    const when = whenFor(cli.out.mode, await agentNowMs(cli));
    cli.out.one(SCHEMA, {}, `${planShown({ ...plan, waves }, when)}${lists === undefined ? "" : devicesText(tasks, held)}`);
  }
  return EXIT.done;
}

interface Lists {
  readonly waves?: readonly object[];
  readonly tasks: readonly object[];
  readonly held: readonly object[];
}

/** All of both lists, in the plan's order, and the waves where the summary does not have all; or the tasks of one wave. */
async function devicesOf(cli: Cli, plan: ShownPlan, wave: number | undefined): Promise<Lists> {
  const count = plan.waveCount ?? plan.waves.length;
  if (wave !== undefined) {
    if (wave > count) throw new CliError(`No wave ${wave} in campaign ${plan.campaign}: it has ${count}`, EXIT.nothingMatched);
    return { tasks: await wholeList(cli, plan, { list: "tasks", wave }), held: [] };
  }
  const tasks = await wholeList(cli, plan, { list: "tasks" });
  const waves = count > plan.waves.length ? { waves: await wholeList(cli, plan, { list: "waves" }) } : {};
  return { ...waves, tasks, held: plan.heldBack.count === 0 ? [] : await wholeList(cli, plan, { list: "heldBack" }) };
}

interface Wanted {
  readonly list: "tasks" | "heldBack" | "waves";
  readonly wave?: number;
}

/** Piece by piece, until nothing comes after it. */
async function wholeList(cli: Cli, { campaign, planHash }: ShownPlan, wanted: Wanted): Promise<readonly object[]> {
  const all: object[] = [];
  for (let pieces = 0; pieces < PIECES_MAX; pieces++) {
    const { result } = await cli.doors.ask("campaign.show", { campaign, ...wanted, offset: all.length });
    const piece = readResult(pieceSchema, result);
    if (piece.planHash !== planHash) break;
    all.push(...(piece.devices ?? piece.waves ?? []));
    if (typeof piece.next !== "number") return all;
    if (piece.next !== all.length) break;
  }
  throw new CliError("The pieces of the plan do not fit each other", EXIT.failed, "Ask again; without --devices its summary is shown.");
}

type When = (iso: string | null | undefined) => string;

function planShown(plan: ShownPlan, when: When): string {
  const { campaign, state, why, author, reason, created, started, heldBack, forecast, planned } = plan;
  const began = typeof started === "string" ? `, started ${when(started)}` : "";
  return [
    `Campaign ${campaign}: ${state}${why ? `: ${why}` : ""}\n`,
    headText({ ...plan, planned, held: heldBack.count }),
    `Planned ${when(created)} by ${author}${reason ? `: ${reason}` : ""}${began}\n`,
    wavesTable(plan.waves, heldBack),
    moreWavesText(plan, "--devices"),
    outagesText(plan.outages),
    heldCountedText(heldBack, "--devices lists them"),
    forecastText(forecast, plan.zone ?? undefined),
    worstText(forecast.worst),
    parentText(plan),
    changesText(plan),
    approvalsText(plan, when),
    `Plan hash ${plan.planHash}\n`,
  ].join("");
}

function parentText({ parent }: ShownPlan): string {
  if (parent === undefined || parent === null) return "";
  const { campaign, state, planHash } = parent;
  if (typeof campaign !== "string") return `Made from the plan ${planHash.slice(0, 12)}…, which is not kept here any more\n`;
  return `Made from the plan of campaign ${campaign}${typeof state === "string" ? ` (${state})` : ""}\n`;
}

function approvalsText({ approvals: { needed, given, validUntil } }: ShownPlan, when: When): string {
  const by = given.map(({ person, at }) => `${person} ${when(at)}`).join(", ");
  const until = typeof validUntil === "string" ? `; it has to start by ${when(validUntil)}` : "";
  return `${given.length} of ${counted(needed, "approval")}${by === "" ? "" : `: ${by}`}${until}\n`;
}

const TASK_COLUMNS: readonly Column<PlannedDevice>[] = [
  { title: "WAVE", of: ({ wave }) => (typeof wave === "number" ? String(wave) : "-"), align: "right" },
  { title: "DEVICE", of: ({ name }) => name },
  { title: "MODEL", of: ({ model }) => model },
  { title: "FROM", of: ({ from }) => from },
  { title: "TO", of: ({ to }) => to },
  {
    title: "OVER",
    of: ({ legs }) =>
      legs
        .slice(0, -1)
        .map((leg) => leg.to)
        .join(", "),
  },
  { title: "ROOM", of: ({ room }) => room ?? "" },
  { title: "ALONG", of: ({ along }) => (along ?? []).join(", ") },
  { title: "STATE", of: ({ at }) => at ?? "-" },
  { title: "WHY", of: ({ why }) => why ?? "" },
];
const HELD_COLUMNS: readonly Column<HeldDevice>[] = [
  { title: "HELD BACK", of: ({ name }) => name },
  { title: "CODE", of: ({ code }) => code },
  { title: "WHY", of: ({ why }) => why },
  { title: "LIFTED BY", of: ({ lifts }) => lifts ?? "" },
];

function devicesText(tasks: readonly PlannedDevice[], held: readonly HeldDevice[]): string {
  const heldTable = held.length === 0 ? "" : `\n${renderTable(usedColumns(HELD_COLUMNS, held), held)}`;
  return `\n${renderTable(usedColumns(TASK_COLUMNS, tasks), tasks)}${heldTable}`;
}
