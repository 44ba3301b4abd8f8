import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSendTurns, TURN_BYTES } from "../../../protocols/provisioning/send-turns.ts";

/** Turns that are had one by one, and who went in each. */
function byHand() {
  const wakes: (() => void)[] = [];
  const went: number[] = [];
  const turns = createSendTurns(() => new Promise((resolve) => wakes.push(resolve)));
  return {
    went,
    ask: (name: number, bytes: number): void => void turns.next(bytes).then(() => went.push(name)),
    /** How many ask for a turn of the loop: one for all, or nobody. */
    pending: () => wakes.length,
    async have(): Promise<readonly number[]> {
      const before = went.length;
      wakes.shift()?.();
      await turn();
      return went.slice(before);
    },
  };
}

test("createSendTurns(): nobody goes in the turn it asks in, and so many bytes go in one, in their order", async () => {
  const { ask, went, have } = byHand();
  for (let name = 0; name < 10; name++) ask(name, TURN_BYTES / 4);
  await turn();
  expect(went).toEqual([]);
  expect([await have(), await have(), await have(), await have()]).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []]);
});

test("createSendTurns(): who asks again is behind those that wait, and a turn is asked for only while somebody waits", async () => {
  const { ask, have, pending } = byHand();
  ask(0, TURN_BYTES);
  ask(1, TURN_BYTES);
  expect([await have(), pending()]).toEqual([[0], 1]);
  ask(0, TURN_BYTES);
  expect([await have(), await have(), pending()]).toEqual([[1], [0], 0]);
  ask(2, 1);
  expect([await have(), pending()]).toEqual([[2], 0]);
});

test("createSendTurns(): everybody goes once, in order, and no turn holds more than its bytes unless it is one alone", async () => {
  const asks = fc.array(fc.integer({ min: 1, max: 2 * TURN_BYTES }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(asks, async (all) => {
      const { ask, have, pending, went } = byHand();
      for (const [name, bytes] of all.entries()) ask(name, bytes);
      for (let left = all.length; left > 0 && pending() > 0; left--) {
        const some = await have();
        const bytes = some.reduce((sum, name) => sum + (all[name] as number), 0);
        expect(some.length === 1 || bytes <= TURN_BYTES).toBe(true);
      }
      expect(went).toEqual(all.map((_, name) => name));
    }),
    { numRuns: 50 },
  );
});

test("createSendTurns(): on the real loop timers have their turn between two lots", async () => {
  const turns = createSendTurns();
  const order: string[] = [];
  const sent = Promise.all(["a", "b", "c"].map((name) => turns.next(TURN_BYTES).then(() => order.push(name))));
  for (let left = 3; left > 0; left--) {
    await turn();
    order.push("others");
  }
  await sent;
  expect(order.filter((one) => one !== "others")).toEqual(["a", "b", "c"]);
  expect(order.indexOf("c") - order.indexOf("a")).toBeGreaterThan(2);
});
