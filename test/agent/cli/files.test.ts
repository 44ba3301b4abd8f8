import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placeFile, secretFrom, textFrom } from "../../../agent/cli/files.ts";
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

test("placeFile(): whole or not at all, never over a file that may not be replaced; a failed one leaves nothing behind", async () => {
  const path = join(folder(), "f.pdf");
  await placeFile(path, Buffer.from("one"), { replace: false });
  await expect(placeFile(path, Buffer.from("two"), { replace: false })).rejects.toMatchObject({ code: "EEXIST" });
  expect(readFileSync(path, "utf8")).toBe("one");
  await placeFile(path, Buffer.from("two"), { replace: true });
  expect(readFileSync(path, "utf8")).toBe("two");
  await expect(placeFile(join(path, "none", "g"), Buffer.from("x"), { replace: false })).rejects.toMatchObject({ code: "ENOTDIR" });
  const other = join(folder(), "g");
  mkdirSync(join(other, "..", ".g.new"));
  await expect(placeFile(other, Buffer.from("x"), { replace: false })).rejects.toMatchObject({ code: "EISDIR" });
  expect(existsSync(other)).toBe(false);
});
