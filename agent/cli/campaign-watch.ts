/**
 * `groundswell campaign status [--watch]`, `campaign watch`: where a campaign stands; every waiting device says why.
 */

import type { Ms } from "../../protocols/core/time.ts";
import { agentNowMs } from "./agent-clock.ts";
import { gatesText } from "./campaign-gates.ts";
import { joinedText } from "./campaign-joined.ts";
import { liveLines } from "./campaign-live.ts";
import { heldText } from "./campaign-plan-view.ts";
import { type CampaignAnswer, campaignSchema, type TaskAnswer } from "./campaign-results.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { usedColumns } from "./lists.ts";
import { pause } from "./meanwhile.ts";
import { type Column, type Health, renderPlain, renderTable, showState } from "./output.ts";
import { readForPeople } from "./results.ts";
import { createScreen, type Screen } from "./screen.ts";
import { counted, relative, whenFor } from "./show.ts";

const ENDS: Readonly<Record<string, number>> = {
  completed: EXIT.done,
  completedWithFailures: EXIT.partly,
  halted: EXIT.refusedByPolicy,
  expired: EXIT.refusedByPolicy,
  superseded: EXIT.refusedByPolicy,
  rolledBack: EXIT.done,
  closed: EXIT.partly,
};

/** A campaign for people, and as it came. */
interface Looked {
  readonly view: CampaignAnswer;
  readonly result: unknown;
}

export async function showCampaign(cli: Cli, { watch }: { readonly watch?: boolean }, [id]: readonly string[]): Promise<number> {
  if (watch === true) return watchCampaign(cli, {}, id === undefined ? [] : [id]);
  await print(cli, await look(cli, id));
  return EXIT.done;
}

/** A table drawn in place on a terminal, elsewhere each change as a line or a document. */
export async function watchCampaign(cli: Cli, _options: object, [id]: readonly string[]): Promise<number> {
  const { outIsTerminal, environment } = cli.io;
  const draws = cli.out.mode === "text" && outIsTerminal && environment["TERM"] !== "dumb";
  return follow(cli, await look(cli, id, draws), draws ? createScreen((text) => cli.io.out(text)) : undefined);
}

async function look(cli: Cli, id: string | undefined, live = false): Promise<Looked> {
  const args = { ...(id === undefined ? {} : { campaign: id }), ...(live ? { live } : {}), whole: true };
  const { result } = await cli.doors.ask("campaign.status", args);
  return { view: readForPeople(campaignSchema, result), result };
}

/** How long it still takes is worked out anew with every so many looks. */
const LIVE_EVERY = 10;
const ROWS = 24;

async function draw(cli: Cli, screen: Screen, view: CampaignAnswer, more: readonly string[] = []): Promise<void> {
  const { columns, rows = ROWS } = cli.io;
  // One line is left for what is said below it.
  const size = { width: columns, rows: rows - more.length, colour: cli.out.colour };
  screen.draw([...liveLines(view, await agentNowMs(cli), size), ...more]);
}

async function print(cli: Cli, { view, result }: Looked): Promise<void> {
  cli.out.settle();
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.campaign/1", ...(result as object) });
  else {
    const nowMs = await agentNowMs(cli);
    cli.io.out(cli.out.mode === "plain" ? renderPlain(taskColumns(cli, nowMs), view.tasks) : campaignText(cli, view, nowMs));
  }
}

/** Stays until the campaign ends; says each change once. A stop ends the watching, not the campaign. */
async function follow(cli: Cli, first: Looked, screen: Screen | undefined): Promise<number> {
  const id = first.view.campaign;
  let last: Looked | undefined;
  let now = first;
  for (let looks = 1; ; looks++) {
    if (readsJson(cli) && JSON.stringify(now.result) !== JSON.stringify(last?.result)) await print(cli, now);
    if (screen !== undefined) await draw(cli, screen, now.view);
    else if (!readsJson(cli)) tellChanges(cli, last?.view, now.view);
    const end = ENDS[now.view.state];
    if (end !== undefined) {
      if (!readsJson(cli)) await print(cli, now);
      return end;
    }
    last = now;
    try {
      await pause(cli);
      const { view, result } = await look(cli, id, screen !== undefined && looks % LIVE_EVERY === 0);
      now = { view: { ...view, live: view.live ?? last.view.live }, result };
    } catch (error) {
      if (cli.io.stop.aborted) return leave(cli, id);
      // The agent may restart while it is watched; anything else is an answer.
      if (!(error instanceof CliError) || (error.exitCode !== EXIT.daemonAway && error.exitCode !== EXIT.later)) throw error;
      if (screen === undefined) cli.out.note(SILENT);
      else await draw(cli, screen, now.view, [SILENT]);
    }
  }
}

const SILENT = "The agent does not answer; it is asked again";

function leave(cli: Cli, id: string): number {
  cli.out.note(`The campaign goes on without being watched. Stop it with: groundswell campaign halt ${id}`);
  return EXIT.done;
}

const FINAL = ["succeeded", "skipped", "failed", "lost", "refused", "replaced", "reverted", "revertFailed"];
const isDone = ({ at }: TaskAnswer): boolean => FINAL.includes(at);

function tellChanges(cli: Cli, before: CampaignAnswer | undefined, now: CampaignAnswer): void {
  if (before?.state !== now.state) cli.out.note(`campaign ${now.campaign} is ${now.state}${reason(now.why)}`);
  for (const wave of now.waves) {
    const earlier = before?.waves.find(({ index }) => index === wave.index);
    if (before !== undefined && earlier?.state !== wave.state)
      cli.out.note(`wave ${wave.index} of ${now.waves.length} is ${wave.state}${reason(wave.why)}`);
  }
  for (const task of before === undefined ? [] : now.tasks) {
    const earlier = before?.tasks.find(({ device }) => device === task.device);
    if (earlier?.at !== task.at && isDone(task)) cli.out.note(`${task.name} (${task.model}) ${task.at}${reason(task.why)}`);
  }
  const busy = now.tasks.filter((task) => !isDone(task) && !["planned", "staged"].includes(task.at));
  const counts = [...new Set(busy.map(({ at }) => at))].map((at) => `${busy.filter((task) => task.at === at).length} ${at}`);
  const what = `devices${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`;
  cli.out.progress({ done: now.tasks.filter(isDone).length, of: now.planned, what });
}

function reason(why: string | null | undefined): string {
  return why === undefined || why === null || why === "" ? "" : `: ${why}`;
}

function campaignText(cli: Cli, view: CampaignAnswer, nowMs: Ms): string {
  const { campaign, state, why, release, rollback, planned, tasks, waves, atRisk, heldBack, planHash } = view;
  const counts = Object.entries(view.counts).map(([at, count]) => `${at} ${count}`);
  const interesting = tasks.filter(({ at }) => !["succeeded", "reverted", "planned", "staged"].includes(at));
  const health: Health = ["paused", "halted", "completedWithFailures", "rollingBack", "closed"].includes(state) ? "warning" : "ok";
  const waveTable = renderTable(
    [
      { title: "WAVE", of: (wave) => String(wave.index), align: "right" },
      { title: "STATE", of: (wave) => wave.state },
      { title: "DONE", of: (wave) => `${wave.done}/${wave.devices}`, align: "right" },
      { title: "WHY", of: (wave) => wave.why ?? "" },
    ],
    waves,
  );
  return [
    `${campaign} · ${rollback === undefined || rollback === null ? "" : `back from `}${release.title} (${release.version}) · ${showState(health, { colour: cli.out.colour, word: state })}${reason(why)}\n`,
    `${counted(planned, "device")}: ${counts.join(", ")}; at risk now ${atRisk}\n`,
    waveTable,
    gatesText(waves, whenFor(cli.out.mode, nowMs)),
    interesting.length === 0 ? "" : renderTable(usedColumns(taskColumns(cli, nowMs), interesting), interesting),
    heldBack === undefined || heldBack === null || heldBack.length === 0 ? "" : heldText(heldBack),
    joinedText(view.joinedLater),
    `Plan hash ${planHash}\n${nextText(view)}`,
  ].join("");
}

/** What a person can do in this state. */
function nextText({ campaign, state, why, planHash }: CampaignAnswer): string {
  switch (state) {
    case "awaitingApproval":
      return `Next: groundswell campaign approve ${campaign} --plan-hash ${planHash} --key FILE\n`;
    case "armed":
      return `Next: groundswell campaign start ${campaign} --plan-hash ${planHash} --key FILE\n`;
    case "paused":
      return `Next: groundswell campaign resume ${campaign}${gateOption(why)}, or groundswell campaign halt ${campaign}\n`;
    case "running":
      return `Next: groundswell campaign status ${campaign} --watch\n`;
    case "halted":
      return `Next: groundswell campaign rollback ${campaign} --dry-run, or groundswell campaign close ${campaign} --reason TEXT\n`;
    default:
      return "";
  }
}

/** The gate stands quoted in the reason; only a hint is made from it. */
function gateOption(why: string | null | undefined): string {
  const gate = /^gate "(\w+)"/.exec(why ?? "")?.[1];
  return gate === undefined ? "" : ` --gate ${gate}`;
}

function taskColumns(cli: Cli, nowMs: Ms): readonly Column<TaskAnswer>[] {
  const when = whenFor(cli.out.mode, nowMs);
  return [
    { title: "DEVICE", of: ({ name }) => name },
    { title: "MODEL", of: ({ model }) => model },
    { title: "WAVE", of: ({ wave }) => String(wave), align: "right" },
    { title: "AT", of: ({ at, leg }) => (leg ? `${at} ${leg.number}/${leg.of}` : at) },
    { title: "TRIES", of: ({ attempts }) => String(attempts), align: "right" },
    { title: "WHY", of: ({ why }) => why ?? "" },
    { title: "SINCE", of: ({ since }) => when(since) },
    { title: "UNTIL", of: ({ until }) => (cli.out.mode === "text" ? relative(until, nowMs) : (until ?? "-")) },
    { title: "ENDED BY", of: ({ endedBy }) => endedBy ?? "" },
  ];
}
