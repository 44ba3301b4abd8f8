import { expect, test } from "vitest";
import { rateText, spaceLines } from "../../../agent/cli/firmware-staging.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { agent, done, image, releaseRow } from "./agent.ts";

const quick = { clock: { ...systemClock(), sleep: async () => undefined } };
const MOVING = image({ state: "staging", doneBytes: 45_000_000, bytesPerSecond: 1_500_000, leftMs: 30_000 });

test("firmware pause: says what became of it, and how it goes on", async () => {
  const stopped = await (await agent({ "firmware.pause": done({ release: "r", paused: true, stopped: true }) })).run([
    "firmware",
    "pause",
    "r",
  ]);
  expect([stopped.code, stopped.out]).toEqual([0, "r: stopped; what has come is kept. Go on with: groundswell firmware resume r\n"]);
  const site = await agent({ "firmware.pause": done({ release: "r", paused: true, stopped: false }) });
  const idle = await site.run(["firmware", "pause", "r", "--json"]);
  expect(idle.json()).toEqual({ schema: "groundswell.stage-paused/1", release: "r", stopped: false });
});

test("firmware resume: stays until the images are here", async () => {
  const site = await agent({
    "firmware.resume": done({ release: "r", images: [MOVING] }),
    "firmware.list": done({ releases: [releaseRow({ id: "r" })] }),
  });
  expect((await site.run(["firmware", "resume", "r"], quick)).out).toContain("1 of 1 image staged");
});

test("firmware list: rate and time left of what moves, what is paused, and what holds the space", async () => {
  const depot = {
    budgetBytes: 1_000_000_000,
    usedBytes: 160_000_000,
    diskFreeBytes: 5_000_000_000,
    images: [
      { sha256: "a".repeat(64), target: "old.ld", sizeBytes: 70_000_000, usedAt: "2026-11-01T00:00:00Z", heldBy: [] },
      { sha256: "b".repeat(64), sizeBytes: 90_000_000, usedAt: "2026-11-02T00:00:00Z", heldBy: ["c-1", "c-2"] },
    ],
    parts: [{ sha256: "c".repeat(64), doneBytes: 7_000 }],
  };
  const rows = [
    releaseRow({ images: [MOVING] }),
    releaseRow({ id: "p-1", paused: true, images: [image({ state: "known", doneBytes: 9_000_000 })] }),
  ];
  const ran = await (await agent({ "firmware.list": done({ releases: rows, depot }) })).run(["firmware", "list"]);
  expect(ran.out).toMatch(/staging 50 %, 1\.5 MB\/s, 30 s left/);
  expect(ran.out).toMatch(/p-1 .* paused 10 %/);
  expect(ran.err).toContain("Depot: 160 MB of 1 GB used by 2 images, 5 GB free on the disk");
  expect(ran.err).toContain("bbbbbbbbbbbb, 90 MB, held by c-1, c-2");
  expect(ran.err).toContain("first to go: old.ld, 70 MB");
  expect(ran.err).toContain("1 download not whole: 7 kB");
  expect(spaceLines({ ...depot, images: [], parts: [] })).toHaveLength(1);
});

test("rateText(): nothing where nothing is known, and a standstill is said", () => {
  expect(rateText([{ sizeBytes: 10 }])).toBe("");
  expect(rateText([{ sizeBytes: 10, bytesPerSecond: 0 }])).toBe("nothing comes");
});
