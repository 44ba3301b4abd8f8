/**
 * `groundswell incident list|show`: what is wrong at the site, each cause once.
 */
import type { Command } from "commander";
import * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted, facts, relative, whenFor } from "./show.ts";

export function addIncident(program: Command, run: Runner): void {
  const incident = program.command("incident").description("what is wrong, each cause once");
  withGlobals(incident.command("list").description("open incidents, the oldest first, and what waits or is muted"))
    .option("--all", "ended ones too, the newest first")
    .action(run(listIncidents));
  withGlobals(
    incident
      .command("show")
      .argument("<id>", "the incident's number")
      .description("one cause: why we think so, what is inside, what to do"),
  ).action(run(showIncident));
}

const heldBackSchema = z.object({
  device: z.string().optional(),
  name: z.string().optional(),
  condition: z.string(),
  since: z.string(),
  why: z.string(),
  until: z.string().optional(),
});
type HeldBack = z.infer<typeof heldBackSchema>;

const incidentFields = {
  incident: z.number(),
  title: z.string(),
  kind: z.string(),
  state: z.string(),
  severity: z.string(),
  causeClass: z.string(),
  service: z.string().optional(),
  affected: z.number(),
  total: z.number(),
  since: z.string(),
  until: z.string().optional(),
  partOf: z.number().optional(),
  reopened: z.number(),
};

const listSchema = z.object({
  incidents: z.array(z.looseObject(incidentFields)),
  waitingCount: z.number(),
  waiting: z.array(heldBackSchema),
  mutedCount: z.number(),
  muted: z.array(heldBackSchema),
});
type Listed = z.infer<typeof listSchema>["incidents"][number];

/** Of what waits or is muted the first are named; `--json` has more. */
const NAMED_MAX = 5;

async function listIncidents(cli: Cli, { all = false }: { readonly all?: boolean }): Promise<number> {
  const { result } = await cli.doors.ask("incident.list", { all });
  const { incidents, waiting, waitingCount, muted, mutedCount } = readResult(listSchema, result);
  const nowMs = await agentNowMs(cli);
  const when = whenFor(cli.out.mode, nowMs);
  const columns: readonly Column<Listed>[] = [
    { title: "ID", of: ({ incident }) => String(incident), align: "right" },
    { title: "SEVERITY", of: ({ severity }) => severity },
    ...(all ? [{ title: "STATE", of: stateText }] : []),
    { title: "CLASS", of: ({ causeClass }) => causeClass },
    { title: "DEVICES", of: ({ affected, total }) => (total > 1 ? `${affected}/${total}` : String(affected)), align: "right" },
    { title: "SINCE", of: ({ since }) => when(since) },
    { title: "CAUSE", of: ({ title }) => title },
  ];
  printList(cli, { result, schema: "groundswell.incidents/1", rowSchema: "groundswell.incident-row/1" }, incidents, {
    columns,
    empty: all ? "There was no incident yet." : "No incident is open. Ended ones: groundswell incident list --all",
  });
  if (cli.out.mode !== "text") return EXIT.done;
  for (const [count, list, what] of [
    [waitingCount, waiting, "not decided yet"],
    [mutedCount, muted, "muted"],
  ] as const) {
    if (count === 0) continue;
    cli.out.note(`${counted(count, "condition")} ${what}:`);
    const named = list.slice(0, NAMED_MAX);
    for (const one of named) cli.out.note(`  ${heldText(one, nowMs)}`);
    if (count > named.length) cli.out.note(`  and ${count - named.length} more`);
  }
  if (incidents.length > 0) cli.out.note(`${counted(incidents.length, "incident")}. One in full: groundswell incident show ID`);
  return EXIT.done;
}

function stateText({ state, partOf }: Pick<Listed, "state" | "partOf">): string {
  return state === "partOf" && partOf !== undefined ? `part of ${partOf}` : state;
}

/** `Desk 5 deviceOffline: waits for sw-2 to be asked, at the latest in 90 s` */
function heldText({ name, device, condition, why, until }: HeldBack, nowMs: number): string {
  const end = until === undefined ? "" : `, at the latest ${relative(until, nowMs)}`;
  return `${name ?? device ?? "the site"} ${condition}: ${why}${end}`;
}

const incidentSchema = z.object({
  ...incidentFields,
  why: z.string(),
  advice: z.string(),
  conditions: z.array(
    z.object({
      device: z.string().optional(),
      name: z.string().optional(),
      condition: z.string(),
      severity: z.string(),
      since: z.string(),
      until: z.string().optional(),
      evidence: z.string(),
    }),
  ),
  muted: z.array(heldBackSchema),
});

async function showIncident(cli: Cli, _options: object, [text = ""]: readonly string[]): Promise<number> {
  const id = idOf(text);
  const { result } = await cli.doors.ask("incident.show", { incident: id });
  if (readsJson(cli)) {
    printDocument(cli, result as object);
    return EXIT.done;
  }
  const shown = readForPeople(incidentSchema, result);
  const nowMs = await agentNowMs(cli);
  const when = whenFor(cli.out.mode, nowMs);
  const head = facts([
    ["state", shown.reopened === 0 ? stateText(shown) : `${stateText(shown)}, came back ${counted(shown.reopened, "time")}`],
    ["severity", shown.severity],
    ["class", shown.causeClass],
    ["service", shown.service],
    ["devices", shown.total > 1 ? `${shown.affected} of ${shown.total}` : String(shown.affected)],
    ["since", when(shown.since)],
    ["until", shown.until === undefined ? undefined : when(shown.until)],
    ["why", shown.why],
    ["what to do", shown.advice],
  ]);
  const conditions = shown.conditions.map(({ name, device, condition, since, until, evidence }) => {
    const lasts = until === undefined ? `since ${when(since)}` : `${when(since)} until ${when(until)}`;
    return `    ${name ?? device ?? "the site"}  ${condition}, ${lasts}${evidence === "" ? "" : `: ${evidence.slice(0, 120)}`}\n`;
  });
  const muted = shown.muted.map((one) => `    ${heldText(one, nowMs)}\n`);
  cli.out.one(
    "groundswell.incident/1",
    {},
    [
      `${shown.title}\n${head}`,
      `  inside (${shown.conditions.length})\n${conditions.join("")}`,
      ...(muted.length === 0 ? [] : [`  muted (${muted.length})\n${muted.join("")}`]),
    ].join(""),
  );
  return EXIT.done;
}

function idOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CliError(`"${text}" is no number of an incident`, EXIT.usage, "groundswell incident list shows them.");
}
