import { expect, test } from "vitest";
import { createMemory } from "../../../agent/health/observe-memory.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { rule } from "./rule-kit.ts";

const ONE = deviceId(1);
const RULES = [rule("registrationLost"), rule("tooHot")];

function site() {
  const store = temporaryStore();
  store.devices.save(device(1));
  return store;
}

const open = (kind: string) => ({ deviceId: ONE, kind, severity: "error", causeClass: "network", sinceMs: T0, evidence: [] }) as const;

test("of(): conditions of others that are open are known, and what changed elsewhere after a while", () => {
  const store = site();
  store.conditions.open(open("notCovered"));
  const memory = createMemory(store, RULES, 0);
  expect([...memory.of(ONE, T0).open]).toEqual(["notCovered"]);
  store.conditions.open(open("tooHot"));
  expect([...memory.of(ONE, T0 + MINUTE).open]).toEqual(["notCovered"]);
  expect([...memory.of(ONE, T0 + 5 * MINUTE).open].sort()).toEqual(["notCovered", "tooHot"]);
});

test("of(): where nothing is remembered, what it had last is usual; a loss that is open was of one at least", () => {
  const store = site();
  store.history.append([{ device: ONE, atMs: T0, reading: { registeredLines: 2 } }]);
  expect(createMemory(store, RULES, 0).of(ONE, T0).usual.get("registrationLost")).toEqual({ most: 2, fromMs: T0 });
  store.conditions.open(open("registrationLost"));
  expect(createMemory(store, RULES, 0).of(ONE, T0).usual.get("registrationLost")).toEqual({ most: 3, fromMs: T0 });
});

test("flush(): writes what was touched, once; what ended is gone after a restart", () => {
  const store = site();
  const memory = createMemory(store, RULES, 0);
  const kept = memory.of(ONE, T0);
  kept.states.set("tooHot", { bad: true, sinceMs: T0 });
  memory.touch(ONE, "tooHot");
  memory.flush();
  const again = createMemory(store, RULES, 3 * MINUTE);
  // Nobody watched for three minutes: they do not count.
  expect(again.of(ONE, T0).states.get("tooHot")).toEqual({ bad: true, sinceMs: T0 + 3 * MINUTE });
  kept.states.delete("tooHot");
  memory.flush();
  expect(store.health.ofDevice(ONE).rules).toHaveLength(1);
  memory.touch(ONE, "tooHot");
  memory.flush();
  expect(store.health.ofDevice(ONE).rules).toEqual([]);
});

test("flush(): a device that is forgotten is not written", () => {
  const store = site();
  const memory = createMemory(store, RULES, 0);
  memory.of(ONE, T0).states.set("tooHot", { bad: true, sinceMs: T0 });
  memory.touch(ONE, "tooHot");
  memory.forget(ONE);
  memory.flush();
  expect(store.health.ofDevice(ONE).rules).toEqual([]);
});
