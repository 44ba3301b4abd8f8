/**
 * `groundswell status`: is anything broken for people, what happens next, is the agent itself well. Exit 0 where it answers.
 */

import type { Command } from "commander";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { countsText, nextStep } from "./coverage-view.ts";
import { EXIT } from "./exit-codes.ts";
import { killedName } from "./kill.ts";
import { type Health, showState } from "./output.ts";
import { recordLines } from "./record-lines.ts";
import { readForPeople, type Status, statusSchema } from "./results.ts";
import { counted, expiry, facts, momentOf, relative, roughly, wallTime } from "./show.ts";
import { sourceLine } from "./source-lines.ts";

type Line = readonly [name: string, value: string | undefined];
type Show = (health: Health, word: string) => string;

export function addStatus(program: Command, run: Runner): void {
  const status = program.command("status").description("show how the site and its agent are; with --quiet only the exit code tells");
  withGlobals(status).action(run(showStatus));
}

async function showStatus(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("agent.status");
  if (cli.options.quiet === true) return EXIT.done;
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.status/1", ...(result as object) });
  else cli.out.one("groundswell.status/1", {}, statusText(readForPeople(statusSchema, result), cli.out.colour));
  return EXIT.done;
}

function statusText(status: Status, colour: boolean): string {
  const { site, now, upSince, clock } = status;
  const nowMs = momentOf(now) ?? 0;
  const sinceMs = momentOf(upSince);
  const head = [
    site.name,
    `site ${site.id}`,
    `agent ${status.agentVersion}`,
    ...(sinceMs === undefined ? [] : [`up ${roughly(nowMs - sinceMs)}`]),
    ...(clock === undefined || clock === null || clock.factor === 1 ? [] : [`clock ×${clock.factor}, shows ${now}`]),
  ];
  const state = (health: Health, word: string): string => showState(health, { colour, word });
  const lines: Line[] = [
    ["centre", centreLine(status, nowMs, state)],
    ["commands", commandsLine(status, state)],
    ...clockLines(status, state),
    ["devices", devicesLine(status, state)],
    ...modelLines(status),
    ["coverage", coverageLine(status)],
    ["conditions", conditionsLine(status)],
    ["tickets", ticketsLine(status)],
    ...killLines(status, state),
    ...campaignLines(status),
    ["window", windowLine(status, nowMs)],
    ["firmware", firmwareLine(status, nowMs)],
    ...(status.sources ?? []).map((source): Line => ["firmware", sourceLine(source, nowMs)]),
    ["discovery", discoveryLine(status)],
    ["phones", provisioningLine(status)],
    ...recordLines(status.records, nowMs),
  ];
  return `${head.join(" · ")}\n${facts(lines)}`;
}

function centreLine({ broker, outbox }: Status, nowMs: number, state: Show): string {
  const sinceMs = momentOf(broker?.since);
  const since = sinceMs === undefined ? "" : ` ${roughly(nowMs - sinceMs)}`;
  const waits =
    outbox === undefined || outbox === null ? "" : `    outbox ${counted(outbox.waiting, "message")}${oldest(outbox.oldest, nowMs)}`;
  if (broker === undefined || broker === null || !broker.configured) return `${state("unknown", "none is configured")}${waits}`;
  return `${broker.connected ? state("ok", `connected${since}`) : state("warning", `away${since}${typeof broker.fault === "string" ? `: ${broker.fault}` : ""}`)}${waits}`;
}

function oldest(iso: string | null | undefined, nowMs: number): string {
  return iso === undefined || iso === null ? "" : ` (oldest ${relative(iso, nowMs)})`;
}

function commandsLine({ commands }: Status, state: Show): string | undefined {
  return typeof commands?.trouble === "string" ? state("warning", commands.trouble) : undefined;
}

function devicesLine({ devices }: Status, state: Show): string {
  const { total, online, suspect, offline, unknown } = devices;
  if (total === 0) return "none known yet  →  groundswell discover";
  const parts = [
    state("ok", `${online} online`),
    ...(suspect > 0 ? [state("warning", `${suspect} suspect`)] : []),
    ...(offline > 0 ? [state("error", `${offline} offline`)] : []),
    ...(unknown > 0 ? [state("unknown", `${unknown} unknown`)] : []),
  ];
  return `${parts.join("  ")}    ${total} total`;
}

function modelLines({ devices }: Status): Line[] {
  return (devices.byModel ?? []).map(({ model, count, versions }): Line => {
    const running = (versions ?? []).map((one) => `${one.version ?? "unknown"} ×${one.count}`).join(", ");
    return ["", `${model ?? "unknown model"}: ${count}${running === "" ? "" : `  (${running})`}`];
  });
}

function coverageLine({ coverage }: Status): string | undefined {
  if (coverage === undefined || coverage === null) return undefined;
  const next = nextStep(coverage);
  const what = coverage.lists === 0 ? "no list of entitlements taken in yet" : countsText(coverage);
  return `${what}${next === undefined ? "" : `  →  ${next}`}`;
}

function conditionsLine({ conditions }: Status): string | undefined {
  if (conditions === undefined || conditions === null) return undefined;
  if (conditions.open === 0) return "none open";
  const kinds = (conditions.byKind ?? []).map(({ kind, count }) => `${kind} ${count}`).join(", ");
  return `${conditions.open} open${kinds === "" ? "" : `: ${kinds}`}  →  groundswell device list`;
}

function ticketsLine({ tickets }: Status): string | undefined {
  if (tickets === undefined || tickets === null) return undefined;
  if (tickets.open === 0 && tickets.undelivered === 0) return "none open";
  return `${tickets.open} open, ${tickets.undelivered} not delivered  →  groundswell ticket list`;
}

function clockLines({ clock, now }: Status, state: Show): Line[] {
  const why = typeof clock?.heldWhy === "string" ? clock.heldWhy : "";
  const loose: Line[] =
    clock?.held === "no"
      ? [["clock", state("error", `no time server holds it (${why}): only looking, pausing and halting until then`)]]
      : [];
  if (typeof clock?.hasShown !== "string") return loose;
  const words = `shows ${now} and has shown ${clock.hasShown}: nothing starts until then`;
  return [...loose, ["clock", `${state("error", words)}  →  groundswell clock accept --reason TEXT`]];
}

function killLines({ kills }: Status, state: Show): Line[] {
  return (kills ?? []).map(({ scope, by, reason }): Line => {
    const why = reason === "" ? "" : `: ${reason}`;
    return ["kill switch", state("error", `on for ${killedName(scope)}, by ${by}${why}`)];
  });
}

function campaignLines({ campaigns }: Status): Line[] {
  if (campaigns === undefined || campaigns === null) return [];
  if (campaigns.length === 0) return [["campaign", "none  →  groundswell campaign plan RELEASE --dry-run"]];
  return campaigns.map(({ campaign, state, release, planned, done, why }): Line => {
    const what = releaseName(release);
    const reason = why === undefined || why === null ? "" : ` (${why})`;
    return ["campaign", `${campaign} ${state}${reason}, ${what === "" ? "" : `${what}, `}${done} of ${planned} done`];
  });
}

/** Stated as an id or as a small document. */
export function releaseName(release: unknown): string {
  if (typeof release === "string") return release;
  if (typeof release !== "object" || release === null) return "";
  const { title, id } = release as { readonly title?: unknown; readonly id?: unknown };
  return typeof title === "string" ? title : typeof id === "string" ? id : "";
}

function windowLine({ window }: Status, nowMs: number): string {
  if (window === undefined || window === null) return "none is configured: no campaign can start";
  const { open, until, opens, zone } = window;
  const at = (iso: string | null | undefined): string =>
    iso === undefined || iso === null ? "" : ` ${relative(iso, nowMs)} (${wallTime(iso, zone)})`;
  return open
    ? `open${until === undefined || until === null ? "" : `, closes${at(until)}`}`
    : `closed${opens === undefined || opens === null ? "" : `, opens${at(opens)}`}`;
}

function firmwareLine({ catalogue }: Status, nowMs: number): string | undefined {
  if (catalogue === undefined) return undefined;
  if (catalogue === null) return "no catalogue read yet  →  groundswell firmware sync";
  const parts = [`catalogue ${catalogue.version}`, counted(catalogue.releases, "release")];
  if (momentOf(catalogue.lastSync) !== undefined) parts.push(`read ${relative(catalogue.lastSync, nowMs)}`);
  if (momentOf(catalogue.expires) !== undefined) parts.push(expiry(catalogue.expires, nowMs));
  if (typeof catalogue.fault === "string") parts.push(catalogue.fault);
  return parts.join(", ");
}

function discoveryLine({ discovery }: Status): string | undefined {
  if (discovery === undefined || discovery === null || discovery.phase === "done") return undefined;
  return `${discovery.phase}: ${discovery.asked} of ${discovery.total} addresses asked, ${discovery.found} found`;
}

function provisioningLine({ provisioning }: Status): string | undefined {
  if (provisioning === undefined || provisioning === null) return undefined;
  const { host, port, mode, upstream } = provisioning;
  const at = `are served ${mode === "image-only" ? "images alone " : ""}at ${host}:${port}`;
  if (upstream === undefined || upstream === null) return at;
  const { down } = upstream;
  const trouble = down === undefined || down === null ? "" : `, which does not answer (${down.why}) since ${down.since}`;
  return `${at}, in front of ${upstream.url}${trouble}`;
}
