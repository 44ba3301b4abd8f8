import { expect, test } from "vitest";
import { createUnderWay } from "../../../protocols/snmp/under-way.ts";

test("createUnderWay(): each packet falls due once, in order, and not after its address was dropped", () => {
  const waiting = createUnderWay(2);
  const [a, b, c] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map((address) => waiting.add(address, 5)) as [number, number, number];
  waiting.sent(a, 11, 100);
  waiting.sent(b, 12, 110);
  waiting.sent(c, 13, 120);
  expect(waiting.nextDue(99)).toBeUndefined();
  waiting.drop(b);
  expect(waiting.nextDue(115)).toBe(a);
  waiting.sent(a, 21, 200);
  expect([waiting.nextDue(120), waiting.nextDue(120), waiting.nextDue(199)]).toEqual([c, undefined, undefined]);
  expect([waiting.nextDue(200), waiting.steps(a), waiting.size]).toEqual([a, 2, 2]);
});

test("createUnderWay(): an id belongs to one packet of one address, and none to a place that was given anew", () => {
  const waiting = createUnderWay(4);
  const slot = waiting.add("127.0.0.1", 5);
  waiting.sent(slot, 11, 100);
  waiting.sent(slot, 12, 200);
  expect([waiting.stepOf(slot, 11), waiting.stepOf(slot, 12), waiting.stepOf(slot, 13)]).toEqual([0, 1, -1]);
  waiting.drop(slot);
  expect(waiting.find("127.0.0.1")).toBeUndefined();
  const again = waiting.add("127.0.0.9", 7);
  waiting.sent(again, 31, 300);
  expect([again, waiting.stepOf(again, 12), waiting.addressOf(again), waiting.firstSentMs(again)]).toEqual([slot, -1, "127.0.0.9", 7]);
  // The old packet's time was in the ring: it is not taken for the new one's.
  expect(waiting.nextDue(299)).toBeUndefined();
  expect(waiting.nextDue(300)).toBe(again);
});

test("createUnderWay(): has a bound, and a million packets through few places use no more of them", () => {
  const waiting = createUnderWay(1);
  for (let i = 0; i < 1_000_000; i++) {
    const slot = waiting.add(`127.0.0.${i % 200}`, i);
    waiting.sent(slot, i + 1, i);
    waiting.drop(slot);
    if (waiting.nextDue(i) !== undefined) throw new Error(`due at ${i}`);
    if (slot !== 0 || waiting.isFull) throw new Error(`place ${slot} at ${i}`);
  }
  for (let i = 0; !waiting.isFull; i++) waiting.sent(waiting.add(`x${i}`, 0), i + 1, 0);
  expect(waiting.size).toBe(65_536);
});
