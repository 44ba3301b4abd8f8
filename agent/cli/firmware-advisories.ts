/** `groundswell firmware advisories [ID]`: known vulnerabilities, whom they concern here, what fixes them, and the plan that does. */
import type { Command } from "commander";
import * as z from "zod";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import { type Column, renderTable, safeText } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted } from "./show.ts";

const proposalSchema = z.object({ release: z.string(), version: z.string(), step: z.string(), devices: z.number(), command: z.string() });
type Proposal = z.infer<typeof proposalSchema>;

const deviceSchema = z.object({
  device: z.string(),
  name: z.string(),
  model: z.string().nullable(),
  running: z.string().nullable(),
  state: z.string(),
  why: z.string(),
  reachable: z.array(z.object({ what: z.string(), state: z.string(), how: z.string() })),
  fix: z.object({
    how: z.string(),
    release: z.string().optional(),
    version: z.string().optional(),
    first: z.object({ release: z.string(), version: z.string() }).optional(),
    why: z.string().optional(),
    lifts: z.string().optional(),
  }),
});
type Concerned = z.infer<typeof deviceSchema>;

const advisorySchema = z.looseObject({
  advisory: z.string(),
  also: z.array(z.string()),
  title: z.string(),
  partners: z.boolean(),
  affects: z.array(
    z.object({ models: z.array(z.string()), versions: z.string(), fixedIn: z.string().optional(), mark: z.string(), source: z.string() }),
  ),
  reachableWhen: z.array(z.string()),
  namedBy: z.array(z.string()),
  affected: z.number(),
  possible: z.number(),
  fixable: z.number(),
  fixedBy: z.array(z.string()),
  proposals: z.array(proposalSchema),
  devices: z.array(deviceSchema).optional(),
});
type Listed = z.infer<typeof advisorySchema>;
const advisoriesSchema = z.object({ looked: z.number(), releases: z.number(), advisories: z.array(advisorySchema) });

export function addFirmwareAdvisories(firmware: Command, run: Runner): void {
  withGlobals(
    firmware
      .command("advisories")
      .argument("[id]", "one of them, such as CVE-2026-0826: with its devices")
      .description("known vulnerabilities, which devices they concern, and which release at hand fixes them"),
  )
    .option("--propose", "print the plans that fix them; nothing is planned by it")
    .action(run(showAdvisories));
}

async function showAdvisories(
  cli: Cli,
  { propose = false }: { readonly propose?: boolean },
  [advisory]: readonly string[],
): Promise<number> {
  const { result } = await cli.doors.ask("firmware.advisories", advisory === undefined ? {} : { advisory });
  if (advisory === undefined && !propose) return listAll(cli, result);
  const { advisories } = readForPeople(advisoriesSchema, result);
  const proposals = advisories.flatMap((one) => one.proposals);
  if (readsJson(cli)) printDocument(cli, result as object);
  else if (propose) cli.out.one("groundswell.advisories/1", {}, proposalText(advisories, advisory));
  else cli.out.one("groundswell.advisories/1", {}, advisories.map((one) => advisoryText(one, cli.out.mode === "plain")).join("\n"));
  return propose && proposals.length === 0 && advisories.some(concerns) ? EXIT.nothingMatched : EXIT.done;
}

const concerns = ({ affected, possible }: Listed): boolean => affected + possible > 0;

function listAll(cli: Cli, result: unknown): number {
  const { advisories, looked, releases } = readResult(advisoriesSchema, result);
  const columns: readonly Column<Listed>[] = [
    { title: "ADVISORY", of: ({ advisory }) => advisory },
    { title: "AFFECTED", of: ({ affected }) => String(affected), align: "right" },
    { title: "POSSIBLE", of: ({ possible }) => String(possible), align: "right" },
    { title: "FIXABLE", of: ({ fixable }) => String(fixable), align: "right" },
    { title: "BY", of: ({ fixedBy }) => fixedBy.join(", ") || "-" },
    { title: "WHAT", of: ({ title, partners }) => (partners ? `${title} (the partner's own)` : title) },
  ];
  printList(cli, { result, schema: "groundswell.advisories/1", rowSchema: "groundswell.advisory/1" }, advisories, {
    columns,
    empty: "No advisory is known.",
  });
  if (cli.out.mode !== "text") return EXIT.done;
  const found = advisories.filter(concerns).length;
  if (looked === 0) cli.out.note("No device is known yet. Look for them with: groundswell discover");
  else
    cli.out.note(
      `${counted(looked, "device")} looked at; ${found === 0 ? "none of these concerns one" : `${found} of ${advisories.length} concern some`}`,
    );
  if (releases === 0) cli.out.note("No release is at hand: read the channel with: groundswell firmware sync");
  if (found > 0) cli.out.note("One with its devices: groundswell firmware advisories ID; the plans that fix: --propose");
  return EXIT.done;
}

function advisoryText(one: Listed, plain: boolean): string {
  const { advisory, also, title, partners, affects, reachableWhen, namedBy, devices = [] } = one;
  const ranges = affects.map(
    ({ models, versions, fixedIn, mark, source }) =>
      `  ${models.join(", ")}: ${versions}${fixedIn === undefined ? "" : `; fixed in ${fixedIn}`} [${mark}: ${source}]\n`,
  );
  if (plain) return devices.map((row) => `${COLUMNS.map(({ of }) => safeText(of(row)) || "-").join("\t")}\n`).join("");
  const head = [
    `${[advisory, ...also].join(", ")}: ${title}\n`,
    ...ranges,
    reachableWhen.length === 0 ? "" : `  Reachable when ${reachableWhen.join(" and ")}\n`,
    namedBy.length === 0 ? "" : `  Named by ${namedBy.join(", ")}\n`,
    partners ? "  Devices of their models that run something older are taken for affected [uncertain]\n" : "",
  ].join("");
  if (devices.length === 0) return `${head}No device here is concerned.\n`;
  const stuck = devices.filter(({ fix }) => fix.how === "none" || fix.how === "held");
  const cannot = stuck
    .slice(0, NAMED_MAX)
    .map(({ name, fix }) => `  ${name}: ${fix.why ?? ""}${fix.lifts === undefined ? "" : `; lifted by: ${fix.lifts}`}\n`);
  const more = stuck.length > NAMED_MAX ? `  and ${stuck.length - NAMED_MAX} more; --json lists them\n` : "";
  const left = stuck.length === 0 ? "" : `${counted(stuck.length, "device")} cannot be fixed now:\n${cannot.join("")}${more}`;
  const next = one.proposals.length === 0 ? "" : `The plans that fix: groundswell firmware advisories ${advisory} --propose\n`;
  return `${head}${renderTable(COLUMNS, devices)}${evidence(devices)}${left}${next}`;
}

/** Devices that cannot be fixed, and those whose reach is told, named one by one. */
const NAMED_MAX = 20;

const REACHED: Readonly<Record<string, string>> = { yes: "yes", no: "no", notKnown: "not known" };

/** All are needed: one that is missing closes the way, one that is not known leaves it open. */
function reachText({ reachable }: Concerned): string {
  if (reachable.length === 0) return "-";
  if (reachable.some(({ state }) => state === "no")) return "no";
  return reachable.every(({ state }) => state === "yes") ? "yes" : "not known";
}

const COLUMNS: readonly Column<Concerned>[] = [
  { title: "NAME", of: ({ name }) => name },
  { title: "MODEL", of: ({ model }) => model ?? "-" },
  { title: "RUNNING", of: ({ running }) => running ?? "-" },
  { title: "STATE", of: ({ state }) => state },
  { title: "REACHABLE", of: reachText },
  { title: "FIXED BY", of: fixText },
];

function fixText({ fix: { how, release, version, first } }: Concerned): string {
  if (how === "none") return "-";
  const by = `${version ?? ""} (${release ?? ""})`;
  if (how === "held") return `${by}, not now`;
  return how === "steps" && first !== undefined ? `${by}, first ${first.version} (${first.release})` : by;
}

/** What was really told of it. */
function evidence(devices: readonly Concerned[]): string {
  const told = devices.flatMap(({ name, reachable }) =>
    reachable
      .filter(({ state }) => state !== "notKnown")
      .map(({ what, state, how }) => `  ${name}: ${what}: ${REACHED[state] ?? state}, ${how}\n`),
  );
  return `${told.slice(0, NAMED_MAX).join("")}${told.length > NAMED_MAX ? `  and ${told.length - NAMED_MAX} more; --json lists them\n` : ""}`;
}

function proposalText(advisories: readonly Listed[], asked: string | undefined): string {
  const text = advisories
    .filter(({ proposals }) => proposals.length > 0)
    .map(({ advisory, title, proposals }) => `# ${advisory}: ${title}\n${proposals.map(commandText).join("")}`)
    .join("");
  if (text !== "") return `${text}# Each with --dry-run first; a plan is approved by another person before anything moves.\n`;
  const concerned = advisories.filter(concerns);
  if (concerned.length === 0)
    return asked === undefined ? "No device here is concerned by any advisory.\n" : "No device here is concerned.\n";
  return `No release at hand fixes what is open: ${concerned.map(({ advisory }) => advisory).join(", ")}. Why: groundswell firmware advisories ID\n`;
}

const commandText = ({ step, devices, version, command }: Proposal): string =>
  `# ${counted(devices, "device")} to ${version}${step === "first" ? ", the first of several steps: the same again afterwards" : ""}\n${command}\n`;
