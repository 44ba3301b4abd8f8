import { expect, test } from "vitest";
import { createRoll, type RollTo } from "../../../agent/health/roll.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";

function listener(wants: (id: DeviceId) => boolean = () => true): RollTo & { readonly taken: { id: DeviceId; firstMs: number }[] } {
  const taken: { id: DeviceId; firstMs: number }[] = [];
  return {
    taken,
    wants,
    takeIn: (row, firstAskMs) => void taken.push({ id: row.id, firstMs: firstAskMs(row, 0.5) }),
    intervalFor: () => MINUTE,
  };
}

test("turn(): reads a page at a time until all is read, each device at a moment of its own", () => {
  const store = temporaryStore();
  store.transaction(() => {
    for (let number = 0; number < 600; number++) store.devices.save(device(number));
  });
  store.devices.takeWritten();
  const roll = createRoll(store.devices, T0);
  const counts = [0, 1, 2, 3].map((turn) => {
    const to = listener();
    roll.turn(T0 + turn * SECOND, to);
    for (const { firstMs } of to.taken) expect(firstMs).toBeLessThan(T0 + MINUTE);
    return to.taken.length;
  });
  expect(counts).toEqual([250, 250, 100, 0]);
});

test("turn(): what was written since is looked at, where it is news; new ones are due at once", () => {
  const store = temporaryStore();
  const roll = createRoll(store.devices, T0);
  roll.turn(T0, listener());
  for (const number of [1, 2]) store.devices.save(device(number));
  const to = listener((id) => id === deviceId(1));
  roll.turn(T0 + SECOND, to);
  expect(to.taken).toEqual([{ id: deviceId(1), firstMs: T0 + SECOND }]);
  const after = listener();
  roll.turn(T0 + 2 * SECOND, after);
  expect(after.taken).toEqual([]);
});

test("turn(): everything is gone through again after ten minutes", () => {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number));
  store.devices.save(device(3, { adopted: false }));
  const roll = createRoll(store.devices, T0);
  roll.turn(T0, listener());
  const to = listener();
  roll.turn(T0 + 9 * MINUTE, to);
  expect(to.taken).toEqual([]);
  roll.turn(T0 + 10 * MINUTE, to);
  expect(to.taken.map(({ id }) => id)).toEqual([deviceId(1), deviceId(2)]);
});
