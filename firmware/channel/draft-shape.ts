/**
 * Is a draft as it is made here, to the last field? What a person signs is shown to them by its files, keys and terms: behind
 * those nothing else may hide, such as delegations, or another key under the id of a known one. A draft travels on sticks. Pure.
 */
import * as z from "zod";
import { keyIdOf } from "./keys.ts";
import { SPEC_VERSION } from "./metadata.ts";
import { ROLE_NAMES } from "./roles.ts";

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const term = {
  spec_version: z.literal(SPEC_VERSION),
  version: z.int().min(1),
  expires: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
};
const signatures = z.array(z.strictObject({ keyid: hex64, sig: z.string() }));
const role = z.strictObject({ keyids: z.array(hex64).min(1), threshold: z.int().min(1) });
const keySchema = z.strictObject({
  keytype: z.literal("ed25519"),
  scheme: z.literal("ed25519"),
  keyval: z.strictObject({ public: hex64 }),
});

const rootSchema = z.strictObject({
  ...term,
  _type: z.literal("root"),
  consistent_snapshot: z.literal(true),
  keys: z.record(hex64, keySchema),
  roles: z.strictObject({ root: role, targets: role, snapshot: role, timestamp: role }),
});
const targetsSchema = z.strictObject({
  ...term,
  _type: z.literal("targets"),
  targets: z.record(z.string(), z.strictObject({ length: z.int().min(0), hashes: z.strictObject({ sha256: hex64 }) })),
});

export function isAsMade(of: "root" | "targets", bytes: Buffer): boolean {
  const raw: unknown = JSON.parse(bytes.toString("utf8"));
  if (of === "targets") return z.strictObject({ signatures, signed: targetsSchema }).safeParse(raw).success;
  const read = z.strictObject({ signatures, signed: rootSchema }).safeParse(raw);
  return read.success && keysAreTheirs(read.data.signed);
}

/** Every id is that of its key, and every key is one of a role. */
function keysAreTheirs({ keys, roles }: z.infer<typeof rootSchema>): boolean {
  const named = new Set(ROLE_NAMES.flatMap((name) => roles[name].keyids));
  const known = Object.entries(keys);
  return known.length === named.size && known.every(([id, { keyval }]) => named.has(id) && keyIdOf(keyval.public) === id);
}
