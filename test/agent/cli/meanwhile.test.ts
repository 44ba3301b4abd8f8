import { expect, test } from "vitest";
import type { Cli } from "../../../agent/cli/command.ts";
import { CliError } from "../../../agent/cli/context.ts";
import { meanwhile, pause } from "../../../agent/cli/meanwhile.ts";
import { manualClock } from "../../../protocols/core/time.ts";

/** As far as waiting looks at it. */
function bench(changes: { readonly mode?: string; readonly quiet?: boolean; readonly via?: string; readonly stop?: AbortSignal } = {}) {
  const { mode = "text", quiet = false, via = "local", stop = new AbortController().signal } = changes;
  const clock = manualClock(0);
  let settled = 0;
  const out = { mode, settle: () => void settled++ };
  const cli = { io: { clock, stop }, options: { quiet }, out, doors: { via } } as unknown as Cli;
  return { cli, clock, settled: () => settled };
}

test("meanwhile(): looks every second until the answer is there, then no more", async () => {
  const { cli, clock, settled } = bench();
  const { promise, resolve } = Promise.withResolvers<string>();
  let looks = 0;
  const waiting = meanwhile(cli, promise, async () => void looks++);
  await clock.advance(3_500);
  resolve("answer");
  expect(await waiting).toBe("answer");
  await clock.advance(10_000);
  expect([looks, settled()]).toEqual([3, 1]);
});

test("meanwhile(): over a broker each look is a command, so it looks every five", async () => {
  const { cli, clock } = bench({ via: "mqtt" });
  const { promise, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  const waiting = meanwhile(cli, promise, async () => void looks++);
  await clock.advance(10_500);
  resolve();
  await waiting;
  expect(looks).toBe(2);
});

test.each([{ mode: "json" }, { mode: "plain" }, { quiet: true }])("meanwhile(): with %j nothing is asked for progress", async (changes) => {
  const { cli, clock } = bench(changes);
  const { promise, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  const waiting = meanwhile(cli, promise, async () => void looks++);
  await clock.advance(5_000);
  resolve();
  await waiting;
  expect(looks).toBe(0);
});

test("meanwhile(): a failed look is no reason to give up", async () => {
  const { cli, clock } = bench();
  const { promise, resolve } = Promise.withResolvers<number>();
  let looks = 0;
  const waiting = meanwhile(cli, promise, async () => {
    looks++;
    throw new CliError("away", 69);
  });
  await clock.advance(2_500);
  resolve(7);
  expect([await waiting, looks]).toEqual([7, 2]);
});

test("meanwhile(): the question's own failure is given through, and the line is ended", async () => {
  const { cli, settled } = bench();
  await expect(meanwhile(cli, Promise.reject(new CliError("no", 5)), async () => undefined)).rejects.toMatchObject({ exitCode: 5 });
  expect(settled()).toBe(1);
});

test("pause(): a stop ends the wait by its reason", async () => {
  const stop = new AbortController();
  const waiting = pause(bench({ stop: stop.signal }).cli);
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
