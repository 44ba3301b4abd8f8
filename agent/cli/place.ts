/**
 * `groundswell place list|show|set|usage`: where devices serve.
 */
import type { Command } from "commander";
import * as z from "zod";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, gather, oneOf, printDocument, type Runner, readsJson, whole, withGlobals } from "./command.ts";
import { type DecideOptions, decide } from "./decide.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import { showUsage } from "./place-usage.ts";
import { readForPeople, readResult } from "./results.ts";
import { facts, whenFor } from "./show.ts";

const DUTIES = ["vip", "reception", "emergency"] as const;

export function addPlace(program: Command, run: Runner): void {
  const place = program.command("place").description("where devices serve: names, rooms, duties");
  withGlobals(place.command("list").description("all places")).action(run(listPlaces));
  withGlobals(place.command("show").argument("<place>", "name or id").description("a place, and all that served in it")).action(
    run(showPlace),
  );
  withGlobals(
    place
      .command("usage")
      .argument("[place]", 'a room, a place, a device, or "site"; all of them where none is named')
      .description("when a place is usually in a call, hour by hour of the week"),
  ).action(run(showUsage));
  withGlobals(place.command("set").argument("<place>", "name or id; a new name makes a place").description("change a place, or make one"))
    .option("--name <text>", "another name")
    .option("--room <text>", 'an empty text, "", takes it away; so for all of these')
    .option("--floor <text>")
    .option("--zone <text>", "emergency zone")
    .option("--ring <text>", "standing risk class")
    .option("--lines <n>", "lines that are expected to be registered", whole(0, 48))
    .option("--duty <duty>", `${DUTIES.join(", ")}; again for more`, (value: string, before: readonly string[] | undefined) =>
      gather(oneOf(DUTIES)(value), before),
    )
    .option("--no-duties", "it has none")
    .option("--device <device>", 'what serves here: id, MAC, name or address; "none" for nothing')
    .option("--dry-run", "show what would be done, and do nothing")
    .action(run(setPlace));
}

const placeFields = {
  place: z.string(),
  name: z.string(),
  room: z.string().optional(),
  floor: z.string().optional(),
  zone: z.string().optional(),
  ring: z.string().optional(),
  expectedLines: z.number().optional(),
  duties: z.array(z.string()),
  mac: z.string().optional(),
  device: z.string().optional(),
  model: z.string().optional(),
  standing: z.string().optional(),
};
const placesSchema = z.object({ places: z.array(z.looseObject(placeFields)) });
const placeSchema = z.object({
  place: z.object(placeFields),
  served: z.array(
    z.object({
      mac: z.string(),
      device: z.string().optional(),
      model: z.string().optional(),
      from: z.string(),
      until: z.string().optional(),
      why: z.string(),
    }),
  ),
});

async function listPlaces(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("place.list");
  const { places } = readResult(placesSchema, result);
  printList(cli, { result, schema: "groundswell.places/1", rowSchema: "groundswell.place-row/1" }, places, {
    columns: [
      { title: "PLACE", of: ({ name }) => name },
      { title: "ROOM", of: ({ room }) => room ?? "-" },
      { title: "FLOOR", of: ({ floor }) => floor ?? "-" },
      { title: "ZONE", of: ({ zone }) => zone ?? "-" },
      { title: "DUTIES", of: ({ duties }) => duties.join(", ") },
      { title: "SERVES", of: ({ device, mac }) => device ?? mac ?? "nothing" },
      { title: "MODEL", of: ({ model }) => model ?? "-" },
      { title: "ID", of: ({ place }) => place },
    ],
    empty: "There are no places. Make one with: groundswell place set NAME --device DEVICE; or name them in the settings.",
  });
  return EXIT.done;
}

async function showPlace(cli: Cli, _options: object, [place = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("place.show", { place });
  if (readsJson(cli)) {
    printDocument(cli, result as object);
    return EXIT.done;
  }
  const { place: shown, served } = readForPeople(placeSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const known = facts([
    ["room", shown.room],
    ["floor", shown.floor],
    ["zone", shown.zone],
    ["ring", shown.ring],
    ["lines", shown.expectedLines === undefined ? undefined : `${shown.expectedLines} expected`],
    ["duties", shown.duties.join(", ")],
    ["serves", shown.device ?? shown.mac ?? "nothing"],
  ]);
  const past = served.map(({ device, mac, model, from, until, why }) =>
    ["   ", device ?? mac, model ?? "", `from ${when(from)}`, until === undefined ? "until now" : `until ${when(until)}`, why]
      .filter((word) => word !== "")
      .join("  "),
  );
  const text = [`${shown.name} (${shown.place})`, known.trimEnd(), ...(past.length === 0 ? [] : ["  served here", ...past])].join("\n");
  cli.out.one("groundswell.place/1", {}, text);
  return EXIT.done;
}

interface SetOptions extends DecideOptions {
  readonly name?: string;
  readonly room?: string;
  readonly floor?: string;
  readonly zone?: string;
  readonly ring?: string;
  readonly lines?: number;
  readonly duty?: readonly string[];
  /** `false` by `--no-duties`. */
  readonly duties?: boolean;
  readonly device?: string;
}

const setSchema = z.object({ place: z.object({ name: z.string() }), made: z.boolean(), warnings: z.array(z.string()) });

function setPlace(cli: Cli, options: SetOptions, [place = ""]: readonly string[]): Promise<number> {
  const { name, room, floor, zone, ring, lines, duty, duties, device } = options;
  const change = {
    ...{ name, room, floor, zone, ring, expectedLines: lines },
    duties: duties === false ? [] : duty,
    serves: device === "none" ? null : device,
  };
  return decide(cli, options, {
    verb: "place.set",
    args: { place, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) },
    preview: (shown) => {
      const { place: next, made, warnings } = readResult(setSchema, shown);
      return [
        ...(options.dryRun === true ? [`${next.name} would be ${made ? "made" : "changed"}`] : []),
        ...warnings.map((text) => `Mind: ${text}`),
      ];
    },
  });
}
