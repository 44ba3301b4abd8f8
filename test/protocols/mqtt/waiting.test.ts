import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Waiter, Waiting } from "../../../protocols/mqtt/waiting.ts";

test("Waiting: each waiter is settled once, by itself or with all others, whatever the order", () => {
  const step = fc.oneof(
    fc.constant({ do: "add" } as const),
    fc.record({ do: fc.constant("remove" as const), which: fc.nat(30) }),
    fc.constant({ do: "settleAll" } as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const waiting = new Waiting<number>();
      const all: { waiter: Waiter<number>; waits: boolean; answers: number[] }[] = [];
      for (const [answer, one] of steps.entries()) {
        if (one.do === "add") {
          const answers: number[] = [];
          all.push({ waiter: waiting.add((given) => void answers.push(given)), waits: true, answers });
        } else if (one.do === "remove") {
          const found = all[one.which];
          if (found === undefined) continue;
          expect(waiting.remove(found.waiter)).toBe(found.waits);
          found.waits = false;
        } else {
          const before = all.filter(({ waits }) => waits);
          waiting.settleAll(answer);
          for (const found of before) {
            found.waits = false;
            expect(found.answers).toEqual([answer]);
          }
        }
        expect(waiting.size).toBe(all.filter(({ waits }) => waits).length);
      }
      expect(all.every(({ answers }) => answers.length <= 1)).toBe(true);
    }),
  );
});

test("settleAll(): who waits anew because of it is not settled with it", () => {
  const waiting = new Waiting<string>();
  waiting.add(() => void waiting.add(() => expect.unreachable()));
  waiting.settleAll("over");
  expect(waiting.size).toBe(1);
});

test("publish(): of messages that the broker has, nothing grows old in memory", () => {
  // The less room the young have, the sooner what is held for alive counts as old.
  const flags = ["--expose-gc", "--max-semi-space-size=2"];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, `${import.meta.dirname}/garbage-entry.ts`], { encoding: "utf8" });
  expect(stderr).toBe("");
  // 30 MB of bodies were sent. 0.1 MB was seen, and 6.6 MB with the library's own store, 4.2 MB with a Set of those who wait.
  expect(Number(stdout)).toBeLessThan(1);
  expect(stdout).not.toBe("");
});
