/**
 * The process that lives through the simulated day, and is killed in it. Speaks with its parent about the time alone: it reports
 * each minute and waits for the answer, and it waits while the broker is taken away or brought back.
 */
import { parseArgs } from "node:util";
import { createLog } from "../../agent/log.ts";
import { MINUTE, type Ms, manualClock, SECOND } from "../../protocols/core/time.ts";
import { makeFleet } from "./fleet.ts";
import { planDay } from "./fleet-day.ts";
import { siteTruth } from "./fleet-read.ts";
import { openDayAgent } from "./health-day-agent.ts";

/** To the parent, and the number of the message it answers back. */
export type Report =
  | { readonly kind: "minute"; readonly number: number; readonly atMs: Ms }
  /** `away`: which of the day's outages, or none. */
  | { readonly kind: "broker"; readonly number: number; readonly away: number | undefined }
  | { readonly kind: "done"; readonly number: number };
type Unsent = Report extends infer R ? (R extends Report ? Omit<R, "number"> : never) : never;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    devices: { type: "string", default: "100" },
    folder: { type: "string", default: "" },
    broker: { type: "string", default: "" },
    "day-ms": { type: "string", default: "0" },
    "now-ms": { type: "string", default: "0" },
  },
});
const fleet = makeFleet(Number(values.seed), Number(values.devices));
const day = planDay(fleet, Number(values["day-ms"]));
const clock = manualClock(Number(values["now-ms"]));
const log = createLog({ level: "warn", pretty: false, write: (line) => process.stderr.write(line) });

/** Between two looks at what the day brings; whatever waits within a step is woken at its own moment. */
const STEP_MS: Ms = 5 * SECOND;
/** After the day what waits is told; who has not heard it after so many steps never will. */
const LAST_STEPS = 200_000;

const answers = new Map<number, () => void>();
process.on("message", (number: number) => answers.get(number)?.());
let reports = 0;
async function tell(report: Unsent): Promise<void> {
  const number = ++reports;
  const answered = new Promise<void>((resolve) => answers.set(number, resolve));
  process.send?.({ ...report, number });
  await answered;
  answers.delete(number);
}

const awayNow = (): number | undefined => {
  const found = day.brokerAway.findIndex(({ fromMs, toMs }) => clock.nowMs() >= fromMs && clock.nowMs() < toMs);
  return found < 0 ? undefined : found;
};

let away = awayNow();
await tell({ kind: "broker", away });
const agent = await openDayAgent({
  ...{ fleet, folder: values.folder, brokerPort: Number(values.broker), clock, log },
  truth: siteTruth(fleet, day),
});
for (let reportedMs = clock.nowMs(); clock.nowMs() < day.endMs; ) {
  await clock.advance(STEP_MS);
  const now = awayNow();
  if (now !== away) {
    away = now;
    await tell({ kind: "broker", away });
  }
  if (clock.nowMs() - reportedMs >= MINUTE) {
    reportedMs = clock.nowMs();
    await tell({ kind: "minute", atMs: reportedMs });
  }
}
// Loops that end wait for the time: it has to go on.
let stopped = false;
void agent.stopAsking().then(() => {
  stopped = true;
});
for (let steps = 0; (!stopped || agent.waiting() > 0) && steps < LAST_STEPS; steps++) await clock.advance(STEP_MS);
await agent.close();
await tell({ kind: "done" });
process.disconnect?.();
