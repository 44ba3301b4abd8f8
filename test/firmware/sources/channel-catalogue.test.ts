import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { readReleases, type SignedFile, targetPath } from "../../../firmware/sources/channel-catalogue.ts";
import type { ReadChannelFile } from "../../../firmware/sources/channel-files.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { release, sha } from "../waves/builders.ts";

const AGENT = "0.2.0";
const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const signedOf = (bytes: Buffer): SignedFile => ({ length: bytes.length, hashes: { sha256: hashOf(bytes) } });

/** A channel in memory: what it signed, and what it hands out. */
function memory() {
  const signed = new Map<string, SignedFile>();
  const held = new Map<string, Buffer>();
  const asked: [string, number][] = [];
  for (const image of release().images) signed.set(image.target, { length: image.sizeBytes, hashes: { sha256: image.sha256 } });
  const files: ReadChannelFile = async (path, bytesMax) => {
    asked.push([path, bytesMax]);
    const bytes = held.get(path);
    if (bytes === undefined) return fail({ kind: "unreachable", via: "depot", name: "unreachable", missing: true });
    return ok(bytes);
  };
  const add = (changes: Record<string, unknown> = {}, name = String(changes["id"] ?? release().id)): string => {
    const bytes = Buffer.from(JSON.stringify({ ...release(), ...changes }));
    const document = `releases/${name}.json`;
    signed.set(document, signedOf(bytes));
    held.set(targetPath(document, hashOf(bytes)), bytes);
    return document;
  };
  const addText = (document: string, text: string): void => {
    signed.set(document, signedOf(Buffer.from(text)));
    held.set(targetPath(document, hashOf(Buffer.from(text))), Buffer.from(text));
  };
  return { signed, held, asked, files, add, addText };
}

/** Ids that were taken, and why the others were not. */
async function catalogueOf(channel: ReturnType<typeof memory>) {
  const read = await readReleases(channel.signed, channel.files, AGENT);
  if (!read.ok) return read.fault.name;
  return { taken: read.value.releases.map(({ id }) => id), refused: read.value.refused };
}

test("readReleases(): every release document, in the order of its name, and nothing else of the channel is asked for", async () => {
  const channel = memory();
  channel.add({ id: "ucs-b" });
  channel.add({ id: "ucs-a" });
  expect(await catalogueOf(channel)).toEqual({ taken: ["ucs-a", "ucs-b"], refused: [] });
  expect(channel.asked.every(([path]) => path.startsWith("targets/releases/"))).toBe(true);
});

test("readReleases(): no more is read of a document than the channel signed", async () => {
  const channel = memory();
  const document = channel.add();
  await catalogueOf(channel);
  expect(channel.asked.map(([, bytesMax]) => bytesMax)).toEqual([channel.signed.get(document)?.length]);
});

test("readReleases(): one document that does not hold is refused and named; the others stand", async () => {
  const channel = memory();
  channel.add({ id: "ucs-good" });
  channel.add({ id: "ucs-bad", kind: "surprise" });
  const answer = await catalogueOf(channel);
  expect(answer).toMatchObject({
    taken: ["ucs-good"],
    refused: [{ document: "releases/ucs-bad.json", why: expect.stringContaining("kind") }],
  });
});

const imageWith = (changes: Record<string, unknown>) => ({ images: [{ ...release().images[0], ...changes }] });

test.each<[string, (channel: ReturnType<typeof memory>) => void, RegExp]>([
  ["calls itself otherwise", (channel) => channel.add({ id: "ucs-x" }, "ucs-y"), /^it calls itself "ucs-x"$/],
  ["asks for a newer agent", (channel) => channel.add({ agent: ">=0.3.0" }), /^it asks for an agent >=0\.3\.0; this one is 0\.2\.0$/],
  ["asks for an agent nobody can read", (channel) => channel.add({ agent: "the best" }), /^it asks for an agent the best/],
  [
    "names an image the channel does not have",
    (channel) => channel.add(imageWith({ target: "ucs/z.ld" })),
    /"ucs\/z\.ld" is not in the channel/,
  ],
  [
    "has another size for its image",
    (channel) => channel.add(imageWith({ sizeBytes: 5 })),
    /the release says 5 bytes, the channel 90000000/,
  ],
  [
    "has another hash for its image",
    (channel) => channel.add(imageWith({ sha256: sha("c") })),
    /the release says sha256 c+, the channel a+$/,
  ],
  ["is not JSON", (channel) => channel.addText("releases/ucs.json", "{"), /^it is not JSON$/],
  ["is JSON of something else", (channel) => channel.addText("releases/ucs.json", "null"), /expected object/],
  ["lies in a folder", (channel) => channel.addText("releases/old/ucs.json", "{}"), /its name is not that of a release document/],
  ["climbs", (channel) => channel.addText("releases/../ucs.json", "{}"), /its name is not that of a release document/],
  ["is too long", (channel) => channel.addText("releases/ucs.json", " ".repeat(256 * 1024 + 1)), /262145 bytes; at most 262144 are read/],
])("readReleases(): a document that %s is refused with the reason", async (_what, fill, why) => {
  const channel = memory();
  fill(channel);
  expect(await catalogueOf(channel)).toMatchObject({ taken: [], refused: [{ why: expect.stringMatching(why) }] });
});

test("readReleases(): the second image of a release is held against the channel as the first is", async () => {
  const channel = memory();
  channel.add();
  channel.signed.set("ucs/b.ld", { length: 100_000_000, hashes: { sha512: "f".repeat(128) } });
  const why = expect.stringMatching(/"ucs\/b\.ld": the release says sha256 b+, the channel states none/);
  expect(await catalogueOf(channel)).toMatchObject({ taken: [], refused: [{ why }] });
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ["changed", (bytes) => Buffer.from(bytes.toString().replace("6.4.8.1190", "6.4.8.1191"))],
  ["cut", (bytes) => bytes.subarray(0, -1)],
  ["lengthened", (bytes) => Buffer.concat([bytes, Buffer.from(" ")])],
])("readReleases(): a document %s after it was signed is refused", async (_what, damage) => {
  const channel = memory();
  channel.add();
  for (const [path, bytes] of channel.held) channel.held.set(path, damage(bytes));
  expect(await catalogueOf(channel)).toMatchObject({ taken: [], refused: [{ why: "its bytes are not those the channel signed" }] });
});

test("readReleases(): a document without a SHA-256, or one the channel does not hold, is refused alone", async () => {
  const channel = memory();
  channel.add({ id: "ucs-good" });
  channel.signed.set("releases/ucs-gone.json", { length: 10, hashes: { sha256: "0".repeat(64) } });
  channel.signed.set("releases/ucs-old.json", { length: 10, hashes: { sha512: "0".repeat(128) } });
  expect(await catalogueOf(channel)).toEqual({
    taken: ["ucs-good"],
    refused: [
      { document: "releases/ucs-gone.json", why: "the channel does not hold it" },
      { document: "releases/ucs-old.json", why: "the channel states no SHA-256 of it" },
    ],
  });
});

test("readReleases(): a channel that stops answering is a fault of the whole read", async () => {
  const channel = memory();
  channel.add();
  const silent: ReadChannelFile = async () => fail({ kind: "unreachable", via: "https", name: "unreachable", missing: false });
  expect(await catalogueOf({ ...channel, files: silent })).toBe("unreachable");
});

test("readReleases(): a document longer than signed is refused alone", async () => {
  const channel = memory();
  channel.add();
  const fault = { kind: "overBudget", via: "https", budget: "bytes", limit: 1, name: "oversized", missing: false } as const;
  const answer = await catalogueOf({ ...channel, files: async () => fail(fault) });
  expect(answer).toMatchObject({ refused: [{ why: "it is longer than the channel signed" }] });
});

test("readReleases(): 500 documents are read, one more is too many for all", async () => {
  const channel = memory();
  const nothing: SignedFile = { length: 1, hashes: {} };
  for (let number = 0; number < 500; number++) channel.signed.set(`releases/r${number}.json`, nothing);
  expect(await catalogueOf(channel)).toMatchObject({ taken: [] });
  channel.signed.set("releases/r500.json", nothing);
  expect(await catalogueOf(channel)).toBe("oversized");
});

test("targetPath(): the hash leads the name, in the same folder", () => {
  expect(targetPath("images/a/sip.ld", "ff")).toBe("targets/images/a/ff.sip.ld");
  expect(targetPath("sip.ld", "ff")).toBe("targets/ff.sip.ld");
});
