/**
 * A look at metadata before the library gets it: what would keep it busy for hours, and what it lets through. Pure. Whether
 * the signatures hold is the library's to say.
 */
import { createPublicKey } from "node:crypto";
import * as z from "zod";
import type { SourceFaultName } from "./source.ts";

/** Why bytes are not given to the library; `detail` is for people. */
export interface Unfit {
  readonly name: SourceFaultName;
  readonly detail: string;
}

/**
 * The library copies all entries for each one, when it reads and again for each signature it checks: 2,000 targets take it
 * 2.5 s in all, 5,000 take 16 s, 20,000 minutes, and a root of 5,000 keys, which nobody need have signed, about ten seconds.
 * Measured with tuf-js 5.0.1. More images than this want delegated roles, each read as a list of its own.
 */
export const ENTRIES_MAX = { keys: 64, roles: 16, meta: 64, targets: 2_000, signatures: 64 } as const;

const recordOf = z.record(z.string(), z.unknown());
const keySchema = z.object({ keyval: z.object({ public: z.string() }) });
const shape = z.object({
  signatures: z.array(z.object({ keyid: z.string() })),
  signed: z.object({
    version: z.int().min(1),
    keys: recordOf.optional(),
    roles: z.record(z.string(), z.object({ keyids: z.array(z.string()) })).optional(),
    meta: recordOf.optional(),
    targets: recordOf.optional(),
  }),
});
type Shape = z.infer<typeof shape>;

export function unfitness(bytes: Buffer): Unfit | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(bytes.toString("utf8"));
  } catch {
    return { name: "garbled", detail: "not JSON" };
  }
  // Counted first, by hand: a schema walks all of it.
  const crowded = crowd(raw);
  if (crowded !== undefined)
    return { name: "oversized", detail: `${crowded.count} ${crowded.what}; at most ${ENTRIES_MAX[crowded.what]} are read` };
  const read = shape.safeParse(raw);
  if (!read.success) return { name: "garbled", detail: "not TUF metadata" };
  const ids = read.data.signatures.map(({ keyid }) => keyid);
  if (new Set(ids).size < ids.length) return { name: "signature", detail: "one key signs twice" };
  const twin = twinKeys(read.data.signed);
  return twin === undefined ? undefined : { name: "signature", detail: `the ${twin} role names one key under two ids` };
}

function crowd(raw: unknown): { readonly what: keyof typeof ENTRIES_MAX; readonly count: number } | undefined {
  const signed = field(raw, "signed");
  for (const what of ["keys", "roles", "meta", "targets", "signatures"] as const) {
    const found = what === "signatures" ? field(raw, what) : field(signed, what);
    const count = typeof found === "object" && found !== null ? Object.keys(found).length : 0;
    if (count > ENTRIES_MAX[what]) return { what, count };
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

/**
 * The role that would count one key twice: ids are names that a root gives, so what counts is the key itself. Source: TUF
 * specification 1.0.31, 4.3: keys of one threshold must be unique.
 */
function twinKeys({ keys = {}, roles = {} }: Shape["signed"]): string | undefined {
  for (const [role, { keyids }] of Object.entries(roles)) {
    const values = keyids.filter((id) => Object.hasOwn(keys, id)).map((id) => valueOfKey(keys[id]));
    const known = values.filter((value) => value !== undefined);
    if (new Set(known).size < known.length) return role;
  }
  return undefined;
}

/** One text for one key however it is written; `undefined` for what is no key of ours, which never counts. */
function valueOfKey(key: unknown): string | undefined {
  const read = keySchema.safeParse(key);
  if (!read.success) return undefined;
  const text = read.data.keyval.public;
  if (!text.startsWith("-----BEGIN")) return text.toLowerCase();
  try {
    const { x, crv } = createPublicKey(text).export({ format: "jwk" });
    if (crv === "Ed25519" && x !== undefined) return Buffer.from(x, "base64url").toString("hex");
    return createPublicKey(text).export({ format: "der", type: "spki" }).toString("hex");
  } catch {
    return undefined; // the library counts nothing it cannot read either
  }
}
