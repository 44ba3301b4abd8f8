import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DISK_RESERVE_BYTES } from "../../../firmware/staging/depot.ts";
import { openQuarantine, roomIn } from "../../../firmware/staging/quarantine.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { bytesOf, sha256Of, temporaryFolder } from "./kit.ts";

const BYTES = bytesOf(1_000);
const SHA = sha256Of(BYTES);

test("take(): a whole file stands under its hash, over a restart; the same again is fine", async () => {
  const folder = join(temporaryFolder(), "q");
  const quarantine = await openQuarantine(folder, 10_000);
  for (let i = 0; i < 2; i++) {
    writeFileSync(quarantine.partialPath("a"), BYTES);
    expect(await quarantine.take(quarantine.partialPath("a"), SHA)).toEqual({ ok: true, value: undefined });
  }
  const again = await openQuarantine(folder, 10_000);
  expect([await again.held(), readFileSync(again.pathOf(SHA)).equals(BYTES)]).toEqual([[SHA], true]);
  await again.drop(SHA);
  expect([await again.held(), existsSync(again.pathOf(SHA))]).toEqual([[], false]);
});

const NOBODY = new Map<string, number>();

test("roomFor(): parts count as well as whole files, but for the part that is gone on with", async () => {
  const quarantine = await openQuarantine(join(temporaryFolder(), "q"), 10_000);
  writeFileSync(quarantine.partialPath("a"), BYTES);
  await quarantine.take(quarantine.partialPath("a"), SHA);
  writeFileSync(quarantine.partialPath("b"), BYTES.subarray(0, 500));
  expect(await quarantine.roomFor(quarantine.partialPath("c"), NOBODY)).toBe(8_500);
  expect(await quarantine.roomFor(quarantine.partialPath("b"), NOBODY)).toBe(9_000);
});

test("roomFor(): what others may still bring is theirs", async () => {
  const quarantine = await openQuarantine(join(temporaryFolder(), "q"), 10_000);
  writeFileSync(quarantine.partialPath("b"), BYTES.subarray(0, 500));
  const reserved = new Map([
    [quarantine.partialPath("b"), 4_000],
    [quarantine.partialPath("c"), 1_000],
  ]);
  expect(await quarantine.roomFor(quarantine.partialPath("d"), reserved)).toBe(5_000);
  expect(await quarantine.roomFor(quarantine.partialPath("c"), reserved)).toBe(6_000);
});

test("roomIn(): however files come and are gone on with, all together hold the budget and leave the reserve of the disk", () => {
  const size = fc.integer({ min: 0, max: 400 });
  const fetches = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), size, size), { maxLength: 12 });
  fc.assert(
    fc.property(fetches, fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 1_000 }), (wanted, budgetBytes, diskBytes) => {
      const bytes = new Map<string, number>();
      const reserved = new Map<string, number>();
      const sum = (of: ReadonlyMap<string, number>): number => [...of.values()].reduce((all, one) => all + one, 0);
      for (const [path, wholeBytes, stopsAt] of wanted) {
        const have = { bytes, reserved, budgetBytes, diskFreeBytes: DISK_RESERVE_BYTES + diskBytes - sum(bytes) };
        if (wholeBytes > roomIn(have, path)) continue;
        // It is granted: now it may come as far as that, or stop before; some go on for the rest of the story.
        reserved.set(path, wholeBytes);
        bytes.set(path, Math.max(bytes.get(path) ?? 0, Math.min(stopsAt, wholeBytes)));
        const granted = new Map([...bytes].map(([name, has]) => [name, Math.max(has, reserved.get(name) ?? 0)]));
        expect(sum(granted)).toBeLessThanOrEqual(Math.min(budgetBytes, diskBytes));
        if (stopsAt % 2 === 0) reserved.delete(path);
      }
    }),
  );
});

test("dropAgedParts(): an old part goes, one that is being fetched stays", async () => {
  const quarantine = await openQuarantine(join(temporaryFolder(), "q"), 10_000);
  for (const name of ["a", "b"]) {
    writeFileSync(quarantine.partialPath(name), BYTES);
    utimesSync(quarantine.partialPath(name), 1_000, 1_000);
  }
  const running = quarantine.partialPath("b");
  const dropped = await quarantine.dropAgedParts((path) => path === running, 1_000_000 + 15 * DAY);
  expect(dropped).toMatchObject({ ok: true, value: [{ bytes: BYTES.length, why: "old" }] });
  expect([existsSync(quarantine.partialPath("a")), existsSync(running)]).toEqual([false, true]);
});

test("partialPath(): one name, one path, and no name leaves the folder", async () => {
  const quarantine = await openQuarantine(join(temporaryFolder(), "q"), 1);
  expect(quarantine.partialPath("../../x")).toMatch(/\/q\/partial\/[0-9a-f]{64}$/);
  expect(quarantine.partialPath("a")).toBe(quarantine.partialPath("a"));
  expect(quarantine.partialPath("a")).not.toBe(quarantine.partialPath("b"));
});

test("take(): a part that is not there is a fault", async () => {
  const quarantine = await openQuarantine(join(temporaryFolder(), "q"), 1);
  expect(await quarantine.take(quarantine.partialPath("none"), SHA)).toMatchObject({
    ok: false,
    fault: { kind: "unreachable", detail: "quarantine: rename: ENOENT" },
  });
});
