/**
 * What a channel's verified metadata says, read back from the files the library has verified and written. Read by a decoder
 * of our own: the library takes seconds for each thousand targets.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Trust } from "../release.ts";
import type { SignedFiles } from "./channel-catalogue.ts";

/** The targets as verified, under whose word, and the first moment any role expires. */
export interface Trusted {
  readonly version: number;
  readonly expiresAtMs: number;
  readonly trust: Trust;
  readonly signed: SignedFiles;
}

const termSchema = z.object({ signed: z.object({ version: z.int().min(1), expires: z.string() }) });
const rootSchema = z.object({
  signed: termSchema.shape.signed.extend({
    consistent_snapshot: z.boolean(),
    roles: z.object({ targets: z.object({ keyids: z.array(z.string()), threshold: z.int() }) }),
  }),
});
const targetsSchema = z.object({
  signed: termSchema.shape.signed.extend({
    targets: z.record(z.string(), z.object({ length: z.int().min(0), hashes: z.record(z.string(), z.string()) })),
  }),
});

/** A text says what the library lets through and we do not. */
export async function loadTrusted(work: string): Promise<Trusted | string> {
  const root = rootSchema.safeParse(await readJson(work, "root"));
  const targets = targetsSchema.safeParse(await readJson(work, "targets"));
  const others = [termSchema.safeParse(await readJson(work, "timestamp")), termSchema.safeParse(await readJson(work, "snapshot"))];
  if (!root.success || !targets.success) return `${root.success ? "targets" : "root"}.json of another form`;
  if (!root.data.signed.consistent_snapshot) return "root.json without consistent snapshots";
  const texts = [root, targets, ...others].map((read) => (read.success ? read.data.signed.expires : ""));
  const expiries = texts.map(expiryOf);
  // One that is no date would never run out for the library.
  if (expiries.includes(undefined)) return "an expiry that is no date";
  return {
    version: targets.data.signed.version,
    expiresAtMs: Math.min(...expiries.filter((expiry) => expiry !== undefined)),
    trust: { rootVersion: root.data.signed.version, releaseKeys: hashOf(root.data.signed.roles.targets) },
    signed: new Map(Object.entries(targets.data.signed.targets)),
  };
}

function hashOf({ keyids, threshold }: { readonly keyids: readonly string[]; readonly threshold: number }): string {
  return createHash("sha256")
    .update(JSON.stringify([threshold, keyids.toSorted()]))
    .digest("hex");
}

/** The one form the TUF specification 4.2.1 allows. */
function expiryOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined; // the 31st of February
  }
}

async function readJson(work: string, role: string): Promise<unknown> {
  return JSON.parse(await readFile(join(work, `${role}.json`), "utf8"));
}
