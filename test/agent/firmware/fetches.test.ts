import { expect, test } from "vitest";
import { createFetches } from "../../../agent/firmware/fetches.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";

const order = { source: "portal", key: "ucs" } as const;

function bench() {
  const clock = manualClock(T0);
  const fetches = createFetches(clock);
  const over = Promise.withResolvers<string>();
  const note = (now: object) => fetches.note({ kind: "fetchProgress", ...order, now: { doneBytes: 0, ...now } });
  return { clock, fetches, note, over, running: fetches.during(order, 1_000, () => over.promise) };
}

test("list(): how far, how fast and how long, while it runs; nothing of it afterwards", async () => {
  const { clock, fetches, note, over, running } = bench();
  expect(fetches.list()).toEqual([{ ...order, sinceMs: T0, doneBytes: 0, totalBytes: 1_000 }]);
  note({ doneBytes: 0, totalBytes: 1_000 });
  await clock.advance(4_000);
  note({ doneBytes: 400, totalBytes: 1_000 });
  expect(fetches.list()).toEqual([{ ...order, sinceMs: T0, doneBytes: 400, totalBytes: 1_000, bytesPerSecond: 100, leftMs: 6_000 }]);
  over.resolve("done");
  expect(await running).toBe("done");
  expect(fetches.list()).toEqual([]);
});

test("list(): why nothing comes, with the wait that is left", async () => {
  const { clock, fetches, note, over } = bench();
  note({ waits: { for: "again", fault: { kind: "unreachable", via: "https", detail: "portal: status 503" }, forMs: 8_000 } });
  await clock.advance(3_000);
  expect(fetches.list()[0]?.waits).toMatch(/status 503.*; tried again in 5 s$/);
  note({ waits: { for: "cap" } });
  expect(fetches.list()[0]?.waits).toBe("held back by staging.bytesPerSecond");
  over.resolve("");
});

test("list(): of unknown length there is a speed and no end", async () => {
  const { clock, fetches, note, over } = bench();
  note({ doneBytes: 0 });
  await clock.advance(4_000);
  note({ doneBytes: 400 });
  expect(fetches.list()).toEqual([{ ...order, sinceMs: T0, doneBytes: 400, bytesPerSecond: 100 }]);
  over.resolve("");
});

test("during(): asked for twice it is one, until the last has left; a fault ends it, too", async () => {
  const { fetches, over, running } = bench();
  const second = fetches.during(order, undefined, () => Promise.reject(new Error("no")));
  await expect(second).rejects.toThrow("no");
  expect(fetches.list()).toHaveLength(1);
  over.resolve("");
  await running;
  expect(fetches.list()).toEqual([]);
});

test("note(): of what nobody waits for is nothing", () => {
  const fetches = createFetches(manualClock(T0));
  fetches.note({ kind: "fetchProgress", ...order, now: { doneBytes: 1 } });
  expect(fetches.list()).toEqual([]);
});
