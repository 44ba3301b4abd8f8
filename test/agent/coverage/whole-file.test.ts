import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeWhole } from "../../../agent/coverage/whole-file.ts";
import { temporaryFolder } from "../../store/temporary.ts";

test("writeWhole(): the file is there whole, its folder made, nothing left beside it; again it is the new one", async () => {
  const folder = join(temporaryFolder(), "new");
  await writeWhole(join(folder, "a.csv"), "first, and longer");
  await writeWhole(join(folder, "a.csv"), Buffer.from("second"));
  expect(readdirSync(folder)).toEqual(["a.csv"]);
  expect(readFileSync(join(folder, "a.csv"), "utf8")).toBe("second");
  expect(statSync(join(folder, "a.csv")).mode & 0o007).toBe(0);
});

test("writeWhole(): where it cannot be put in place the old one stays", async () => {
  const folder = temporaryFolder();
  await writeWhole(join(folder, "a", "old"), "kept");
  await expect(writeWhole(join(folder, "a"), "over a folder")).rejects.toThrow();
  expect(readFileSync(join(folder, "a", "old"), "utf8")).toBe("kept");
});
