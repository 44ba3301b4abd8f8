import { expect, test } from "vitest";
import { draftRoot, draftTargets } from "../../../firmware/channel/draft.ts";
import { isAsMade } from "../../../firmware/channel/draft-shape.ts";
import { makeKey } from "../../../firmware/channel/keys.ts";
import { bytesOf } from "../../../firmware/channel/metadata.ts";
import { authored, opened } from "./kit.ts";

type Json = Record<string, unknown>;
interface Drafts {
  readonly root: Buffer;
  readonly targets: Buffer;
}

async function drafts(): Promise<Drafts> {
  const of = await opened(await authored());
  const files = new Map([["images/x/sip.ld", { sizeBytes: 7, sha256: "a".repeat(64) }]]);
  return { root: bytesOf(draftRoot(of, Date.now())), targets: bytesOf(draftTargets(of, files, Date.now())) };
}

/** The draft with its signed part changed in place. */
function changed(bytes: Buffer, change: (signed: Json) => void): Buffer {
  const draft = JSON.parse(bytes.toString("utf8")) as { signed: Json };
  change(draft.signed);
  return Buffer.from(JSON.stringify(draft));
}

test("isAsMade(): every draft made here is", async () => {
  const { root, targets } = await drafts();
  expect([isAsMade("root", root), isAsMade("targets", targets)]).toEqual([true, true]);
  expect([isAsMade("root", targets), isAsMade("targets", root)]).toEqual([false, false]);
});

const stranger = makeKey();
const document = { keytype: "ed25519", scheme: "ed25519", keyval: { public: stranger.publicHex } };
const firstId = (signed: Json): string => Object.keys(signed["keys"] as Json)[0] ?? "";

test.each<[string, (signed: Json) => void]>([
  [
    "a stranger's key under the id of a known one",
    (signed) => {
      signed["keys"] = { ...(signed["keys"] as Json), [firstId(signed)]: document };
    },
  ],
  [
    "a key that no role names",
    (signed) => {
      signed["keys"] = { ...(signed["keys"] as Json), [stranger.id]: document };
    },
  ],
  [
    "a role that names a key that is not there",
    (signed) => {
      const roles = signed["roles"] as Record<string, { keyids: string[] }>;
      roles["targets"]?.keyids.push(stranger.id);
    },
  ],
  ["no consistent snapshots", (signed) => Object.assign(signed, { consistent_snapshot: false })],
  ["a role more", (signed) => Object.assign(signed["roles"] as Json, { mirrors: { keyids: [firstId(signed)], threshold: 1 } })],
  ["a field more", (signed) => Object.assign(signed, { note: "x" })],
  ["a moment of another form", (signed) => Object.assign(signed, { expires: "9999-12-31" })],
])("isAsMade(): a root with %s is not", async (_what, change) => {
  expect(isAsMade("root", changed((await drafts()).root, change))).toBe(false);
});

test.each<[string, (signed: Json) => void]>([
  [
    "delegations",
    (signed) =>
      Object.assign(signed, {
        delegations: {
          keys: { [stranger.id]: document },
          roles: [{ name: "x", keyids: [stranger.id], threshold: 1, terminating: true, paths: ["*"] }],
        },
      }),
  ],
  [
    "words of its own on a file",
    (signed) => Object.assign(Object.values(signed["targets"] as Record<string, Json>)[0] ?? {}, { custom: {} }),
  ],
  [
    "another hash beside the one",
    (signed) => {
      signed["targets"] = { a: { length: 1, hashes: { sha256: "a".repeat(64), sha512: "b".repeat(128) } } };
    },
  ],
])("isAsMade(): targets with %s are not", async (_what, change) => {
  expect(isAsMade("targets", changed((await drafts()).targets, change))).toBe(false);
});
