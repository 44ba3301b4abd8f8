import { expect, test } from "vitest";
import type { Subject } from "../../../agent/commands/authorise.ts";
import { acceptClock } from "../../../agent/commands/clock-verb.ts";
import { neverBack } from "../../../firmware/waves/set-back.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import { DAY, isoOf, manualClock } from "../../../protocols/core/time.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const anna: Subject = { person: "anna", name: "Anna", role: "approver", kid: "key-anna" };

function bench(isSynchronised = true) {
  const store = temporaryStore();
  const clock = manualClock(T0);
  const woken: string[] = [];
  const io = { store, clock, isSynchronised: () => isSynchronised, wake: () => void woken.push("wake") };
  return { store, clock, woken, accept: () => acceptClock({ reason: "the radio clock says so" }, anna, io) };
}

test("acceptClock(): after one jump ahead the present time is the latest, audited, and the drive looks at once", () => {
  const { store, clock, woken, accept } = bench();
  store.marks.noteTime(T0 + 400 * DAY);
  const times = neverBack({ ...NOTHING_KNOWN, highestMs: () => store.marks.highestTime() ?? 0 }, clock);
  times.refresh();
  expect(times.highestMs()).toBe(T0 + 400 * DAY);
  expect(accept()).toEqual({
    ok: true,
    message: `the clock is accepted: it shows ${isoOf(T0)}, and had shown ${isoOf(T0 + 400 * DAY)}`,
    result: { now: isoOf(T0), was: isoOf(T0 + 400 * DAY), accepted: true },
  });
  expect(store.marks.highestTime()).toBe(T0);
  times.refresh();
  expect(times.highestMs()).toBe(T0);
  expect(woken).toEqual(["wake"]);
  expect(store.audit.list()[0]).toMatchObject({
    action: "clock.accepted",
    detail: { was: isoOf(T0 + 400 * DAY), is: isoOf(T0), reason: "the radio clock says so" },
  });
});

test("acceptClock(): again, and where the clock is not behind, nothing changes and it says so", () => {
  const { store, accept, woken } = bench();
  store.marks.noteTime(T0 + 400 * DAY);
  accept();
  expect(accept()).toMatchObject({ ok: true, result: { accepted: false } });
  expect([store.audit.list().length, woken.length, store.marks.highestTime()]).toEqual([1, 1, T0]);
});

test("acceptClock(): a clock that no time server holds is not accepted", () => {
  const { store, accept } = bench(false);
  store.marks.noteTime(T0 + DAY);
  expect(accept()).toMatchObject({ ok: false, code: "wrongState" });
  expect(store.marks.highestTime()).toBe(T0 + DAY);
});
