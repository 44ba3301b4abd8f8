/**
 * How changes of a device read, each with what it was like before and after. Pure.
 */
import type { Ms } from "../../protocols/core/time.ts";
import { answeredText, showValue } from "./device-history-view.ts";
import type { ChangeShown, ChangesShown, ComparedShown } from "./history-results.ts";
import { type Column, type OutputMode, renderPlain, renderTable } from "./output.ts";
import { counted, whenFor } from "./show.ts";

const COLUMNS: readonly Column<ComparedShown>[] = [
  { title: "  READING", of: ({ reading, unit }) => `  ${reading}${unit === "perSecond" ? "/s" : ""}` },
  { title: "BEFORE", of: ({ before }) => showValue(before), align: "right" },
  { title: "AFTER", of: ({ after }) => showValue(after), align: "right" },
  { title: "WORST AFTER", of: ({ worst }) => showValue(worst), align: "right" },
];

export function changesText({ name, changes }: ChangesShown, mode: OutputMode, nowMs: Ms): string {
  if (mode === "plain")
    return renderPlain(
      PLAIN,
      changes.flatMap((change) => change.readings.map((one) => ({ ...one, change }))),
    );
  const when = whenFor(mode, nowMs);
  return `${name}: medians of a day before and after each change\n${changes.map((change) => `\n${changeText(change, when)}`).join("")}`;
}

type When = ReturnType<typeof whenFor>;

function changeText(change: ChangeShown, when: When): string {
  const { kind, at, last, times, detail, watchedUntil, before, after, readings } = change;
  const often = times === undefined || times === null ? "" : `, ${counted(times, "time")} up to ${when(last)}`;
  const watched = watchedUntil === undefined || watchedUntil === null ? "" : ` (watched until ${watchedUntil})`;
  const head = `${kind}  ${when(at)}${often}: ${detail}${watched}\n`;
  if (before.asked + after.asked === 0) return `${head}  no readings are kept around it\n`;
  const sides = `  before: ${lower(answeredText(before))}; after: ${lower(answeredText(after))}\n`;
  return readings.length === 0 ? head + sides : head + sides + renderTable(COLUMNS, readings);
}

const lower = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

const PLAIN: readonly Column<ComparedShown & { readonly change: ChangeShown }>[] = [
  { title: "", of: ({ change }) => change.at },
  { title: "", of: ({ change }) => change.kind },
  { title: "", of: ({ change }) => change.detail },
  { title: "", of: ({ reading }) => reading },
  { title: "", of: ({ before }) => showValue(before) },
  { title: "", of: ({ after }) => showValue(after) },
  { title: "", of: ({ worst }) => showValue(worst) },
];
