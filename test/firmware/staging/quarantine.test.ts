import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openQuarantine } from "../../../firmware/staging/quarantine.ts";
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

test("freeBytes(): parts count as well as whole files", async () => {
  const quarantine = await openQuarantine(join(temporaryFolder(), "q"), 10_000);
  writeFileSync(quarantine.partialPath("a"), BYTES);
  await quarantine.take(quarantine.partialPath("a"), SHA);
  writeFileSync(quarantine.partialPath("b"), BYTES.subarray(0, 500));
  expect(await quarantine.freeBytes()).toBe(8_500);
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
