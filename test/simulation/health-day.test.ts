/**
 * The day in small; `npm run prove -- health-day` lives through it with ten thousand devices.
 */

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openFile } from "../../store/open.ts";
import { type DayRun, runDay } from "./health-day.ts";
import { brokenPromises } from "./health-day-judge.ts";

const SEED = 1;
const DEVICES = 100;
/** Real milliseconds: half a minute of processor time, on a machine that others use too. */
const PATIENCE_MS = 600_000;

test(
  `a day of ${DEVICES} devices, seed ${SEED}: one incident per cause, and the portal has every event once, over three broker outages and two kills`,
  async () => {
    const run = await runDay({ seed: SEED, devices: DEVICES });
    onTestFinished(() => run.remove());
    expect(brokenPromises(run)).toEqual([]);
    judgeSees(run);
  },
  PATIENCE_MS,
);

/** The judge itself: what is spoiled behind the agent's back is seen, each thing by name. */
function judgeSees(run: DayRun): void {
  const file = openFile(join(run.folder, "groundswell.db"), "NORMAL");
  try {
    const spoil = (statement: string): readonly string[] => {
      file.exec(`savepoint spoilt; ${statement}`);
      file.exec("release spoilt");
      return brokenPromises(run);
    };
    file.exec("create table kept as select * from incident_conditions");
    expect(spoil("delete from incident_conditions where condition = (select max(condition) from incident_conditions)")).not.toEqual([]);
    file.exec("delete from incident_conditions; insert into incident_conditions select * from kept");
    expect(brokenPromises(run)).toEqual([]);
    expect(spoil("update counters set value = value + 1 where name = 'event'").join()).toContain("the agent wrote");
    file.exec("update counters set value = value - 1 where name = 'event'");
    expect(spoil("update incidents set cause_class = 'software' where kind = 'cloud'").join()).toContain("an outage of the provider");
  } finally {
    file.close();
  }
}
