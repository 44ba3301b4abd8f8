import { expect, test } from "vitest";
import type { Subject } from "../../../agent/commands/authorise.ts";
import type { ClockHeld } from "../../../agent/commands/clock-held.ts";
import { acceptClock } from "../../../agent/commands/clock-verb.ts";
import { neverBack } from "../../../firmware/waves/set-back.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import { DAY, HOUR, isoOf, manualClock } from "../../../protocols/core/time.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const anna: Subject = { person: "anna", name: "Anna", role: "approver", kid: "key-anna" };

const YES: ClockHeld = { is: "yes", answeredMs: T0 - HOUR };

function bench(held: ClockHeld = YES) {
  const store = temporaryStore();
  const clock = manualClock(T0);
  const woken: string[] = [];
  const io = { store, clock, held: () => held, wake: () => void woken.push("wake") };
  return {
    store,
    clock,
    woken,
    accept: (shown = isoOf(store.marks.highestTime() ?? 0)) => acceptClock({ reason: "the radio clock says so", shown }, anna, io),
  };
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
    result: { now: isoOf(T0), was: isoOf(T0 + 400 * DAY), held: "yes", accepted: true },
  });
  expect(store.marks.highestTime()).toBe(T0);
  times.refresh();
  expect(times.highestMs()).toBe(T0);
  expect(woken).toEqual(["wake"]);
  expect(store.audit.list()[0]).toMatchObject({
    action: "clock.accepted",
    detail: { was: isoOf(T0 + 400 * DAY), is: isoOf(T0), reason: "the radio clock says so", held: "yes" },
  });
});

test("acceptClock(): again, and where the clock is not behind, nothing changes and it says so", () => {
  const { store, accept, woken } = bench();
  store.marks.noteTime(T0 + 400 * DAY);
  accept();
  expect(accept()).toMatchObject({ ok: true, result: { accepted: false } });
  expect([store.audit.list().length, woken.length, store.marks.highestTime()]).toEqual([1, 1, T0]);
});

test("acceptClock(): a clock that no time server holds is not accepted, and says why", () => {
  const { store, accept } = bench({ is: "no", why: "none has answered yet" });
  store.marks.noteTime(T0 + DAY);
  expect(accept()).toMatchObject({ ok: false, code: "wrongState", message: expect.stringContaining("none has answered yet") });
  expect(store.marks.highestTime()).toBe(T0 + DAY);
});

test("acceptClock(): where it is not known whether one holds it, the person's word stands, and answer and audit say so", () => {
  const { store, accept } = bench({ is: "unknown", why: "systemd-timesyncd does not run here" });
  store.marks.noteTime(T0 + DAY);
  expect(accept()).toMatchObject({
    ok: true,
    message: expect.stringContaining("is not known: systemd-timesyncd"),
    result: { held: "unknown" },
  });
  expect(store.audit.list()[0]).toMatchObject({ action: "clock.accepted", detail: { held: "unknown" } });
});

test("acceptClock(): a command that is sent again, or comes late, gives up a time that the clock has not shown, and counts for nothing", () => {
  const { store, clock, accept } = bench();
  store.marks.noteTime(T0 + 400 * DAY);
  const before = isoOf(T0 + 400 * DAY);
  expect(accept(before)).toMatchObject({ ok: true, result: { accepted: true } });
  // Its id is long forgotten, and the clock is where it was when the command was signed: by its times it would be fresh.
  store.marks.noteTime(T0 + 30 * DAY);
  expect(accept(before)).toMatchObject({ ok: false, code: "wrongState", message: expect.stringContaining(isoOf(T0 + 30 * DAY)) });
  expect([store.marks.highestTime(), clock.nowMs()]).toEqual([T0 + 30 * DAY, T0]);
  // Kept back, and delivered after the clock has gone on.
  store.marks.noteTime(T0 + 31 * DAY);
  expect(accept(isoOf(T0 + 30 * DAY))).toMatchObject({ ok: false });
  expect(accept("")).toMatchObject({ ok: false });
  expect(store.marks.highestTime()).toBe(T0 + 31 * DAY);
});
