import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadValidator, saveValidator, validatorPath } from "../../../firmware/staging/validator.ts";
import { temporaryFolder } from "./kit.ts";

const partial = (): string => join(temporaryFolder(), "part");

test("saveValidator(): a strong ETag is kept beside the part, for its owner alone, and comes back", async () => {
  const path = partial();
  await saveValidator(path, '"v1-a!#~"');
  expect(await loadValidator(path)).toBe('"v1-a!#~"');
  expect(statSync(validatorPath(path)).mode & 0o077).toBe(0);
});

test.each([
  ["a weak one", 'W/"v1"'],
  ["one without quotes", "v1"],
  ["an empty one", '""'],
  ["one of 201 characters", `"${"a".repeat(201)}"`],
  ["one with a line break", '"a\r\nrange: bytes=0-"'],
  ["one with a quote inside", '"a"b"'],
  ["one beyond ASCII", '"ü"'],
  ["none", undefined],
])("saveValidator(): %s is not kept, and an older one goes", async (_what, etag) => {
  const path = partial();
  await saveValidator(path, '"old"');
  await saveValidator(path, etag);
  expect(existsSync(validatorPath(path))).toBe(false);
});

test("saveValidator(): 200 characters are still kept", async () => {
  const path = partial();
  const etag = `"${"a".repeat(200)}"`;
  await saveValidator(path, etag);
  expect(await loadValidator(path)).toBe(etag);
});

test("loadValidator(): a file somebody else wrote is believed only if it is a strong ETag", async () => {
  const path = partial();
  expect(await loadValidator(path)).toBeUndefined();
  writeFileSync(validatorPath(path), '"v1"\r\nx-evil: 1');
  expect(await loadValidator(path)).toBeUndefined();
  writeFileSync(validatorPath(path), "");
  expect(await loadValidator(path)).toBeUndefined();
});
