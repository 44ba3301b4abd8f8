/**
 * The history thread: long reads over a connection that cannot write.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Bug } from "../../protocols/core/fault.ts";
import { type DeviceId, parseDeviceId } from "../../protocols/core/ids.ts";
import { openHistoryReader } from "../../store/open.ts";
import { serve } from "./channel.ts";
import type { HistoryData, HistoryRequests } from "./requests.ts";

const port =
  parentPort ??
  (() => {
    throw new Bug("the history thread was started as a program");
  })();
const { directory } = workerData as HistoryData;
const reader = openHistoryReader({ directory });

function idOf(text: string): DeviceId {
  const id = parseDeviceId(text);
  if (id === undefined) throw new Bug(`"${text}" is no device id`);
  return id;
}

serve<HistoryRequests>(port, {
  // Loaded when it is needed: fonts and all are heavy.
  report: async (report) => (await import("../reports/pdf.ts")).renderReport(report),
  series: async ({ deviceId, name, fromMs, toMs }) => reader.series(idOf(deviceId), name, { fromMs, toMs }),
  window: async ({ deviceId, fromMs, toMs }) => reader.window(idOf(deviceId), { fromMs, toMs }),
});
