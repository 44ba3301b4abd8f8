/**
 * The history thread: long reads over a connection that cannot write. What it finds to be written, the main thread
 * writes; a second connection only works the WAL into the file.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Bug } from "../../protocols/core/fault.ts";
import { type DeviceId, parseDeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { ChangeReader } from "../../store/history/changes.ts";
import { openCheckpointer } from "../../store/history/log.ts";
import { historyDamage, openHistoryReader } from "../../store/open.ts";
import { usagesOf } from "../calendars/usage-read.ts";
import { compareAround } from "../health/before-after.ts";
import { dryRun } from "../health/dry-run.ts";
import { AROUND_MS, CHANGES_MAX, CHANGES_PER_DEVICE, copyDue } from "../health/recorder.ts";
import { findTrends } from "../health/trend-read.ts";
import { serve } from "./channel.ts";
import type { HistoryData, HistoryRequests } from "./requests.ts";

const port =
  parentPort ??
  (() => {
    throw new Bug("the history thread was started as a program");
  })();
const { directory } = workerData as HistoryData;
const reader = openHistoryReader({ directory });
const checkpointer = openCheckpointer({ directory });

/** Recordings of one answer: some 5 kB each. */
const RECORDINGS_MAX = 20;
/** Open changes looked through: a campaign over 10,000 devices leaves as many open for a day. */
const OPEN_MAX = 20_000;

function recordingsDue(changes: ChangeReader, nowMs: Ms) {
  const due = changes.open(OPEN_MAX).flatMap((change) => {
    const copy = copyDue(change, nowMs);
    return copy === undefined ? [] : [{ change, copy }];
  });
  const recordings = due.slice(0, RECORDINGS_MAX).map(({ change, copy }) => ({ ...changes.record(change.id, copy), closes: copy.closes }));
  return { recordings, surplus: changes.surplus({ perDevice: CHANGES_PER_DEVICE, total: CHANGES_MAX }) };
}

function idOf(text: string): DeviceId {
  const id = parseDeviceId(text);
  if (id === undefined) throw new Bug(`"${text}" is no device id`);
  return id;
}

serve<HistoryRequests>(port, {
  // Loaded when it is needed: fonts and all are heavy.
  report: async (report) => (await import("../reports/pdf.ts")).renderReport(report),
  campaignReport: async (input) => (await import("../../firmware/waves/report.ts")).makeReport(input),
  campaignPdf: async ({ report, look }) => {
    const [{ reportForPeople }, { renderReport }] = await Promise.all([
      import("../reports/campaign-report.ts"),
      import("../reports/pdf.ts"),
    ]);
    return renderReport(reportForPeople(report, "all", look));
  },
  series: async ({ deviceId, name, fromMs, toMs }) => reader.series(idOf(deviceId), name, { fromMs, toMs }),
  story: async ({ deviceId, ...ask }) => reader.story(idOf(deviceId), ask),
  changes: async ({ deviceId, limit }) =>
    reader.changes.ofDevice(idOf(deviceId), limit).map((change) => ({
      change,
      around: compareAround(change, reader.changes.asks(change, change.lastMs + AROUND_MS)),
    })),
  dryRun: async (ask) => dryRun(ask, reader),
  trends: async (ask) => findTrends(ask, reader),
  usage: async (ask) => usagesOf(ask, reader),
  check: async () => historyDamage({ directory }),
  checkpoint: async () => checkpointer.run(),
  roll: async (step) => reader.roll(step),
  recordings: async ({ nowMs }) => recordingsDue(reader.changes, nowMs),
  window: async ({ deviceId, fromMs, toMs }) => reader.window(idOf(deviceId), { fromMs, toMs }),
});
