/** `groundswell place usage [PLACE]`: when a place is usually in a call, and when it is left alone. */
import * as z from "zod";
import { percentOf } from "../../firmware/waves/quiet-words.ts";
import { type Cli, printDocument, readsJson } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { type Column, pad, renderPlain, renderTable, safeText } from "./output.ts";
import { readForPeople } from "./results.ts";
import { counted } from "./show.ts";

const usageSchema = z.object({
  conclusiveDays: z.number(),
  quietBusyPercentMax: z.number(),
  places: z.array(
    z.object({
      place: z.string(),
      zone: z.string(),
      days: z.number(),
      conclusive: z.boolean(),
      hours: z.array(z.number().nullable()),
      quiet: z.array(z.boolean()),
    }),
  ),
});
type Answer = z.infer<typeof usageSchema>;
type Place = Answer["places"][number];

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export async function showUsage(cli: Cli, _options: object, [place]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("place.usage", place === undefined ? {} : { place });
  if (readsJson(cli)) {
    printDocument(cli, result as object);
    return EXIT.done;
  }
  const answer = readForPeople(usageSchema, result);
  const [first] = answer.places;
  if (first === undefined) {
    cli.out.note("Nothing was learned yet. Use is learned once a day from the readings of four weeks; it decides from 14 days on.");
    return EXIT.done;
  }
  if (cli.out.mode === "plain") cli.io.out(renderPlain(COLUMNS, answer.places));
  else cli.io.out(place === undefined ? listText(answer) : gridText(first, answer));
  return EXIT.done;
}

const mean = ({ hours }: Place): number | undefined => {
  const seen = hours.filter((share) => share !== null);
  return seen.length === 0 ? undefined : seen.reduce((sum, share) => sum + share, 0) / seen.length;
};

function busiest({ hours }: Place): string {
  const most = Math.max(...hours.map((share) => share ?? -1));
  if (most <= 0) return "-";
  const at = hours.indexOf(most);
  return `${DAYS[Math.floor(at / 24)]} ${twoDigits(at % 24)}:00, ${percentOf(most)} %`;
}

const COLUMNS: readonly Column<Place>[] = [
  { title: "PLACE", of: ({ place }) => place },
  { title: "DAYS", of: ({ days }) => String(days), align: "right" },
  { title: "IN A CALL", of: (one) => (mean(one) === undefined ? "-" : `${percentOf(mean(one) ?? 0)} %`), align: "right" },
  { title: "BUSIEST", of: busiest },
  { title: "QUIET HOURS", of: ({ quiet }) => `${quiet.filter((one) => one).length} of ${quiet.length}`, align: "right" },
  { title: "DECIDES", of: ({ conclusive }) => (conclusive ? "yes" : "not yet") },
];

function listText({ places, conclusiveDays, quietBusyPercentMax }: Answer): string {
  const few = places.filter(({ conclusive }) => !conclusive).length;
  return [
    renderTable(COLUMNS, places),
    `An hour is quiet with no more than ${quietBusyPercentMax} % of it in a call.`,
    ...(few === 0 ? [] : [`${counted(few, "place")} with readings of less than ${conclusiveDays} days: the window alone decides there.`]),
    "The week of one: groundswell place usage PLACE\n",
  ].join("\n");
}

/** Narrow enough for 80 columns: two digits an hour, a dot for a quiet one. */
function gridText(place: Place, { quietBusyPercentMax, conclusiveDays }: Answer): string {
  const line = (title: string, cells: readonly string[]): string => `${title}${cells.map((cell) => pad(cell, 3, "right")).join("")}`;
  const days = DAYS.map((day, at) =>
    line(
      day,
      HOURS.map((hour) => cellOf(place, at * 24 + hour)),
    ),
  );
  const from = `${counted(place.days, "day")} of readings, hours of ${place.zone}`;
  return [
    `${safeText(place.place)}: share of each hour in a call, in percent; from ${safeText(from)}`,
    line("   ", HOURS.map(twoDigits)),
    ...days,
    `·  quiet: no more than ${quietBusyPercentMax} %    ?  nobody looked    ##  all of it`,
    ...(place.conclusive
      ? []
      : [`Readings of ${conclusiveDays} days are needed before its use decides anything: until then the window alone does.`]),
    "",
  ].join("\n");
}

function cellOf({ hours, quiet }: Place, at: number): string {
  const share = hours[at] ?? null;
  if (share === null) return "?";
  if (quiet[at] === true) return "·";
  return share >= 0.995 ? "##" : String(Math.round(share * 100));
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
