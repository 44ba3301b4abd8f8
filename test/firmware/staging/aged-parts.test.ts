import { existsSync, mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { choosePartsToDrop, dropAgedParts, PART_KEPT_MS, PARTS_KEPT_BYTES } from "../../../firmware/staging/aged-parts.ts";
import { DAY, SECOND } from "../../../protocols/core/time.ts";
import { temporaryFolder } from "./kit.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const MB = 1024 ** 2;

/** Put there so many days ago, in a file that takes no room. */
function part(folder: string, name: string, days: number, bytes = MB): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  truncateSync(path, bytes);
  writeFileSync(`${path}.etag`, '"v1"');
  utimesSync(path, (NOW_MS - days * DAY) / SECOND, (NOW_MS - days * DAY) / SECOND);
  return path;
}

test("choosePartsToDrop(): what stays is young and fits, what goes says why, and no younger part goes for an older one", () => {
  const bytes = fc.oneof(fc.integer({ min: 0, max: 10 * MB }), fc.integer({ min: 0, max: 2 * PARTS_KEPT_BYTES }));
  const parts = fc.array(fc.record({ bytes, ageMs: fc.integer({ min: -DAY, max: 30 * DAY }) }), { maxLength: 12 });
  fc.assert(
    fc.property(parts, (made) => {
      const all = made.map(({ bytes, ageMs }, at) => ({ name: String(at), bytes, touchedAtMs: NOW_MS - ageMs }));
      const gone = new Map(choosePartsToDrop(all, NOW_MS).map(({ name, why }) => [name, why]));
      const kept = all.filter(({ name }) => !gone.has(name));
      expect(kept.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(PARTS_KEPT_BYTES);
      for (const one of all) {
        const isOld = NOW_MS - one.touchedAtMs > PART_KEPT_MS;
        expect(gone.get(one.name) === "old").toBe(isOld);
        if (gone.get(one.name) !== "room") continue;
        // It did not fit beside those that are no older than it.
        const younger = kept.filter(({ touchedAtMs }) => touchedAtMs >= one.touchedAtMs);
        expect(younger.reduce((sum, { bytes }) => sum + bytes, one.bytes)).toBeGreaterThan(PARTS_KEPT_BYTES);
      }
    }),
  );
});

test("dropAgedParts(): the old go with their ETags, the wanted and the young stay, each is named", async () => {
  const folder = temporaryFolder();
  part(folder, "old", 15);
  part(folder, "wanted", 400);
  part(folder, "young", 13);
  const dropped = await dropAgedParts(folder, (name) => name === "wanted", NOW_MS);
  expect(dropped).toEqual([{ name: "old", bytes: MB, touchedAtMs: NOW_MS - 15 * DAY, why: "old" }]);
  expect(readdirSync(folder).toSorted()).toEqual(["wanted", "wanted.etag", "young", "young.etag"]);
});

test("dropAgedParts(): of too many the longest untouched go; a wanted one takes no room from them", async () => {
  const folder = temporaryFolder();
  part(folder, "wanted", 1, 3 * PARTS_KEPT_BYTES);
  part(folder, "first", 3, PARTS_KEPT_BYTES / 2);
  part(folder, "second", 2, PARTS_KEPT_BYTES / 2);
  part(folder, "third", 1, PARTS_KEPT_BYTES / 2);
  const dropped = await dropAgedParts(folder, (name) => name === "wanted", NOW_MS);
  expect(dropped.map(({ name, why }) => [name, why])).toEqual([["first", "room"]]);
});

test("dropAgedParts(): one that somebody began to fetch meanwhile stays", async () => {
  const folder = temporaryFolder();
  const path = part(folder, "old", 15);
  let asked = 0;
  expect(await dropAgedParts(folder, () => ++asked > 1, NOW_MS)).toEqual([]);
  expect([asked, existsSync(path)]).toEqual([2, true]);
});

test("dropAgedParts(): what is no file is left alone, and a folder that is not there is told", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "odd"));
  expect(await dropAgedParts(folder, () => false, NOW_MS + 100 * DAY)).toEqual([]);
  await expect(dropAgedParts(join(folder, "none"), () => false, NOW_MS)).rejects.toThrow("ENOENT");
});
