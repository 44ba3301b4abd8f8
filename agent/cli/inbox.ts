/**
 * `groundswell inbox list|adopt|ignore|explain`: new devices wait here for a person, unless a rule decided.
 */
import type { Command } from "commander";
import * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { type DecideOptions, decide } from "./decide.ts";
import { EXIT } from "./exit-codes.ts";
import { printList, usedColumns } from "./lists.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted, facts, whenFor } from "./show.ts";

export function addInbox(program: Command, run: Runner): void {
  const inbox = program.command("inbox").description("new devices: adopt them, ignore them, see why they wait");
  withGlobals(inbox.command("list").description("what waits"))
    .option("--ignored", "what is ignored instead")
    .option("--all", "both")
    .action(run(listInbox));
  for (const [verb, description] of [
    ["adopt", "take devices into care: they are watched, and may be updated"],
    ["ignore", "leave devices alone: they stay listed, and are never asked with a password"],
  ] as const) {
    withGlobals(inbox.command(verb).argument("<devices...>", "ids, MACs, names or addresses").description(description))
      .option("--dry-run", "show what would be done, and do nothing")
      .action(run((cli, options: DecideOptions, devices) => decideOn(cli, verb, options, devices)));
  }
  withGlobals(inbox.command("explain").argument("<device>", "id, MAC, name or address").description("why a device is where it is")).action(
    run(explain),
  );
}

const newFields = {
  device: z.string(),
  name: z.string(),
  standing: z.string(),
  model: z.string().optional(),
  mac: z.string().optional(),
  serial: z.string().optional(),
  family: z.string().optional(),
  address: z.string().optional(),
  coverage: z.string().optional(),
  why: z.string(),
  sources: z.array(z.string()),
  conflicts: z.number(),
  firstSeen: z.string(),
  lastSeen: z.string(),
};
const inboxSchema = z.object({ devices: z.array(z.looseObject(newFields)) });
type Waiting = z.infer<typeof inboxSchema>["devices"][number];

async function listInbox(cli: Cli, { ignored, all }: { readonly ignored?: boolean; readonly all?: boolean }): Promise<number> {
  const which = all === true ? "all" : ignored === true ? "ignored" : "waiting";
  const { result } = await cli.doors.ask("inbox.list", { which });
  const { devices } = readResult(inboxSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<Waiting>[] = [
    { title: "DEVICE", of: ({ device }) => device },
    { title: "STANDING", of: ({ standing }) => standing },
    { title: "MODEL", of: ({ model }) => model ?? "-" },
    { title: "ADDRESS", of: ({ address }) => address ?? "-" },
    { title: "COVERAGE", of: ({ coverage }) => coverage ?? "-" },
    { title: "SEEN BY", of: ({ sources }) => sources.join(", ") },
    { title: "CONFLICTS", of: ({ conflicts }) => (conflicts === 0 ? "" : String(conflicts)), align: "right" },
    { title: "FIRST SEEN", of: ({ firstSeen }) => when(firstSeen) },
    { title: "WHY", of: ({ why }) => why },
  ];
  printList(cli, { result, schema: "groundswell.inbox/1", rowSchema: "groundswell.inbox-row/1" }, devices, {
    columns: cli.out.mode === "text" ? usedColumns(columns, devices) : columns,
    empty: which === "ignored" ? "No device is ignored." : "Nothing waits. What is in care: groundswell device list",
  });
  if (cli.out.mode === "text" && devices.length > 0)
    cli.out.note(`${counted(devices.length, "device")}. Next: groundswell inbox adopt DEVICE…, or ignore`);
  return EXIT.done;
}

const decidedSchema = z.object({
  devices: z.array(z.object({ device: z.string(), name: z.string(), was: z.string() })),
  refused: z.array(z.object({ device: z.string(), why: z.string() })),
});

function decideOn(cli: Cli, verb: "adopt" | "ignore", options: DecideOptions, devices: readonly string[]): Promise<number> {
  return decide(cli, options, {
    verb: `inbox.${verb}`,
    args: { devices },
    preview: (shown) => {
      const made = readResult(decidedSchema, shown);
      const now = verb === "adopt" ? "in care" : "ignored";
      return [
        ...made.devices.map(({ name, device, was }) => `${name} (${device}): ${was}, then ${now}`),
        ...made.refused.map(({ why }) => `Not done: ${why}`),
      ];
    },
  });
}

const explainedSchema = z.object({
  device: z.object(newFields),
  judgement: z.object({ verdict: z.string(), why: z.string() }),
  evidence: z.array(z.object({ source: z.string(), at: z.string(), address: z.string().optional(), what: z.string() })),
  conflicts: z.array(z.string()),
});

async function explain(cli: Cli, _options: object, [of = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("inbox.explain", { of });
  if (readsJson(cli)) {
    printDocument(cli, result as object);
    return EXIT.done;
  }
  const { device, judgement, evidence, conflicts } = readForPeople(explainedSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const known = facts([
    ["standing", `${device.standing}: ${device.why}`],
    ["rules say", `${judgement.verdict}: ${judgement.why}`],
    ["model", device.model],
    ["MAC", device.mac],
    ["serial", device.serial],
    ["address", device.address],
    ["coverage", device.coverage ?? "not known"],
    ["first seen", when(device.firstSeen)],
  ]);
  const seen = evidence.map(({ source, at, address, what }) => `    ${when(at)}  ${source}  ${address ?? ""}  ${what}`.trimEnd());
  const text = [
    `${device.name} (${device.device})`,
    known.trimEnd(),
    ...(conflicts.length === 0 ? [] : ["  in conflict", ...conflicts.map((line) => `    ${line}`)]),
    ...(seen.length === 0 ? [] : ["  seen", ...seen]),
  ].join("\n");
  cli.out.one("groundswell.inbox-explained/1", {}, text);
  return EXIT.done;
}
