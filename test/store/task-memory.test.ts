import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TaskState } from "../../firmware/waves/task-state.ts";
import { MAIN_FILE } from "../../store/open.ts";
import type { Store } from "../../store/store.ts";
import { CAMPAIGN, deviceId, rawly, storeWithCampaign, T0, taskOf, temporaryFolder } from "./temporary.ts";

const STATES: readonly TaskState[] = [
  { at: "planned" },
  { at: "staged", tries: 0, leg: 0 },
  { at: "skipped", why: "asked", by: "doe", leg: 0 },
  { at: "lost", sinceMs: T0, lastSign: "silent", leg: 0 },
];
function put(store: Store, number: number, next: TaskState): void {
  const row = store.tasks.load(taskOf(number));
  if (row === undefined) throw new Error("no such task");
  store.tasks.step({ task: row.id, expectedRevision: row.revision, next, event: { kind: "imageStaged" }, atMs: T0 });
}
/** Row by row, past all that is kept. */
const truth = ({ tasks }: Store) => [1, 2, 3].map((number) => tasks.load(taskOf(number)));
const counted = (store: Store): Map<string, number> =>
  new Map(Object.entries(Object.groupBy(truth(store), (row) => row?.state.at ?? "none")).map(([at, rows]) => [at, rows?.length ?? 0]));

test("tasks in memory: the same list as long as nothing changes, and a list once given out stays as it was", () => {
  const store = storeWithCampaign();
  const before = store.tasks.ofCampaign(CAMPAIGN);
  expect(store.tasks.ofCampaign(CAMPAIGN)).toBe(before);
  put(store, 2, { at: "staged", tries: 0, leg: 0 });
  expect(before[1]?.state.at).toBe("planned");
  expect(store.tasks.ofCampaign(CAMPAIGN)[1]?.state.at).toBe("staged");
});

test("tasks in memory: what a transaction changed is seen in it, and gone when it is undone", () => {
  const store = storeWithCampaign();
  store.tasks.ofCampaign(CAMPAIGN);
  expect(() =>
    store.transaction(() => {
      put(store, 1, { at: "staged", tries: 0, leg: 0 });
      expect(store.tasks.ofWave(CAMPAIGN, 1)[0]?.state.at).toBe("staged");
      expect(store.tasks.counts(CAMPAIGN)).toEqual(
        new Map([
          ["planned", 2],
          ["staged", 1],
        ]),
      );
      throw new Error("undone");
    }),
  ).toThrow("undone");
  expect(store.tasks.ofWave(CAMPAIGN, 1)[0]?.state.at).toBe("planned");
  put(store, 2, { at: "staged", tries: 0, leg: 0 });
  expect(store.tasks.ofCampaign(CAMPAIGN)).toEqual(truth(store));
});

test("tasks in memory: a device that gets another id carries its tasks along", () => {
  const store = storeWithCampaign();
  store.tasks.ofCampaign(CAMPAIGN);
  expect(store.devices.rename(deviceId(2), deviceId(7))).toBe(true);
  expect(store.tasks.ofCampaign(CAMPAIGN).map(({ device }) => device)).toEqual([deviceId(1), deviceId(7), deviceId(3)]);
});

test("tasks in memory: what another connection wrote is seen", () => {
  const folder = temporaryFolder();
  const store = storeWithCampaign(folder);
  store.tasks.ofCampaign(CAMPAIGN);
  rawly(join(folder, MAIN_FILE), (sql) => sql.run("update tasks set revision = 9 where id = @id", { id: taskOf(3) }));
  expect(store.tasks.ofCampaign(CAMPAIGN)[2]?.revision).toBe(9);
});

const someStep = fc.record({ number: fc.integer({ min: 1, max: 3 }), state: fc.integer({ min: 0, max: STATES.length - 1 }) });
const someAct = fc.record({ steps: fc.array(someStep, { maxLength: 3 }), inside: fc.boolean(), undone: fc.boolean(), looks: fc.boolean() });

test("tasks in memory: whatever is written, undone and read in whichever order, it says what the file says", () => {
  const store = storeWithCampaign();
  fc.assert(
    fc.property(fc.array(someAct, { maxLength: 12 }), (acts) => {
      for (const { steps, inside, undone, looks } of acts) {
        const act = (): void => {
          for (const { number, state } of steps) {
            put(store, number, STATES[state] ?? { at: "planned" });
            if (looks) expect(store.tasks.ofCampaign(CAMPAIGN)).toEqual(truth(store));
            if (looks) expect(store.tasks.counts(CAMPAIGN)).toEqual(counted(store));
          }
          if (inside && undone) throw new Error("undone");
        };
        if (!inside) act();
        else if (undone) expect(() => store.transaction(act)).toThrow("undone");
        else store.transaction(act);
        expect(store.tasks.ofCampaign(CAMPAIGN)).toEqual(truth(store));
        expect(store.tasks.counts(CAMPAIGN)).toEqual(counted(store));
        expect(store.tasks.unfinished(CAMPAIGN, 2)).toEqual(
          truth(store).filter((row) => row?.state.at !== "skipped" && row?.state.at !== "lost"),
        );
        expect(store.tasks.judged(CAMPAIGN, 2).length).toBe(
          2 + truth(store).filter((row) => row?.wave === 1 && row.state.at === "lost").length,
        );
      }
    }),
    { numRuns: 60 },
  );
});
