import { expect, test } from "vitest";
import { openDepot } from "../../../firmware/staging/depot.ts";
import { laneIn } from "../../../firmware/staging/lane.ts";
import { createStager } from "../../../firmware/staging/stage.ts";
import { limit } from "../../../protocols/core/limit.ts";
import { loopTurn, manualClock } from "../../../protocols/core/time.ts";
import { bytesOf, downloadIo, fileServer, never, serving, sha256Of, status, temporaryFolder } from "./kit.ts";

test("laneIn(): whoever waits aside lets the next one in, and comes again behind it", async () => {
  const lanes = limit(1);
  const [one, other] = [laneIn(lanes, never), laneIn(lanes, never)];
  const told: string[] = [];
  await one.take();
  const turn = other.take().then(() => told.push("other"));
  await loopTurn();
  expect(told).toEqual([]);
  const back = one.aside(() => turn.then(() => undefined)).then(() => told.push("one again"));
  await turn;
  await loopTurn();
  expect(told).toEqual(["other"]);
  other.leave();
  await back;
  expect(told).toEqual(["other", "one again"]);
  one.leave();
  await lanes.idle();
});

test("laneIn(): an abort while it waits for its turn, or aside, leaves nothing held", async () => {
  const lanes = limit(1);
  const stop = new AbortController();
  const [one, other] = [laneIn(lanes, never), laneIn(lanes, stop.signal)];
  await one.take();
  const waiting = other.take();
  stop.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  await expect(one.aside(() => Promise.reject(new Error("aborted")))).rejects.toThrow("aborted");
  one.leave();
  await lanes.idle();
  expect(lanes.waiting).toBe(0);
});

test("stage(): two whose servers fail give up their lanes between two tries, and a third is fetched meanwhile", async () => {
  const opened = await openDepot({ folder: temporaryFolder(), budgetBytes: 1024 ** 3 }, never);
  if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
  const { random, pace } = downloadIo();
  // No time passes: who waits for its next try waits until the end.
  const stager = createStager({ depot: opened.value.depot, clock: manualClock(0), random, pace, pinned: () => new Set() });
  const stop = new AbortController();
  const stage = async (seed: number, fails: boolean) => {
    const file = bytesOf(1_000, seed);
    const server = await fileServer(fails ? status(503) : serving(file));
    const image = { target: `ucs/${seed}.ld`, partNumbers: ["3111-48840-001"], sizeBytes: file.length, sha256: sha256Of(file) };
    return { done: stager.stage(image, { kind: "url", url: server.url() }, stop.signal) };
  };
  const [one, two, three] = [await stage(1, true), await stage(2, true), await stage(3, false)];
  expect((await three.done).ok).toBe(true);
  expect(stager.running.map(({ name, waits }) => [name, waits?.fault.kind])).toEqual([
    ["ucs/1.ld", "unreachable"],
    ["ucs/2.ld", "unreachable"],
  ]);
  stop.abort(new Error("enough"));
  await expect(one.done).rejects.toThrow("enough");
  await expect(two.done).rejects.toThrow("enough");
  await stager.close();
});
