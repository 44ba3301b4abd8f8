import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { createFairPace, subnetOf } from "../../../protocols/provisioning/fair-pace.ts";

const never = new AbortController().signal;

test("createFairPace(): without a cap everything passes at once", async () => {
  const pace = createFairPace({}, manualClock(0)).of("x", "127.0.0.1");
  for (let i = 0; i < 100; i++) await pace.take(pace.pieceBytes, never);
  await expect(pace.take(1, AbortSignal.abort("over"))).rejects.toBe("over");
});

test("createFairPace(): takers get the same, by the clock, and the cap is used", async () => {
  const clock = manualClock(0);
  const fair = createFairPace({ totalBytesPerSecond: 100_000 }, clock);
  const had = [0, 0, 0, 0];
  const stop = new AbortController();
  const taker = async (at: number): Promise<void> => {
    const pace = fair.of(`p${at}`, `127.0.${at}.1`);
    for (;;) {
      await pace.take(pace.pieceBytes, stop.signal);
      had[at] = (had[at] ?? 0) + pace.pieceBytes;
    }
  };
  const all = Promise.allSettled(had.map((_, at) => taker(at)));
  await clock.advance(10_000);
  stop.abort("over");
  await all;
  expect(Math.max(...had) - Math.min(...had)).toBeLessThanOrEqual(4_900);
  const sum = had.reduce((a, b) => a + b);
  expect(sum).toBeLessThanOrEqual(1_000_000);
  expect(sum).toBeGreaterThan(950_000);
});

test("createFairPace(): a subnet has its own cap, and who waits for it keeps no other waiting", async () => {
  const clock = manualClock(0);
  const fair = createFairPace({ totalBytesPerSecond: 1_000_000, subnetBytesPerSecond: 10_000 }, clock);
  const here = fair.of("x", "127.0.1.1");
  for (let i = 0; i < 3; i++) void here.take(here.pieceBytes, never);
  let elsewhere = false;
  void fair
    .of("y", "127.0.2.1")
    .take(10, never)
    .then(() => {
      elsewhere = true;
    });
  await clock.advance(0);
  expect(elsewhere).toBe(true);
});

test("createFairPace(): a wait ends with its signal and takes nothing from the others", async () => {
  const clock = manualClock(0);
  const fair = createFairPace({ totalBytesPerSecond: 1_000 }, clock);
  const [one, two] = [fair.of("one", "127.0.0.1"), fair.of("two", "127.0.0.2")];
  // What a rest has saved up goes first.
  for (let i = 0; i < 4; i++) await Promise.race([one.take(one.pieceBytes, never), clock.advance(0)]);
  const stop = new AbortController();
  const waiting = Array.from({ length: 50 }, () => one.take(one.pieceBytes, stop.signal));
  const settled = Promise.allSettled(waiting);
  stop.abort("stop");
  expect(new Set((await settled).map((result) => (result.status === "rejected" ? result.reason : "granted")))).toEqual(new Set(["stop"]));
  let granted = false;
  void two.take(two.pieceBytes, never).then(() => {
    granted = true;
  });
  await clock.advance(300);
  expect(granted).toBe(true);
  await expect(one.take(1, AbortSignal.abort("over"))).rejects.toBe("over");
});

test.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8::/64"],
  ["fe80::1%eth0", "fe80::/64"],
  ["unknown", "unknown"],
])("subnetOf(): %s is of %s", (address, subnet) => {
  expect(subnetOf(address)).toBe(subnet);
});
