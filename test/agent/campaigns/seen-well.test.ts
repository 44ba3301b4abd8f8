import { expect, test } from "vitest";
import { sawWell } from "../../../agent/campaigns/seen-well.ts";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { createObserver } from "../../../agent/health/observe.ts";
import { companyHolds } from "../../../firmware/waves/company.ts";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import type { TaskEvent } from "../../../firmware/waves/task-state.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId } from "../../store/temporary.ts";
import { type Kit, kit, move, started, toLost, toSucceeded } from "./kit.ts";

const ONE = deviceId(1);
const fault = { kind: "stalled", waitedFor: "the device to fetch the image" } as const;
const SILENT: DeviceRead = {
  ...{ facts: {}, inUse: { state: "unknown", reason: "silent" }, lines: [], parts: [], reading: {}, evidence: [] },
  faults: [{ kind: "unreachable", via: "https" }],
};

test.each<[TaskEvent, boolean]>([
  [{ kind: "checksPassed" }, true],
  [{ kind: "legDone" }, true],
  [{ kind: "soakPassed" }, true],
  [{ kind: "failed", cause: "neverReacted", fault, seenHealthy: true, retry: false }, true],
  [{ kind: "failed", cause: "registrationLost", fault, seenHealthy: false, retry: false }, false],
  [{ kind: "silent", lastSign: "Updating" }, false],
  [{ kind: "wentDown", rebootMs: MINUTE }, false],
])("sawWell(): %j: %s", (event, well) => {
  expect(sawWell(event)).toBe(well);
});

/** Three phones in one hunt group of which two must stay up, asked by health as in the daemon. */
function bench() {
  const made = kit();
  const { id, plan } = started(made);
  const { store, clock } = made;
  const inventory = createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined });
  const observer = createObserver({ store, clock, inventory, onCondition: () => undefined, onReading: () => undefined });
  const members = [1, 2, 3].map(deviceId);
  const domains = indexDomains({ ...plan, domains: [{ id: "huntGroup:sales", kind: "huntGroup", members, minUp: 2 }] });
  const second = plan.tasks.find(({ device }) => device === deviceId(2)) ?? plan.tasks[0];
  return {
    ...{ made, id, observer },
    asked: (times: number) => {
      for (let i = 0; i < times; i++) observer.take(ONE, SILENT);
    },
    /** What holds the second phone. */
    holds: () =>
      companyHolds({
        ...{ planned: second as NonNullable<typeof second>, policy: plan.policy, domains },
        ...{ atRisk: made.drive.atRisk(), company: made.drive.company() },
      }).map(({ why }) => why),
  };
}

const upTo = (events: readonly TaskEvent[], kind: TaskEvent["kind"]) => events.findIndex((event) => event.kind === kind) + 1;
const moveOn = (made: Kit, id: CampaignId, events: readonly TaskEvent[]) => move(made, id, 1, events);

test("a device that was dark for its update is up once its task has seen it well, and holds no neighbour until health asks again", () => {
  const { made, id, asked, holds } = bench();
  const way = toSucceeded("token-01");
  const down = upTo(way, "wentDown");
  moveOn(made, id, way.slice(0, down));
  asked(3);
  expect(made.store.devices.load(ONE)?.availability).toBe("offline");
  moveOn(made, id, way.slice(down));
  expect(made.store.devices.load(ONE)?.availability).toBe("online");
  expect(made.drive.company().down).toEqual([]);
  expect(holds()).toEqual([]);
  const span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  expect(made.store.health.changes(span, 9).map(({ became }) => became)).toContain("online");
});

test("one ask in vain after that makes it offline again: a neighbour waits for it", () => {
  const { made, id, asked, holds } = bench();
  const way = toSucceeded("token-01");
  const down = upTo(way, "wentDown");
  moveOn(made, id, way.slice(0, down));
  asked(3);
  moveOn(made, id, way.slice(down));
  made.store.devices.save({
    ...(made.store.devices.load(deviceId(3)) as NonNullable<ReturnType<typeof made.store.devices.load>>),
    availability: "offline",
  });
  asked(1);
  expect(made.store.devices.load(ONE)?.availability).toBe("offline");
  expect(holds()).toEqual([expect.stringContaining("2 are down by themselves")]);
});

test("a device that did not come back stays offline", () => {
  const { made, id, asked } = bench();
  const way = toLost("token-01");
  moveOn(made, id, way.slice(0, -1));
  asked(3);
  moveOn(made, id, way.slice(-1));
  expect(made.drive.company().down).toMatchObject([{ device: ONE }]);
});
