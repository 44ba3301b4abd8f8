import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ImageRef } from "../../../firmware/release.ts";
import { type Depot, openDepot } from "../../../firmware/staging/depot.ts";
import type { FileLocation } from "../../../firmware/staging/download.ts";
import { createStager, type Stager, type StagerIo, type Staging } from "../../../firmware/staging/stage.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import type { Clock } from "../../../protocols/core/time.ts";
import type { Pace } from "../../../protocols/provisioning/pace.ts";
import {
  bytesOf,
  downloadIo,
  type FileServer,
  fileServer,
  never,
  passingClock,
  serving,
  sha256Of,
  status,
  stoppingAfter,
  temporaryFolder,
} from "./kit.ts";

const FILE = bytesOf(100_000);

function imageOf(bytes: Buffer, target = "ucs/a.ld"): ImageRef {
  return { target, partNumbers: ["3111-48840-001"], sizeBytes: bytes.length, sha256: sha256Of(bytes) };
}
const from = (server: FileServer): FileLocation => ({ kind: "url", url: server.url() });

interface Staged {
  readonly depot: Depot;
  readonly stager: Stager;
  readonly told: Staging[];
  /** How many downloads have looked for room: the first thing each does. */
  readonly begun: () => number;
}

interface Circumstances {
  readonly folder?: string;
  readonly budgetBytes?: number;
  readonly pinned?: ReadonlySet<Sha256>;
  readonly pace?: Pace;
  readonly clock?: Clock;
  readonly progress?: () => void;
}

async function staging(changes: Circumstances = {}): Promise<Staged> {
  const opened = await openDepot({ folder: changes.folder ?? temporaryFolder(), budgetBytes: changes.budgetBytes ?? 1024 ** 3 }, never);
  if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
  const { depot } = opened.value;
  const told: Staging[] = [];
  const { clock, random, pace } = { ...downloadIo(), ...(changes.clock === undefined ? {} : { clock: changes.clock }) };
  const progress = (one: Staging): void => {
    told.push(one);
    changes.progress?.();
  };
  let begun = 0;
  const pinned = (): ReadonlySet<Sha256> => {
    begun++;
    return changes.pinned ?? new Set();
  };
  const io: StagerIo = { depot, clock, random, pace: changes.pace ?? pace, pinned, progress };
  return { depot, stager: createStager(io), told, begun: () => begun };
}

/** The path of what was staged; fails the test otherwise. */
function pathOf(answer: Awaited<ReturnType<Stager["stage"]>>): string {
  if (!answer.ok) throw new Error(JSON.stringify(answer.fault));
  return answer.value.path;
}

test("stage(): the image is whole in the depot, its part is gone, and nothing runs any more", async () => {
  const server = await fileServer(serving(FILE));
  const { depot, stager } = await staging();
  const image = imageOf(FILE);
  const answer = await stager.stage(image, from(server), never);
  expect(readFileSync(pathOf(answer)).equals(FILE)).toBe(true);
  expect(depot.find(image.sha256)).toEqual(answer.ok && answer.value);
  expect([existsSync(depot.partialPath(image.sha256)), stager.running]).toEqual([false, []]);
});

test("stage(): what is in the depot is not fetched again", async () => {
  const server = await fileServer(serving(FILE), status(500));
  const { stager } = await staging();
  const first = await stager.stage(imageOf(FILE), from(server), never);
  expect(await stager.stage(imageOf(FILE), from(server), never)).toEqual(first);
  expect(server.asked).toHaveLength(1);
});

test("stage(): one download, however many wait for it", async () => {
  const server = await fileServer(serving(FILE));
  const { stager } = await staging();
  const waiting = Array.from({ length: 5 }, () => stager.stage(imageOf(FILE), from(server), never));
  expect(stager.running).toEqual([{ sha256: sha256Of(FILE), name: "ucs/a.ld", doneBytes: 0, totalBytes: FILE.length, waiters: 5 }]);
  expect(new Set((await Promise.all(waiting)).map(pathOf)).size).toBe(1);
  expect(server.asked).toHaveLength(1);
});

test("stage(): progress is told while bytes come, up to the last one", async () => {
  const server = await fileServer(serving(FILE));
  const { stager, told } = await staging();
  await stager.stage(imageOf(FILE), from(server), never);
  expect(told.map(({ doneBytes }) => doneBytes)).toEqual(told.map(({ doneBytes }) => doneBytes).toSorted((a, b) => a - b));
  expect(told.at(-1)).toMatchObject({ name: "ucs/a.ld", doneBytes: FILE.length, totalBytes: FILE.length });
});

test("stage(): a corrupted image is refused, named, not served and not kept", async () => {
  const server = await fileServer(serving(bytesOf(FILE.length, 9)));
  const { depot, stager } = await staging();
  const image = imageOf(FILE);
  const answer = await stager.stage(image, from(server), never);
  const wanted = `"ucs/a.ld" with sha256 ${image.sha256}`;
  expect(answer).toMatchObject({ ok: false, fault: { kind: "mismatch", wanted } });
  expect([depot.find(image.sha256), depot.list, existsSync(depot.partialPath(image.sha256))]).toEqual([undefined, [], false]);
});

test("stage(): after a refusal the next try is a new one", async () => {
  const server = await fileServer(serving(bytesOf(FILE.length, 9)), serving(FILE));
  const { stager } = await staging();
  expect((await stager.stage(imageOf(FILE), from(server), never)).ok).toBe(false);
  expect((await stager.stage(imageOf(FILE), from(server), never)).ok).toBe(true);
});

test("stage(): what does not fit is refused before a byte is asked for", async () => {
  const server = await fileServer(serving(FILE));
  const { stager } = await staging({ budgetBytes: FILE.length - 1 });
  const answer = await stager.stage(imageOf(FILE), from(server), never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "refused", via: "depot" } });
  expect(server.asked).toEqual([]);
});

test("stage(): an older image makes room unless a plan needs it", async () => {
  const other = bytesOf(FILE.length, 2);
  const roomForOne = 1.5 * FILE.length;
  for (const pinned of [new Set<Sha256>(), new Set([sha256Of(FILE)])]) {
    const server = await fileServer(serving(FILE), serving(other));
    const { depot, stager } = await staging({ budgetBytes: roomForOne, pinned });
    await stager.stage(imageOf(FILE), from(server), never);
    const answer = await stager.stage(imageOf(other, "ucs/b.ld"), from(server), never);
    expect(answer.ok).toBe(pinned.size === 0);
    expect(depot.list.map(({ sha256 }) => sha256)).toEqual([pinned.size === 0 ? sha256Of(other) : sha256Of(FILE)]);
  }
});

test("stage(): two downloads at once are not given the same room, not even while an older image makes way", async () => {
  const [old, other] = [bytesOf(FILE.length, 3), bytesOf(FILE.length, 2)];
  const [before, first, second] = [await fileServer(serving(old)), await fileServer(serving(FILE)), await fileServer(serving(other))];
  const { depot, stager } = await staging({ budgetBytes: 1.5 * FILE.length });
  await stager.stage(imageOf(old, "ucs/old.ld"), from(before), never);
  const answers = await Promise.all([
    stager.stage(imageOf(FILE), from(first), never),
    stager.stage(imageOf(other, "ucs/b.ld"), from(second), never),
  ]);
  expect(answers.map((answer) => answer.ok || answer.fault.kind)).toEqual([true, "refused"]);
  expect(depot.list.map(({ sha256 }) => sha256)).toEqual([sha256Of(FILE)]);
});

test("stage(): room promised to a download that failed is free again", async () => {
  const other = bytesOf(FILE.length, 2);
  const server = await fileServer(status(404), serving(other));
  const { stager } = await staging({ budgetBytes: 1.5 * FILE.length });
  expect((await stager.stage(imageOf(FILE), from(server), never)).ok).toBe(false);
  expect((await stager.stage(imageOf(other), from(server), never)).ok).toBe(true);
});

test("stage(): two images are fetched at once, the third waits for its turn", async () => {
  const files = [1, 2, 3].map((seed) => bytesOf(1_000, seed));
  const servers = await Promise.all(files.map((file) => fileServer(stoppingAfter(10, file), serving(file))));
  const { stager, begun } = await staging();
  const waiting = files.map((file, index) => stager.stage(imageOf(file, `ucs/${index}.ld`), from(servers[index] as FileServer), never));
  await Promise.all([servers[0]?.reached(1), servers[1]?.reached(1)]);
  expect([begun(), stager.running.length]).toEqual([2, 3]);
  servers[0]?.cut();
  await servers[2]?.reached(1);
  for (const server of servers) server.cut();
  expect((await Promise.all(waiting)).every((answer) => answer.ok)).toBe(true);
});

test("stage(): who leaves does not stop it for those who stay", async () => {
  const server = await fileServer(stoppingAfter(1_000, FILE), serving(FILE));
  const { stager } = await staging();
  const leaving = new AbortController();
  const reason = new Error("enough");
  const gone = stager.stage(imageOf(FILE), from(server), leaving.signal);
  const staying = stager.stage(imageOf(FILE), from(server), never);
  await server.reached(1);
  leaving.abort(reason);
  await expect(gone).rejects.toBe(reason);
  expect(stager.running[0]?.waiters).toBe(1);
  server.cut();
  expect((await staying).ok).toBe(true);
});

test("stage(): progress is told four times a second at most, and always at the end", async () => {
  const server = await fileServer(serving(FILE));
  const clock = passingClock();
  // Each piece takes a tenth of a second.
  const pace = { pieceBytes: 1_000, take: () => clock.sleep(100) };
  const atMs: number[] = [];
  const { stager, told } = await staging({ pace, clock, progress: () => atMs.push(clock.nowMs()) });
  expect((await stager.stage(imageOf(FILE), from(server), never)).ok).toBe(true);
  const gaps = atMs.slice(1, -1).map((at, before) => at - (atMs[before] ?? 0));
  expect(gaps.every((gap) => gap >= 250)).toBe(true);
  expect([told.length >= 2, told.at(-1)?.doneBytes, atMs.at(-1)]).toEqual([true, FILE.length, clock.nowMs()]);
});

test("stage(): the last to leave stops it; the part is kept, and whoever comes next continues it", async () => {
  const server = await fileServer(stoppingAfter(1_000, FILE, '"v1"'), serving(FILE, '"v1"'));
  const leaving = new AbortController();
  const { depot, stager, told } = await staging();
  const gone = stager.stage(imageOf(FILE), from(server), leaving.signal);
  const part = depot.partialPath(sha256Of(FILE));
  while (told.length === 0) await new Promise(setImmediate);
  leaving.abort(new Error("enough"));
  await expect(gone).rejects.toThrow("enough");
  const next = stager.stage(imageOf(FILE), from(server), never);
  await server.reached(2);
  expect(statSync(part).size).toBe(1_000);
  expect((await next).ok).toBe(true);
  expect(server.asked[1]?.range).toBe("bytes=1000-");
});

test("stage(): a download that is still ending is never joined by a second writer of the same part", async () => {
  const server = await fileServer(serving(FILE));
  const held = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const take = (): Promise<void> => {
    reached.resolve();
    return held.promise;
  };
  const leaving = new AbortController();
  const { stager, begun } = await staging({ pace: { pieceBytes: 64 * 1024, take } });
  const gone = stager.stage(imageOf(FILE), from(server), leaving.signal);
  await reached.promise;
  leaving.abort(new Error("enough"));
  await expect(gone).rejects.toThrow("enough");
  const next = stager.stage(imageOf(FILE), from(server), never);
  await new Promise(setImmediate);
  expect(begun()).toBe(1);
  held.resolve();
  expect((await next).ok).toBe(true);
});

test("stage(): nobody is asked for a caller who has already left", async () => {
  const server = await fileServer(serving(FILE));
  const { stager } = await staging();
  await expect(stager.stage(imageOf(FILE), from(server), AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  expect([server.asked, stager.running]).toEqual([[], []]);
});

test("close(): every download ends, all who wait are told, and parts are kept", async () => {
  const server = await fileServer(stoppingAfter(1_000, FILE));
  const { depot, stager, told } = await staging();
  const waiting = Promise.allSettled([1, 2].map(() => stager.stage(imageOf(FILE), from(server), never)));
  while (told.length === 0) await new Promise(setImmediate);
  await stager.close();
  expect((await waiting).map(({ status: how }) => how)).toEqual(["rejected", "rejected"]);
  expect([stager.running, statSync(depot.partialPath(sha256Of(FILE))).size]).toEqual([[], 1_000]);
});

test("stage(): a part of an earlier run of the agent is continued", async () => {
  const server = await fileServer(serving(FILE));
  const { depot, stager } = await staging();
  writeFileSync(depot.partialPath(sha256Of(FILE)), FILE.subarray(0, 60_000));
  expect((await stager.stage(imageOf(FILE), from(server), never)).ok).toBe(true);
  expect(server.asked[0]?.range).toBe("bytes=60000-");
});

test("stage(): many wait over restarts of the agent, and every byte is fetched once", async () => {
  const server = await fileServer(stoppingAfter(30_000, FILE, '"v1"'), stoppingAfter(30_000, FILE, '"v1"'), serving(FILE, '"v1"'));
  const folder = temporaryFolder();
  for (const upTo of [30_000, 60_000, FILE.length]) {
    const { stager, depot } = await staging({ folder });
    const waiting = Array.from({ length: 4 }, () => stager.stage(imageOf(FILE), from(server), never));
    const ended = Promise.allSettled(waiting);
    if (upTo < FILE.length) {
      while ((stager.running[0]?.doneBytes ?? 0) < upTo) await new Promise(setImmediate);
      await stager.close();
      expect((await ended).map(({ status: how }) => how)).toEqual(Array(4).fill("rejected"));
    } else {
      expect(new Set((await Promise.all(waiting)).map(pathOf))).toEqual(new Set([depot.list[0]?.path]));
    }
  }
  expect(server.asked.map(({ range }) => range)).toEqual([undefined, "bytes=30000-", "bytes=60000-"]);
});
