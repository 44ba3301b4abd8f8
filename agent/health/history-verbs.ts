/**
 * What of a device's history is told: over a length of time, and around its changes. The history thread reads it.
 */
import { READING_NAMES, type ReadingName } from "../../protocols/core/reading.ts";
import { DAY, isoOf, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Story, StoryPoint } from "../../store/history/story.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Verbs } from "../commands/handle.ts";
import { suggest } from "../config/suggest.ts";
import type { Thread } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";
import { findDevice } from "../views/devices.ts";
import { type Cursor, PAGE_BYTES, pageOf } from "./history-page.ts";
import { AROUND_MS, SETTLE_MS } from "./recorder.ts";

export interface HistoryVerbsIo {
  readonly store: Parameters<typeof findDevice>[1];
  readonly history: Pick<Thread<HistoryRequests>, "ask">;
  readonly nowMs: () => Ms;
}

/** Looked at where nothing else is said. */
const LAST_MS: Ms = DAY;

const no = (code: "notFound" | "nothingMatched", message: string): VerbOutcome => ({ ok: false, code, message });

export function historyVerbs(io: HistoryVerbsIo): Pick<Verbs, "device.history" | "device.changes"> {
  return {
    "device.history": async ({ device, readings, points, after, ...span }, _subject, signal) => {
      const row = findDevice(device, io.store);
      if (row === undefined) return no("notFound", `No device "${device}"`);
      const unknown = readings?.find((name) => !isReading(name));
      if (unknown !== undefined) return no("nothingMatched", unknownReading(unknown));
      const { fromMs, toMs } = spanOf(span, io.nowMs());
      if (fromMs >= toMs) return no("nothingMatched", `The time ends (${isoOf(toMs)}) before it begins (${isoOf(fromMs)})`);
      const names = readings?.filter(isReading);
      const story = await io.history.ask(
        "story",
        { deviceId: row.id, fromMs, toMs, points, ...(names === undefined ? {} : { names }) },
        signal,
      );
      const viewed = viewStory(story, after);
      if (viewed === undefined) return no("nothingMatched", `Nothing is told of "${after?.reading}" in this time: begin without "after"`);
      return { ok: true, result: { schema: "groundswell.device-history/1", device: row.id, name: row.name, ...viewed } };
    },
    "device.changes": async ({ device, limit }, _subject, signal) => {
      const row = findDevice(device, io.store);
      if (row === undefined) return no("notFound", `No device "${device}"`);
      const found = await io.history.ask("changes", { deviceId: row.id, limit }, signal);
      return { ok: true, result: { schema: "groundswell.device-changes/1", device: row.id, name: row.name, ...viewChanges(found) } };
    },
  };
}

const isReading = (name: string): name is ReadingName => (READING_NAMES as readonly string[]).includes(name);

function unknownReading(name: string): string {
  const near = suggest(name, READING_NAMES);
  return `No reading is called "${name}": ${near === undefined ? `there are ${READING_NAMES.join(", ")}` : `did you mean "${near}"?`}`;
}

type Asked = { readonly [part in "from" | "to" | "last"]?: Ms | undefined };

function spanOf({ from, to, last }: Asked, nowMs: Ms): { readonly fromMs: Ms; readonly toMs: Ms } {
  const toMs = to ?? nowMs;
  return { fromMs: from ?? toMs - (last ?? LAST_MS), toMs };
}

function viewStory({ resolution, stepMs, fromMs, toMs, series, availability }: Story, after: Cursor | undefined) {
  const page = pageOf(
    {
      availability: availability.map(({ atMs, ...one }) => ({ at: isoOf(atMs), ...one })),
      series: series.map(({ name, kind, points }) => ({ reading: name, kind, points: points.map(viewPoint) })),
    },
    after,
    PAGE_BYTES,
  );
  if (page === undefined) return undefined;
  const asked = availability.reduce((sum, one) => sum + one.asked, 0);
  const answered = availability.reduce((sum, one) => sum + one.answered, 0);
  return {
    from: isoOf(fromMs),
    to: isoOf(toMs),
    resolution,
    stepSeconds: stepMs / SECOND,
    availability: {
      asked,
      answered,
      ...(asked === 0 ? {} : { share: answered / asked }),
      points: page.availability,
    },
    series: page.series,
    ...(page.next === undefined ? {} : { next: page.next }),
  };
}

/** Means of many readings have no more digits than anybody measured. */
const MEAN_DIGITS = 1e6;

function viewPoint({ atMs, ...point }: StoryPoint) {
  const at = isoOf(atMs);
  return "mean" in point ? { at, ...point, mean: Math.round(point.mean * MEAN_DIGITS) / MEAN_DIGITS } : { at, ...point };
}

function viewChanges(found: HistoryRequests["changes"]["output"]) {
  const changes = found.map(({ change, around }) => ({
    kind: change.kind,
    at: isoOf(change.atMs),
    ...(change.times > 1 ? { last: isoOf(change.lastMs), times: change.times } : {}),
    detail: change.detail,
    /** Until then readings are added to "after". */
    ...(change.closed ? {} : { watchedUntil: isoOf(change.lastMs + AROUND_MS) }),
    ...around,
  }));
  return { aroundSeconds: AROUND_MS / SECOND, settleSeconds: SETTLE_MS / SECOND, changes };
}
