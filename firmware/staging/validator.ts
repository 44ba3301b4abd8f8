/**
 * The ETag a part of a file was fetched under, kept beside the part: the rest is taken only from the same file.
 */
import { readFile, rm, writeFile } from "node:fs/promises";

/** A strong ETag of bounded length; weak ones say nothing about bytes (RFC 9110 13.1.5). */
const strong = /^"[\x21\x23-\x7e]{1,200}"$/;

export function validatorPath(partialPath: string): string {
  return `${partialPath}.etag`;
}

export async function loadValidator(partialPath: string): Promise<string | undefined> {
  const text = await readFile(validatorPath(partialPath), "utf8").catch(() => "");
  return strong.test(text) ? text : undefined;
}

/** Written before the part's first byte. Without a usable ETag any older one is removed. */
export async function saveValidator(partialPath: string, etag: string | undefined): Promise<void> {
  if (etag !== undefined && strong.test(etag)) await writeFile(validatorPath(partialPath), etag, { mode: 0o600 });
  else await rm(validatorPath(partialPath), { force: true });
}
