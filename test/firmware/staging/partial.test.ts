import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPartial, restart } from "../../../firmware/staging/partial.ts";
import { loadValidator, saveValidator } from "../../../firmware/staging/validator.ts";
import { bytesOf, sha256Of, temporaryFolder } from "./kit.ts";

const FILE = bytesOf(2_500_000);

async function opened(path: string) {
  const progress = await openPartial(path, FILE.length);
  if (!progress.ok) throw new Error(JSON.stringify(progress.fault));
  return progress.value;
}

test("openPartial(): a new part is empty; what an earlier run left is hashed, and may come from another answer", async () => {
  const path = join(temporaryFolder(), "part");
  const fresh = await opened(path);
  expect([fresh.doneBytes, fresh.spliced, fresh.hash.digest("hex")]).toEqual([0, false, sha256Of(Buffer.alloc(0))]);
  await fresh.file.close();
  const part = FILE.subarray(0, 1_700_000);
  writeFileSync(path, part);
  const left = await opened(path);
  expect([left.doneBytes, left.spliced, left.hash.digest("hex")]).toEqual([part.length, true, sha256Of(part)]);
  await left.file.close();
});

test("openPartial(): one larger than the file is begun anew, without its ETag", async () => {
  const path = join(temporaryFolder(), "part");
  writeFileSync(path, Buffer.concat([FILE, FILE]));
  await saveValidator(path, '"v1"');
  const progress = await opened(path);
  expect([progress.doneBytes, progress.spliced, readFileSync(path).length]).toEqual([0, false, 0]);
  expect(await loadValidator(path)).toBeUndefined();
  await progress.file.close();
});

test("openPartial(): where no file can be written there is a fault", async () => {
  const folder = join(temporaryFolder(), "part");
  mkdirSync(folder);
  expect(await openPartial(folder, 10)).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "depot" } });
});

test("restart(): nothing is left of what came, and the next ETag is kept", async () => {
  const path = join(temporaryFolder(), "part");
  writeFileSync(path, FILE.subarray(0, 1_000));
  const progress = await opened(path);
  await restart(progress, '"v2"');
  expect([progress.doneBytes, progress.spliced, progress.hash.digest("hex")]).toEqual([0, false, sha256Of(Buffer.alloc(0))]);
  expect([readFileSync(path).length, await loadValidator(path)]).toEqual([0, '"v2"']);
  await progress.file.close();
});
