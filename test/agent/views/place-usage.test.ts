import { expect, test } from "vitest";
import { placeUsages, usageKeyOf } from "../../../agent/views/place-usage.ts";
import { HOURS_OF_WEEK, type Usage } from "../../../firmware/waves/quiet-hours.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const usage = (share: number | null, days = 20): Usage => ({ zone: "Europe/Zurich", days, busy: Array(HOURS_OF_WEEK).fill(share) });

function bench() {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number));
  store.places.save({ id: "p-1", name: "Front desk", room: "Reception", duties: [] });
  store.places.assign("p-1", macOf(1), { atMs: T0, why: "test" });
  store.placeUsages.replace(
    [
      { key: "room:Reception", usage: usage(0.37) },
      { key: `device:${deviceId(2)}`, usage: usage(0.05, 13) },
      { key: "site", usage: usage(null) },
    ],
    T0,
  );
  return store;
}

test("placeUsages(): all of them, the site first, each with its name, its days and which hours are quiet", () => {
  expect(placeUsages(undefined, 5, bench())).toMatchObject({
    ...{ schema: "groundswell.place-usage/1", conclusiveDays: 14, quietBusyPercentMax: 5 },
    places: [
      { place: "whole site", kind: "site", quiet: Array(HOURS_OF_WEEK).fill(false) },
      { place: "Phone 2", kind: "device", days: 13, conclusive: false, quiet: Array(HOURS_OF_WEEK).fill(true) },
      { place: "Reception", kind: "room", days: 20, conclusive: true, quiet: Array(HOURS_OF_WEEK).fill(false) },
    ],
  });
});

test.each([
  ["the room", "reception"],
  ["the place", "Front desk"],
  ["the device in it", "Phone 1"],
])("placeUsages(): one by the name of %s", (_, wanted) => {
  expect(placeUsages(wanted, 5, bench())).toMatchObject({ places: [{ place: "Reception" }] });
});

test("placeUsages(): what is unknown, and what nothing was learned of, say so", () => {
  const store = bench();
  expect(placeUsages("Nirvana", 5, store)).toEqual({ why: 'No room, place or device "Nirvana"' });
  store.placeUsages.replace([], T0);
  expect(placeUsages("Reception", 5, store)).toMatchObject({ why: expect.stringContaining("Nothing was learned") });
  expect(placeUsages(undefined, 5, store)).toMatchObject({ places: [] });
});

test("usageKeyOf(): by its room, or by itself", () => {
  const store = bench();
  expect([usageKeyOf(deviceId(1), store), usageKeyOf(deviceId(2), store)]).toEqual(["room:Reception", `device:${deviceId(2)}`]);
});
