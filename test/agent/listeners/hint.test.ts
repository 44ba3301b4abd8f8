import { expect, test } from "vitest";
import { takeHint } from "../../../agent/listeners/hint.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { device, deviceId, temporaryStore } from "../../store/temporary.ts";

test("takeHint(): devices of ours at that address are asked sooner; strangers, ignored and retired ones are not", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { address: "10.0.0.1" }));
  store.devices.save(device(2, { address: "10.0.0.2", adopted: false }));
  store.devices.save(device(3, { address: "10.0.0.3", retiredAtMs: 5 }));
  const asked: [DeviceId, string][] = [];
  const poller = { bringForward: (id: DeviceId, why: string) => asked.push([id, why]) > 0 };
  const counts = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.9"].map((address) => takeHint({ via: "trap", address }, { store, poller }));
  expect(counts).toEqual([1, 0, 0, 0]);
  expect(asked).toEqual([[deviceId(1), "trap"]]);
});

test("takeHint(): while the agent starts nobody is asked", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { address: "10.0.0.1" }));
  expect(takeHint({ via: "syslog", address: "10.0.0.1" }, { store, poller: undefined })).toBe(0);
});
