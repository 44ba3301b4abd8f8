/**
 * Every setting of the policy is tripped: the same situation with one value and with another ends otherwise. A setting that no
 * row trips does not ship.
 */
import { expect, test } from "vitest";
import { type BeforeUpdateIo, beforeUpdate } from "../../../agent/config-watch/before-update.ts";
import { NO_COMPANY } from "../../../firmware/waves/company.ts";
import { domainsOf, indexDomains } from "../../../firmware/waves/domains.ts";
import { judgeWave } from "../../../firmware/waves/gates/index.ts";
import { type HoldInput, holdsFor } from "../../../firmware/waves/holds.ts";
import { nextMove } from "../../../firmware/waves/next.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import { policySchema, type WavePolicy } from "../../../firmware/waves/policy.ts";
import { HOURS_OF_WEEK } from "../../../firmware/waves/quiet-hours.ts";
import { retryWaitMs } from "../../../firmware/waves/retry.ts";
import type { Candidate, PlannedTask } from "../../../firmware/waves/shape.ts";
import { stepTask } from "../../../firmware/waves/task.ts";
import type { TaskEvent, TaskState } from "../../../firmware/waves/task-state.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import { windowView } from "../../../firmware/waves/window.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { Store } from "../../../store/store.ts";
import { KEYS } from "../../agent/config-watch/kit.ts";
import { device, temporaryStore } from "../../store/temporary.ts";
import { ALWAYS, candidate, deviceOf, NOW, planInput, policy, release } from "./builders.ts";
import { FAILED, gateInput, UPDATED, used, well } from "./gates/builders.ts";
import * as kit from "./next-kit.ts";

interface Row {
  /** Both sides: the setting, and what comes of it. */
  readonly sides: readonly [readonly [value: unknown, outcome: unknown], readonly [value: unknown, outcome: unknown]];
  readonly outcome: (policy: WavePolicy) => unknown;
}
type Side = Row["sides"][0];
const sides = (one: Side, other: Side): Pick<Row, "sides"> => ({ sides: [one, other] });
type Key = keyof typeof policySchema.shape;

const phones = (count: number, changes: (number: number) => Partial<Candidate> = () => ({})): Candidate[] =>
  Array.from({ length: count }, (_, at) => candidate(at + 1, changes(at + 1)));
const planOf = (terms: WavePolicy, candidates: readonly Candidate[], more: Parameters<typeof planInput>[1] = {}) =>
  makePlan(planInput(candidates, { policy: terms, ...more }));
const sizesOf = (plan: ReturnType<typeof planOf>): number[] => plan.waves.map(({ tasks }) => tasks.length);
const firstOf = ({ tasks, waves }: ReturnType<typeof planOf>) => tasks.find(({ id }) => id === waves[0]?.tasks[0])?.device;

const hidden = { kind: "hidden", why: "it does not let the agent see it (401)", old: false } as const;
function storeWith(row: DeviceRow): Store {
  const store = temporaryStore();
  store.devices.save(row);
  return store;
}
/** What holds the first phone while these are at risk. */
function codes(terms: WavePolicy, more: { candidates?: readonly Candidate[]; atRisk?: number[] } & Partial<Omit<HoldInput, "atRisk">>) {
  const { candidates = [candidate(1), candidate(2)], atRisk = [], ...rest } = more;
  const plan = planOf(terms, candidates);
  const planned = plan.tasks.find(({ device }) => device === deviceOf(1)) as PlannedTask;
  const input = { planned, leg: 0, policy: terms, window: windowView(ALWAYS), domains: indexDomains(plan), times: NOTHING_KNOWN };
  const now = { wave: { sinceMs: NOW - DAY, size: 1 }, atRisk: atRisk.map(deviceOf), company: NO_COMPANY, kills: [], nowMs: NOW };
  return holdsFor({ ...input, ...now, ...rest }).map(({ code }) => code);
}
const keepsUp = (terms: WavePolicy, kind: string, candidates: readonly Candidate[], groups: Parameters<typeof domainsOf>[2] = []) =>
  domainsOf(candidates, terms, groups, []).find((domain) => domain.kind === kind)?.minUp;
const after = (terms: WavePolicy, state: TaskState, event: TaskEvent, nowMs = NOW): TaskState => {
  const step = stepTask(state, event, terms, nowMs);
  return "next" in step ? step.next : state;
};
const moved = (terms: WavePolicy, state: TaskState, now: Parameters<typeof kit.now>[0]) =>
  nextMove(state, kit.now({ policy: terms, ...now }));

const inZone = (count: number) => phones(count, () => ({ place: { zone: "north", duties: [] } }));
const inSubnet = phones(3, () => ({ subnet: "10.20.3.0/24" }));
const onSwitch = [{ kind: "switch", name: "sw-1", members: [1, 2, 3].map(deviceOf) }] as const;
const room = { place: { room: "Matterhorn", duties: [] } } as const;
/** The place of the first phone is in a call for a tenth of each hour, except of the hours from three on. */
const usage = { zone: "UTC", days: 28, busy: Array.from({ length: HOURS_OF_WEEK }, (_, hour) => (hour % 24 < 15 ? 0.1 : 0)) };
const learned = { times: { ...NOTHING_KNOWN, usage: () => usage } };
const meetingSoon = { fromMs: NOW + 30 * MINUTE, toMs: NOW + HOUR };
const calendar = { ...NOTHING_KNOWN, calendar: () => ({ known: true, meetings: [meetingSoon], toMs: NOW + DAY }) as const };
const failedOnce: TaskEvent = { kind: "failed", cause: "neverReacted", fault: kit.fault, seenHealthy: true, retry: true };
const oneWay = release({ edges: [{ ...release().edges[0], reversibility: "one_way", revertMs: 0 }] });
const unused = gateInput([UPDATED, UPDATED], { use: [used(0, { calls: 0 }), used(1)] });
const worse = { health: [well(0, { registeredLines: 2 }, { registeredLines: 0 })] };
const deferredUntil = (deadlineMs: number): TaskState => ({ ...kit.deferred, sinceMs: NOW - DAY, deadlineMs }) as TaskState;
const busyAt = { kind: "foundBusy", inUse: kit.busy, nextOpeningMs: NOW + 12 * HOUR } as const;

const phoneRow = device(1, { family: "uc-phone", model: "VVX 450", address: "10.0.0.1" });
/** A server that nobody may read. */
const noCopies = (): BeforeUpdateIo => ({
  ...{ store: storeWith(phoneRow), keys: KEYS, mode: "overlay" },
  look: async () => ({ phone: hidden, web: hidden }),
  ...{ takeUploads: async () => undefined, take: () => undefined, say: () => undefined },
});

const ROWS: Readonly<Record<Key, Row>> = {
  canaryCount: {
    ...sides([1, 1], [3, 3]),
    outcome: (terms) => sizesOf(planOf(terms, phones(9)))[0],
  },
  atRiskMax: {
    ...sides([2, []], [1, ["budget"]]),
    outcome: (terms) => codes(terms, { atRisk: [7] }),
  },
  subnetAtRiskMax: {
    ...sides([undefined, []], [1, ["domain"]]),
    outcome: (terms) => codes(terms, { candidates: inSubnet, atRisk: [2] }),
  },
  switchAtRiskMax: {
    ...sides([2, 1], [1, 2]),
    outcome: (terms) => keepsUp(terms, "switch", phones(3), onSwitch),
  },
  zoneKeeps: {
    ...sides([1, []], [2, ["domain"]]),
    outcome: (terms) => codes(terms, { candidates: inZone(3), atRisk: [2] }),
  },
  zones: {
    ...sides([[], []], [[{ name: "north", keeps: 2 }], ["domain"]]),
    outcome: (terms) => codes(terms, { candidates: inZone(3), atRisk: [2] }),
  },
  plannedOutages: {
    ...sides([[], 2], [[{ domain: "group:Desk", keeps: 1 }], 1]),
    outcome: (terms) => keepsUp(terms, "group", phones(3), [{ kind: "group", name: "Desk", members: [1, 2, 3].map(deviceOf), minUp: 2 }]),
  },
  rings: {
    ...sides([["lab", "desk"], deviceOf(2)], [["desk", "lab"], deviceOf(1)]),
    outcome: (terms) =>
      firstOf(
        planOf(
          terms,
          phones(2, (number) => ({ place: { ring: number === 1 ? "desk" : "lab", duties: [] } })),
        ),
      ),
  },
  spares: {
    ...sides([[{ model: "VVX 450", count: 1 }], []], [[{ model: "VVX 450", count: 0 }], ["noSpare"]]),
    outcome: (terms) => planOf(terms, phones(1), { release: oneWay }).heldBack.map(({ code }) => code),
  },
  startEvery: {
    ...sides(["0s", []], ["10m", ["start"]]),
    outcome: (terms) => codes(terms, { wave: { sinceMs: NOW, size: 500 } }),
  },
  quietHours: {
    ...sides(["off", []], ["require", ["quietHours"]]),
    outcome: (terms) => codes(terms, learned),
  },
  quietBusyPercentMax: {
    ...sides([10, []], [9, ["quietHours"]]),
    outcome: (terms) => codes({ ...terms, quietHours: "require" }, learned),
  },
  meetingMargin: {
    ...sides(["0s", []], ["10m", ["meeting"]]),
    outcome: (terms) => codes(terms, { candidates: [candidate(1, room)], times: calendar }),
  },
  soak: {
    ...sides(["1m", MINUTE], ["2h", 2 * HOUR]),
    outcome: (terms) => {
      const soaking = after(terms, kit.verifyingAt(NOW + HOUR), { kind: "checksPassed" });
      return soaking.at === "soaking" ? soaking.untilMs - NOW : soaking.at;
    },
  },
  offline: {
    ...sides(["hold", "holdsFound"], ["arm", "foundOffline"]),
    outcome: (terms) => {
      const move = moved(terms, kit.staged, { look: kit.silent });
      return move.do === "step" ? move.event.kind : move.do;
    },
  },
  armedFor: {
    ...sides(["1h", NOW + HOUR], ["2d", NOW + 2 * DAY]),
    outcome: (terms) => {
      const state = after(terms, kit.staged, { kind: "foundOffline", why: "silent" });
      return state.at === "armed" ? state.deadlineMs : state.at;
    },
  },
  deferral: {
    ...sides(["1h", NOW + HOUR], ["2h", NOW + 2 * HOUR]),
    outcome: (terms) => {
      const state = after(terms, kit.staged, busyAt);
      return state.at === "deferred" ? state.deadlineMs : state.at;
    },
  },
  afterDeferral: {
    ...sides(["nextWindow", "deferred"], ["fail", "failed"]),
    outcome: (terms) => after(terms, deferredUntil(NOW), busyAt).at,
  },
  deferralsMax: {
    ...sides([2, "deferred"], [1, "skipped"]),
    outcome: (terms) => after(terms, deferredUntil(NOW), busyAt).at,
  },
  lookAgain: {
    ...sides(["1m", NOW + MINUTE], ["30m", NOW + 30 * MINUTE]),
    outcome: (terms) => {
      const state = after(terms, kit.staged, busyAt);
      return state.at === "deferred" ? state.nextLookMs : state.at;
    },
  },
  lostAfter: {
    ...sides(["10m", 10 * MINUTE], ["1h", HOUR]),
    outcome: (terms) => {
      const move = moved(terms, kit.applyingAt(NOW + HOUR), { signs: { imageDeliveredAtMs: NOW } });
      return move.do === "step" && move.event.kind === "wentDown" ? move.event.rebootMs : move.do;
    },
  },
  attemptsMax: {
    ...sides([1, "failed"], [2, "failedRetryable"]),
    outcome: (terms) => after(terms, kit.commandedAt(NOW), failedOnce).at,
  },
  retryAfter: {
    ...sides(["1m", true], ["1h", false]),
    outcome: (terms) => (retryWaitMs(kit.attempt, kit.fault, terms) ?? 0) <= MINUTE,
  },
  failuresAllowed: {
    ...sides([0, "fail"], [1, "pass"]),
    outcome: (terms) => {
      const { failuresAllowed = 0 } = planOf(terms, phones(9)).waves[1] ?? {};
      return judgeWave(gateInput([UPDATED, FAILED], { failuresAllowed })).verdict;
    },
  },
  realUse: {
    ...sides([{ calls: 0 }, "pass"], [{ calls: 1, devices: 2, waitUpTo: "1d" }, "inconclusive"]),
    outcome: (terms) => judgeWave({ ...unused, policy: terms }).verdict,
  },
  personAfter: {
    ...sides([[], "pass"], ["every", "inconclusive"]),
    outcome: (terms) => judgeWave(gateInput([UPDATED], { policy: terms })).verdict,
  },
  gatesOnlyReport: {
    ...sides([[], "fail"], [["health"], "pass"]),
    outcome: (terms) => judgeWave(gateInput([UPDATED], { policy: terms, ...worse })).verdict,
  },
  withoutBackup: {
    ...sides([false, "waits"], [true, "goes"]),
    outcome: async (terms) => ((await beforeUpdate(deviceOf(1), terms, noCopies(), new AbortController().signal)) ? "waits" : "goes"),
  },
  reason: {
    ...sides(["", false], ["CVE-2026-1234", true]),
    outcome: (terms) =>
      planOf(terms, phones(1)).policy.reason !== "" && planHash(planOf(terms, phones(1))) !== planHash(planOf(policy(), phones(1))),
  },
};

const settings = Object.keys(policySchema.shape) as Key[];

test.each(settings)("policy.%s: one value and another end otherwise", async (setting) => {
  const { sides: both, outcome } = ROWS[setting];
  const [[one, is], [other, becomes]] = both;
  const withValue = (value: unknown): WavePolicy => policy(value === undefined ? {} : { [setting]: value });
  expect(is).not.toEqual(becomes);
  expect(await outcome(withValue(one))).toEqual(is);
  expect(await outcome(withValue(other))).toEqual(becomes);
});

test("policy: every setting has its row, and no row is of a setting that is gone", () => {
  expect(Object.keys(ROWS).toSorted()).toEqual(settings.toSorted());
});
