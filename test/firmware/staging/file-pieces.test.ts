import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filePieces } from "../../../firmware/staging/file-pieces.ts";
import { bytesOf, temporaryFolder } from "./kit.ts";

const MB = 1024 * 1024;

async function opened(bytes: Buffer) {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, bytes);
  return open(path, "r");
}

test.each([0, 1, MB - 1, MB, MB + 1, 2 * MB, 3 * MB + 5])("filePieces(): a file of %i bytes comes whole and in order", async (length) => {
  const whole = bytesOf(length);
  await using file = await opened(whole);
  const seen: Buffer[] = [];
  for await (const piece of filePieces(file)) seen.push(Buffer.from(piece));
  expect(Buffer.concat(seen).equals(whole)).toBe(true);
  expect(seen.every((piece) => piece.length > 0 && piece.length <= MB)).toBe(true);
});

test("filePieces(): whoever stops early can close the file at once, and it stays usable until then", async () => {
  const file = await opened(bytesOf(3 * MB));
  for await (const piece of filePieces(file)) {
    expect(piece.length).toBe(MB);
    break;
  }
  expect((await file.stat()).size).toBe(3 * MB);
  await file.close();
});

test("filePieces(): a read that fails is told to whoever asks for that piece", async () => {
  const file = await opened(bytesOf(3 * MB));
  const pieces = filePieces(file);
  await pieces.next();
  const second = pieces.next();
  await second;
  await file.close();
  // The piece after it was read before the file was closed; the next one cannot be.
  const rest = async (): Promise<void> => {
    for await (const _ of pieces);
  };
  await expect(rest()).rejects.toThrow();
});
