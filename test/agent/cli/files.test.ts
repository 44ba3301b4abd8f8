import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secretFrom, textFrom } from "../../../agent/cli/files.ts";
import { folder } from "./kit.ts";

function file(text: string): string {
  const path = join(folder(), "f");
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

test("secretFrom(): without its line end, and it prints nothing of itself", async () => {
  const secret = await secretFrom(file("sample-canary-3\n"), {});
  expect([secret.reveal(), `${secret}`]).toEqual(["sample-canary-3", "***"]);
});

test("textFrom(): the text as it is", async () => {
  expect(await textFrom(file("a\n"), {})).toBe("a\n");
});

test("secretFrom(), textFrom(): what cannot be read is exit 78", async () => {
  const none = join(folder(), "none");
  await expect(secretFrom(none, {})).rejects.toMatchObject({ exitCode: 78 });
  await expect(textFrom(none, {})).rejects.toMatchObject({ exitCode: 78 });
});

test("textFrom(): a file that is far too long is not read", async () => {
  await expect(textFrom(file("x".repeat(1024 * 1024 + 1)), {})).rejects.toMatchObject({ exitCode: 78 });
});
