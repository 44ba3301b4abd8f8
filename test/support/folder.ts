/** A folder for a whole test file: goes away with its last test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function folderUntilEnd(): string {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-file-"));
  made.push(folder);
  return folder;
}
