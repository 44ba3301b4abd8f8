/**
 * `groundswell device conflicts|decisions|merge|split|undo|swap|retire|topology`.
 */
import type { Command } from "commander";
import * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { type DecideOptions, decide } from "./decide.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted, whenFor } from "./show.ts";
import { topologySchema, topologyText } from "./topology-view.ts";

export function addIdentity(device: Command, run: Runner): void {
  withGlobals(device.command("conflicts").description("identities that contradict each other, with what every side says"))
    .option("--all", "those that ended too")
    .action(run(listConflicts));
  withGlobals(device.command("decisions").description("merges and splits that people decided"))
    .option("--all", "those that were undone too")
    .action(run(listDecisions));
  deciding(
    device.command("merge").argument("<device>", "the one that stays").argument("<other>", "the one that becomes part of it"),
    "two are one: the other's history and whatever is seen of it belong to the first",
  ).action(run(merge));
  deciding(
    device.command("split").argument("<device>", "id, MAC, name or address").argument("[other]", "the device it is not"),
    "two are two, and stay so; or part of one is another: say what part by --serial, --mac or --address",
  )
    .option("--serial <serial>", "what states this serial is another device")
    .option("--mac <mac>", "what states this MAC is another device")
    .option("--address <address>", "what is seen at this address is another device")
    .action(run(split));
  deciding(device.command("undo").argument("<decision>", "id of a merge or split"), "take a merge or a split back").action(run(undo));
  deciding(
    device
      .command("swap")
      .argument("<old>", "the one that served")
      .argument("<new>", "the one that serves now; a MAC that is still to come will do"),
    "put other hardware into a place: name, room, lines, settings and history are the place's",
  ).action(run(swap));
  deciding(device.command("retire").argument("<device>", "id, MAC, name or address"), "take a device out of service until it is seen again")
    .option("--reason <text>", "why; it stands in the audit")
    .action(run(retire));
  withGlobals(
    device
      .command("topology")
      .argument("[device]", "what this one hangs on")
      .description("which switch, which port, who shares it, who is coupled"),
  )
    .option("--switch <switch>", "only this switch, by name or address")
    .action(run(topology));
}

function deciding(command: Command, description: string): Command {
  return withGlobals(command.description(description))
    .option("--dry-run", "show what would be done, and do nothing")
    .option("--yes", "without asking");
}

const side = z.object({
  device: z.string(),
  name: z.string(),
  claims: z.string(),
  source: z.string(),
  at: z.string(),
  evidence: z.string(),
});
const conflictsSchema = z.object({
  conflicts: z.array(
    z.looseObject({
      conflict: z.string(),
      what: z.string(),
      since: z.string(),
      until: z.string().optional(),
      ended: z.string().optional(),
      sides: z.array(side),
    }),
  ),
});

async function listConflicts(cli: Cli, { all }: { readonly all?: boolean }): Promise<number> {
  const { result } = await cli.doors.ask("device.conflicts", all === true ? { all } : {});
  if (readsJson(cli)) {
    printDocument(cli, result as object);
    return EXIT.done;
  }
  const { conflicts } = readForPeople(conflictsSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  if (conflicts.length === 0) {
    cli.out.note("No identity is in conflict.");
    return EXIT.done;
  }
  const text = conflicts.map(({ conflict, what, since, until, ended, sides }) => {
    const over = until === undefined ? "" : `, ended ${when(until)}: ${ended === "decided" ? "a person decided" : "its cause is gone"}`;
    const said = sides.map((one) => `    ${one.name} (${one.device})  ${one.claims}  by ${one.source} ${when(one.at)}  ${one.evidence}`);
    return [`${conflict}  ${what}`, `  since ${when(since)}${over}`, ...said].join("\n");
  });
  cli.out.one("groundswell.conflicts/1", {}, text.join("\n"));
  cli.out.note("They are one: groundswell device merge DEVICE OTHER. They are two: groundswell device split DEVICE OTHER");
  return EXIT.done;
}

const decisionsSchema = z.object({
  decisions: z.array(
    z.looseObject({
      decision: z.string(),
      kind: z.string(),
      keeps: z.string(),
      other: z.string(),
      at: z.string(),
      actor: z.string(),
      undone: z.string().optional(),
    }),
  ),
});

async function listDecisions(cli: Cli, { all }: { readonly all?: boolean }): Promise<number> {
  const { result } = await cli.doors.ask("device.decisions", all === true ? { all } : {});
  const { decisions } = readResult(decisionsSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  printList(cli, { result, schema: "groundswell.decisions/1", rowSchema: "groundswell.decision-row/1" }, decisions, {
    columns: [
      { title: "DECISION", of: ({ decision }) => decision },
      { title: "KIND", of: ({ kind }) => kind },
      { title: "DEVICE", of: ({ keeps }) => keeps },
      { title: "OTHER", of: ({ other }) => other },
      { title: "BY", of: ({ actor }) => actor },
      { title: "WHEN", of: ({ at }) => when(at) },
      { title: "UNDONE", of: ({ undone }) => (undone === undefined ? "" : when(undone)) },
    ],
    empty: "Nobody has merged or split a device.",
  });
  return EXIT.done;
}

const warnings = z.array(z.string()).default([]);
const pairSchema = z.object({ keeps: z.string(), other: z.string(), sightings: z.number(), place: z.string().optional(), warnings });
const warned = (list: readonly string[]): string[] => list.map((text) => `Mind: ${text}`);

function merge(cli: Cli, options: DecideOptions, [device = "", other = ""]: readonly string[]): Promise<number> {
  return decide(cli, options, {
    verb: "device.merge",
    args: { device, other },
    preview: (shown) => {
      const one = readResult(pairSchema, shown);
      const place = one.place === undefined ? "" : `, in the place ${one.place}`;
      return [`${one.other} becomes part of ${one.keeps} with ${counted(one.sightings, "sighting")}${place}`, ...warned(one.warnings)];
    },
    word: (shown) => readResult(pairSchema, shown).other,
  });
}

interface SplitOptions extends DecideOptions {
  readonly serial?: string;
  readonly mac?: string;
  readonly address?: string;
}

function split(cli: Cli, options: SplitOptions, [device = "", other]: readonly string[]): Promise<number> {
  const marks = (["serial", "mac", "address"] as const).flatMap((field) => {
    const value = options[field];
    return value === undefined ? [] : [{ field, value }];
  });
  const [by] = marks;
  if (marks.length + (other === undefined ? 0 : 1) !== 1)
    throw new CliError("What shall be split?", EXIT.usage, "Name another device, or one of --serial, --mac and --address.");
  return decide(cli, options, {
    verb: "device.split",
    args: { device, ...(other === undefined ? {} : { other }), ...(by === undefined ? {} : { by }) },
    preview: (shown) => {
      const one = readResult(pairSchema, shown);
      const part =
        by === undefined ? "" : `: what states ${by.field} ${by.value} is ${one.other}, ${counted(one.sightings, "sighting")} so far`;
      return [`${one.keeps} and ${one.other} are two devices${part}`];
    },
    word: (shown) => readResult(pairSchema, shown).keeps,
  });
}

const undoSchema = z.object({ decision: z.string(), kind: z.string(), keeps: z.string(), other: z.string() });

function undo(cli: Cli, options: DecideOptions, [decision = ""]: readonly string[]): Promise<number> {
  return decide(cli, options, {
    verb: "device.undo",
    args: { decision },
    preview: (shown) => {
      const { kind, keeps, other } = readResult(undoSchema, shown);
      return [
        kind === "merge"
          ? `${other} is a device of its own again, with its history; ${keeps} keeps its own`
          : `${keeps} and ${other} may be one again`,
      ];
    },
    word: () => decision,
  });
}

const swapSchema = z.object({
  place: z.object({ name: z.string() }),
  old: z.string(),
  new: z.string().optional(),
  newMac: z.string(),
  carried: z.array(z.string()),
  warnings,
});

function swap(cli: Cli, options: DecideOptions, [device = "", next = ""]: readonly string[]): Promise<number> {
  return decide(cli, options, {
    verb: "device.swap",
    args: { device, next },
    preview: (shown) => {
      const one = readResult(swapSchema, shown);
      return [
        `${one.new ?? one.newMac} serves in ${one.place.name} instead of ${one.old}, which goes out of service`,
        `It takes over: ${one.carried.join(", ")}`,
        ...warned(one.warnings),
      ];
    },
    word: (shown) => readResult(swapSchema, shown).place.name,
  });
}

const retireSchema = z.object({ device: z.string(), name: z.string(), place: z.string().optional(), warnings });

function retire(
  cli: Cli,
  { reason, ...options }: DecideOptions & { readonly reason?: string },
  [device = ""]: readonly string[],
): Promise<number> {
  return decide(cli, options, {
    verb: "device.retire",
    args: { device, ...(reason === undefined ? {} : { reason }) },
    preview: (shown) => {
      const { name, place, warnings: told } = readResult(retireSchema, shown);
      const stays = place === undefined ? "" : `; its place ${place} waits for it, or for a swap`;
      return [`${name} is not asked any more and is in no plan, until it is seen again${stays}`, ...warned(told)];
    },
    word: (shown) => readResult(retireSchema, shown).name,
  });
}

async function topology(cli: Cli, options: { readonly switch?: string }, [of]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("device.topology", {
    ...(of === undefined ? {} : { of }),
    ...(options.switch === undefined ? {} : { switch: options.switch }),
  });
  if (readsJson(cli)) printDocument(cli, result as object);
  else {
    const shown = readForPeople(topologySchema, result);
    if (shown.switches.length === 0 && shown.unplugged.length === 0)
      cli.out.note("No switch has said who hangs on it. Name them in the settings (switches) and look: groundswell discover");
    else cli.out.one("groundswell.topology/1", {}, topologyText(shown, whenFor(cli.out.mode, await agentNowMs(cli))));
  }
  return EXIT.done;
}
