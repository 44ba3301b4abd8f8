import { join } from "node:path";
import { expect, test } from "vitest";
import { isAtRisk, isFinal, type TaskState } from "../../firmware/waves/task-state.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { CampaignId } from "../../protocols/core/ids.ts";
import { MAIN_FILE } from "../../store/open.ts";
import type { Store } from "../../store/store.ts";
import type { TaskStep } from "../../store/tasks.ts";
import {
  CAMPAIGN,
  device,
  deviceId,
  HASH,
  planOf,
  rawly,
  storeWithCampaign,
  T0,
  taskOf,
  temporaryFolder,
  temporaryStore,
} from "./temporary.ts";

const attempt = { number: 1, token: "k1", leg: 0 };
const deadline = { attempt, deadlineMs: T0 + 1 };

/** One of each state. */
const STATES: readonly TaskState[] = [
  { at: "planned" },
  { at: "staged", tries: 0, leg: 0 },
  { at: "held", reasons: [{ code: "window", why: "closed", endedBy: "the window" }], sinceMs: T0, tries: 1, leg: 0 },
  { at: "deferred", inUse: { state: "busy", reason: "call" }, sinceMs: T0, nextLookMs: T0, deadlineMs: T0, tries: 1, leg: 0 },
  { at: "reserved", ...deadline },
  { at: "commanded", ...deadline, accepted: true, commandedAtMs: T0 },
  { at: "applying", ...deadline },
  { at: "rebooting", ...deadline },
  { at: "verifying", ...deadline },
  { at: "soaking", attempt, untilMs: T0 },
  { at: "unknown", ...deadline, was: "commanded" },
  { at: "failedRetryable", attempt, fault: { kind: "stalled", waitedFor: "it" }, nextAtMs: T0 },
  { at: "succeeded", how: "updated" },
  { at: "skipped", why: "asked", by: "doe", leg: 0 },
  { at: "replaced", by: "c-2" as CampaignId, leg: 0 },
  { at: "refused", why: "floor", leg: 0 },
  { at: "failed", cause: "fellBack", fault: { kind: "stalled", waitedFor: "it" }, seenHealthy: true, leg: 0 },
  { at: "lost", sinceMs: T0, lastSign: "silent", leg: 0 },
  { at: "reverting", rollback: "c-back0001" as CampaignId, unproven: true, leg: 1 },
  { at: "reverted", rollback: "c-back0001" as CampaignId, leg: 1 },
  { at: "revertFailed", rollback: "c-back0001" as CampaignId, why: "lost", unproven: true, leg: 1 },
];

function step(number: number, expectedRevision: number, next: TaskState, changes: Partial<TaskStep> = {}): TaskStep {
  return { task: taskOf(number), expectedRevision, next, event: { kind: "imageStaged" }, atMs: T0 + expectedRevision, ...changes };
}

/** Brings a task to a state, whatever its revision. */
function put(store: Store, number: number, state: TaskState): void {
  const row = store.tasks.load(taskOf(number));
  if (row === undefined || !store.tasks.step(step(number, row.revision, state))) throw new Error("the row moved on");
}

test("createAll(): each task of the plan stands planned in its wave", () => {
  const { tasks } = storeWithCampaign();
  expect(
    tasks
      .ofCampaign(CAMPAIGN)
      .map(({ device: id, wave, state, revision, attempts, sinceMs }) => [id, wave, state.at, revision, attempts, sinceMs]),
  ).toEqual([
    [deviceId(1), 1, "planned", 1, 0, T0],
    [deviceId(2), 2, "planned", 1, 0, T0],
    [deviceId(3), 2, "planned", 1, 0, T0],
  ]);
  expect(tasks.ofWave(CAMPAIGN, 2).map(({ device: id }) => id)).toEqual([deviceId(2), deviceId(3)]);
});

test("createAll(): a task in no wave is a bug and leaves no row of the plan", () => {
  const store = storeWithCampaign();
  const other = "c-other" as CampaignId;
  const plan = planOf([1, 2], other);
  store.campaigns.create({
    id: other,
    state: { at: "planned" },
    plan,
    planHash: HASH,
    waves: [],
    atMs: T0,
  });
  const torn = { tasks: plan.tasks, waves: plan.waves.slice(0, 1) };
  expect(() => store.tasks.createAll(other, torn, T0)).toThrow(Bug);
  expect(store.tasks.ofCampaign(other)).toEqual([]);
});

test("step(): writes the state and one history row that says from where, by what and when", () => {
  const { tasks } = storeWithCampaign();
  expect(tasks.step(step(1, 1, { at: "staged", tries: 0, leg: 0 }))).toBe(true);
  expect(tasks.load(taskOf(1))).toMatchObject({ state: { at: "staged", tries: 0, leg: 0 }, revision: 2, sinceMs: T0 + 1 });
  expect(tasks.history(taskOf(1))).toEqual([
    { task: taskOf(1), revision: 2, atMs: T0 + 1, from: "planned", to: "staged", event: { kind: "imageStaged" } },
  ]);
});

test("step(): a stale revision changes neither state nor history", () => {
  const { tasks } = storeWithCampaign();
  tasks.step(step(1, 1, { at: "staged", tries: 0, leg: 0 }));
  expect(tasks.step(step(1, 1, { at: "refused", why: "late", leg: 0 }))).toBe(false);
  expect(tasks.step(step(1, 3, { at: "refused", why: "early", leg: 0 }))).toBe(false);
  expect(tasks.load(taskOf(1))?.state.at).toBe("staged");
  expect(tasks.history(taskOf(1))).toHaveLength(1);
});

test("step(): an unknown task is a bug", () => {
  const { tasks } = temporaryStore();
  expect(() => tasks.step(step(1, 1, { at: "staged", tries: 0, leg: 0 }))).toThrow(Bug);
});

test("step(): a step within one state keeps since when it stands there", () => {
  const { tasks } = storeWithCampaign();
  const held = STATES[2] as TaskState;
  tasks.step(step(1, 1, held));
  tasks.step(step(1, 2, held));
  expect(tasks.load(taskOf(1))).toMatchObject({ sinceMs: T0 + 1, revision: 3 });
});

test("step(): attempts spent never fall, whatever the later state says", () => {
  const { tasks } = storeWithCampaign();
  tasks.step(step(1, 1, { at: "reserved", attempt: { number: 3, token: "k3", leg: 0 }, deadlineMs: T0 }));
  tasks.step(step(1, 2, { at: "staged", tries: 0, leg: 0 }));
  expect(tasks.load(taskOf(1))?.attempts).toBe(3);
});

test.each(STATES.map((state) => [state.at, state] as const))("step(): the state %s comes back as it was", (_at, state) => {
  const store = storeWithCampaign();
  put(store, 1, state);
  expect(store.tasks.load(taskOf(1))?.state).toEqual(state);
});

test("active(): neither planned nor final ones, over all campaigns", () => {
  const active = STATES.filter((state) => {
    const store = storeWithCampaign();
    put(store, 2, state);
    return store.tasks.active().length === 1;
  }).map(({ at }) => at);
  expect(active).toEqual([
    "staged",
    "held",
    "deferred",
    "reserved",
    "commanded",
    "applying",
    "rebooting",
    "verifying",
    "soaking",
    "unknown",
    "failedRetryable",
  ]);
});

test("atRisk(): a lost device counts although its task is final, one seen healthy does not", () => {
  const store = storeWithCampaign();
  put(store, 1, { at: "lost", sinceMs: T0, lastSign: "silent", leg: 0 });
  put(store, 2, { at: "succeeded", how: "updated" });
  put(store, 3, { at: "soaking", attempt, untilMs: T0 });
  expect(store.tasks.atRisk()).toEqual([deviceId(1), deviceId(3)]);
});

test("unproven(): failed and lost ones that are at risk, and none that was seen well", () => {
  const at = (state: TaskState) => {
    const store = storeWithCampaign();
    put(store, 2, state);
    return store.tasks.unproven().length;
  };
  const lost = { at: "lost", sinceMs: T0, lastSign: "silent", leg: 0 } as const;
  const unwell = STATES.filter((state) => at(state) === 1);
  expect(unwell).toEqual(STATES.filter((state) => (state.at === "failed" || state.at === "lost") && isAtRisk(state)));
  expect([at(lost), at({ ...lost, seenWell: { atMs: T0, version: "6.4.6.2494" } })]).toEqual([1, 0]);
});

test("counts(): the sum is the planned number in every state", () => {
  const store = storeWithCampaign();
  put(store, 1, { at: "succeeded", how: "updated" });
  put(store, 2, { at: "staged", tries: 0, leg: 0 });
  expect([...store.tasks.counts(CAMPAIGN)].sort()).toEqual([
    ["planned", 1],
    ["staged", 1],
    ["succeeded", 1],
  ]);
});

test("atRiskOf(): of one campaign", () => {
  const store = storeWithCampaign();
  expect(store.tasks.atRiskOf(CAMPAIGN)).toBe(0);
  put(store, 1, { at: "lost", sinceMs: 5, lastSign: "silent", leg: 0 });
  expect([store.tasks.atRiskOf(CAMPAIGN), store.tasks.atRiskOf("c-other" as typeof CAMPAIGN)]).toEqual([1, 0]);
});

test("openOfDevice(): the unfinished task of a device, none where it ended", () => {
  const store = storeWithCampaign();
  expect(store.tasks.openOfDevice(deviceId(1))?.id).toBe(taskOf(1));
  put(store, 1, { at: "refused", why: "floor", leg: 0 });
  expect(store.tasks.openOfDevice(deviceId(1))).toBeUndefined();
  expect(store.tasks.openOfDevice(device(9).id)).toBeUndefined();
});

test("openOfDevice(): what waits in a campaign that has ended keeps nobody; what was touched there does", () => {
  const store = storeWithCampaign();
  const { revision } = store.campaigns.summary(CAMPAIGN) ?? { revision: 0 };
  const next = { at: "halted", atMs: T0, cause: { by: "doe", why: "smoke" } } as const;
  put(store, 2, { at: "commanded", attempt, accepted: true, commandedAtMs: 1, deadlineMs: 2 });
  expect(store.campaigns.step({ id: CAMPAIGN, expectedRevision: revision, next, why: "halted", atMs: T0 })).toBe(true);
  expect(store.tasks.openOfDevice(deviceId(1))).toBeUndefined();
  expect(store.tasks.openOfDevice(deviceId(2))?.state.at).toBe("commanded");
});

test("load(): a state this agent does not know is named, never guessed", () => {
  const directory = temporaryFolder();
  const store = storeWithCampaign(directory);
  rawly(join(directory, MAIN_FILE), (sql) => sql.run(`update tasks set state = '{"at":"melting"}'`));
  expect(() => store.tasks.load(taskOf(1))).toThrow('state: at "melting" is unknown');
});

test.each(STATES)("unfinished(), judged(), hasTouched() and touched(): as the whole campaign says, with a task that is $at", (state) => {
  const store = storeWithCampaign();
  const { tasks } = store;
  put(store, 2, state);
  put(store, 3, { at: "failed", cause: "fellBack", fault: { kind: "stalled", waitedFor: "it" }, seenHealthy: true, leg: 0 });
  const all = tasks.ofCampaign(CAMPAIGN);
  for (const last of [0, 1, 2]) {
    expect(tasks.unfinished(CAMPAIGN, last)).toEqual(all.filter((task) => !isFinal(task.state) && task.wave <= last));
    const judged = all.filter((task) => task.wave === last || task.state.at === "failed" || task.state.at === "lost");
    expect(new Set(tasks.judged(CAMPAIGN, last))).toEqual(new Set(judged));
    expect(tasks.judged(CAMPAIGN, last)).toHaveLength(judged.length);
  }
  expect(tasks.hasTouched(CAMPAIGN)).toBe(isAtRisk(state) && !isFinal(state));
  expect(tasks.touched()).toEqual(tasks.hasTouched(CAMPAIGN) ? [CAMPAIGN] : []);
});
