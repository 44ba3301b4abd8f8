import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { release } from "../../firmware/waves/builders.ts";
import { agent, done, refused } from "./agent.ts";
import { folder } from "./kit.ts";

const A = "ab".repeat(32);
const B = `${"ab".repeat(8)}${"cd".repeat(24)}`;
const row = (changes: object = {}) => ({
  ...{ source: "folder", name: "3111-48450-001.sip.ld", sha256: A, sizeBytes: 71_303_168, state: "quarantined" },
  ...{ found: "2026-11-22T11:00:00Z", version: "6.4.8.1190", partNumber: "3111-48450-001" },
  ...changes,
});
const waiting = (...files: readonly object[]) => done({ schema: "groundswell.quarantine/1", files });
const OPTIONS = ["--model", "VVX 450", "--from", "6.0.0.0-6.4.7.9999"];

test("firmware quarantine: what waits and what it says of itself, and that this proves nothing", async () => {
  const ran = await (await agent({ "firmware.quarantine": waiting(row()) })).run(["firmware", "quarantine"]);
  expect(ran.out).toMatch(
    /^SHA256 .*\nabababababab +folder +3111-48450-001\.sip\.ld +71\.3 MB +quarantined +6\.4\.8\.1190 3111-48450-001 +60 min ago/,
  );
  expect(ran.err).toContain("proves nothing");
});

test("firmware quarantine: --all asks for the decided ones too; none waits is said; --json is the answer", async () => {
  const site = await agent({ "firmware.quarantine": waiting() });
  expect((await site.run(["firmware", "quarantine"])).err).toContain("No file waits.");
  await site.run(["firmware", "quarantine", "--all"]);
  expect(site.asked.flatMap(({ name, args }) => (name === "firmware.quarantine" ? [args] : []))).toEqual([{ all: false }, { all: true }]);
  expect((await site.run(["firmware", "quarantine", "--json"])).json()).toEqual({ schema: "groundswell.quarantine/1", files: [] });
});

test("firmware quarantine: a name from outside cannot write on the terminal", async () => {
  const ran = await (await agent({ "firmware.quarantine": waiting(row({ name: "a\u001b[2Jb.ld" })) })).run(["firmware", "quarantine"]);
  expect(ran.out).not.toContain("\u001b[2J");
});

test("firmware offers: where from, for what, whether it can be fetched, and the way Lens would take", async () => {
  const offer = (changes: object) => ({
    source: "portal",
    rank: 3,
    key: "ucs",
    title: "UC",
    version: "6.4.8.1190",
    models: ["VVX 450"],
    partNumbers: [],
    revoked: false,
    fetch: "whole",
    ...changes,
  });
  const offers = [
    offer({ sizeBytes: 1_000_000 }),
    offer({
      source: "lens",
      rank: 5,
      key: "VVX 450 6.4.7",
      fetch: "no",
      revoked: true,
      paths: [
        { from: "5.9.7.1", steps: ["6.0.0.1"] },
        { from: "6.1.0.1", steps: [] },
      ],
    }),
  ];
  const site = await agent({ "firmware.offers": done({ offers, left: 2 }) });
  const ran = await site.run(["firmware", "offers", "--source", "lens", "--model", "VVX 450"]);
  expect(site.asked[0]?.args).toEqual({ source: "lens", model: "VVX 450" });
  expect(ran.out).toMatch(/portal +3 +6\.4\.8\.1190 +ucs +VVX 450 +1 MB +yes/);
  expect(ran.out).toContain("from 5.9.7.1 by 6.0.0.1; from 6.1.0.1 direct");
  expect(ran.out).toContain("withdrawn");
  expect(ran.err).toContain("2 more");
});

test("firmware accept: the options make the document, part numbers come from the files' names", async () => {
  const site = await agent({ "firmware.quarantine": waiting(row()), "firmware.accept": done({}, "accepted") });
  const ran = await site.run(["firmware", "accept", A.slice(0, 12), ...OPTIONS, "--reason", "by mail"]);
  expect([ran.code, ran.out]).toEqual([0, "accepted\n"]);
  expect(site.asked[1]?.args).toMatchObject({
    hashes: [A],
    reason: "by mail",
    release: {
      id: "uc-phone-6.4.8.1190",
      version: "6.4.8.1190",
      edges: [{ fromMin: "6.0.0.0", fromMax: "6.4.7.9999", reversibility: "one_way", models: ["VVX 450"] }],
      images: [
        { target: "accepted/abababababab/3111-48450-001.sip.ld", partNumbers: ["3111-48450-001"], sha256: A, sizeBytes: 71_303_168 },
      ],
    },
  });
});

test("firmware accept: a document from a file is given as it is; one that is none is not asked about", async () => {
  const path = join(folder(), "release.json");
  writeFileSync(path, JSON.stringify(release()));
  const site = await agent({ "firmware.quarantine": waiting(row()), "firmware.accept": done({}) });
  expect((await site.run(["firmware", "accept", A, "--release", path])).code).toBe(0);
  expect(site.asked.at(-1)?.args["release"]).toMatchObject({ id: "ucs-6.4.8" });
  writeFileSync(path, JSON.stringify({ ...release(), surprise: 1 }));
  const ran = await site.run(["firmware", "accept", A, "--release", path]);
  expect([ran.code, ran.err]).toEqual([2, expect.stringContaining("is not a release document")]);
  expect(site.asked.filter(({ name }) => name === "firmware.accept")).toHaveLength(1);
});

test.each([
  [["firmware", "accept", "abab", ...OPTIONS], 2, "no SHA-256"],
  [["firmware", "accept", "ff".repeat(32), ...OPTIONS], 3, "No file in quarantine has the hash"],
  [["firmware", "accept", "ab".repeat(8), ...OPTIONS], 2, "Give more digits"],
  [["firmware", "accept", A], 2, "needs --from"],
  [["firmware", "reject", "ff".repeat(32)], 3, "No file in quarantine has the hash"],
  [["firmware", "quarantine", "ff".repeat(32)], 3, "No file in quarantine has the hash"],
])("firmware accept, reject: %j is exit %i, and no word is sent", async (argv, code, words) => {
  const site = await agent({ "firmware.quarantine": waiting(row(), row({ sha256: B, name: "b.ld" })) });
  const ran = await site.run(argv);
  expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(words)]);
  expect(site.asked.map(({ name }) => name)).toEqual(["firmware.quarantine"]);
});

test("firmware accept: a name without a part number needs --part; who may not is told so", async () => {
  const site = await agent({
    "firmware.quarantine": waiting(row({ partNumber: undefined, name: "sip.ld" })),
    "firmware.accept": refused("notAllowed"),
  });
  expect((await site.run(["firmware", "accept", A, ...OPTIONS])).err).toContain("--part");
  expect((await site.run(["firmware", "accept", A, ...OPTIONS, "--part", "3111-48450-001"])).code).toBe(77);
});

test("firmware reject: by the first digits of the hash, with the reason", async () => {
  const site = await agent({ "firmware.quarantine": waiting(row()), "firmware.reject": done({}, "rejected") });
  expect((await site.run(["firmware", "reject", A.slice(0, 12).toUpperCase(), "--reason", "recalled"])).out).toBe("rejected\n");
  expect(site.asked[1]).toEqual({ name: "firmware.reject", args: { sha256: A, reason: "recalled" } });
});

test("firmware accept --despite: what is known of goes along; what is no contradiction is a usage error", async () => {
  const site = await agent({ "firmware.quarantine": waiting(row()), "firmware.accept": done({}, "accepted") });
  expect((await site.run(["firmware", "accept", A, ...OPTIONS, "--despite", "version", "--despite", "parts"])).code).toBe(0);
  expect(site.asked.at(-1)?.args["despite"]).toEqual(["version", "parts"]);
  expect(await site.run(["firmware", "accept", A, ...OPTIONS, "--despite", "versoin"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("Expected one of: version, parts, models"),
  });
});

test("firmware quarantine SHA256: one file with what is in it; what is on its way stands below the list", async () => {
  const inside = { kind: "refused", why: "damaged", words: "It is damaged or cut off. Fetch it again." };
  const fetching = [
    { source: "portal", key: "big", doneBytes: 1_000_000, totalBytes: 8_000_000, waits: "held back by staging.bytesPerSecond" },
  ];
  const site = await agent({ "firmware.quarantine": done({ files: [row({ inside })], fetching }) });
  expect((await site.run(["firmware", "quarantine", A.slice(0, 12)])).out).toContain("It is damaged or cut off. Fetch it again.");
  const list = await site.run(["firmware", "quarantine"]);
  expect(list.out).toContain("refused: It is damaged or cut off");
  expect(list.err).toContain("being fetched: portal big, 1 MB of 8 MB; held back by staging.bytesPerSecond");
});
