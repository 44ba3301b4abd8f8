import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../protocols/core/time.ts";
import { agent, done, failed } from "./agent.ts";
import { closeLater, folder, type Ran, run } from "./kit.ts";

const A = "ab".repeat(32);
const FETCHED = { source: "portal", name: "a.ld", sha256: A, sizeBytes: 9, state: "quarantined" };

test("firmware fetch: says what came, and its hash; what was not had is exit 1", async () => {
  const result = { source: "portal", name: "a.ld", sha256: A, sizeBytes: 9, state: "quarantined" };
  const site = await agent({ "firmware.fetch": [done(result, '"a.ld" is here'), failed("faulted", "no")] });
  expect((await site.run(["firmware", "fetch", "vendor-catalogue", "k", "--part", "3111-48450-001"])).out).toBe(`"a.ld" is here\n${A}\n`);
  expect(site.asked[0]?.args).toEqual({ source: "vendor-catalogue", key: "k", partNumber: "3111-48450-001" });
  expect((await site.run(["firmware", "fetch", "portal", "k"])).code).toBe(1);
  expect((await site.run(["firmware", "fetch", "folder", "k"])).code).toBe(2);
});

test("firmware fetch: what is in the file and what contradicts its source are said with it", async () => {
  const inside = {
    ...{ kind: "release", versions: ["6.4.9.2000"], otherFiles: 2 },
    images: [{ path: "3111-48840-001.sip.ld", partNumber: "3111-48840-001", model: "VVX 450", sizeBytes: 9, sha256: A }],
  };
  const contradictions = [{ about: "version", text: "the source lists 6.4.8\u001b[2J" }];
  const site = await agent({ "firmware.fetch": done({ ...FETCHED, inside, contradictions }, "here") });
  const { out } = await site.run(["firmware", "fetch", "portal", "k"]);
  expect(out).toBe(`here\n${A}\ninside: 6.4.9.2000, 1 image for VVX 450\ncontradicts (version): the source lists 6.4.8·[2J\n`);
});

test("firmware document: where it is, or why not", async () => {
  const result = { key: "a", document: "rn", path: "/data/documents/a/rn.pdf", sizeBytes: 9 };
  const site = await agent({
    "firmware.document": [done(result, '"Notes" is in "/data/documents/a/rn.pdf"'), failed("faulted", "a web page")],
  });
  const ran = await site.run(["firmware", "document", "a", "rn"]);
  expect([ran.code, ran.out]).toEqual([0, '"Notes" is in "/data/documents/a/rn.pdf"\n']);
  expect(site.asked[0]?.args).toEqual({ key: "a", document: "rn" });
  expect((await site.run(["firmware", "document", "a", "rn"])).code).toBe(1);
});

test("firmware notes, licences: notes with documents by name; serials without a key are exit 4", async () => {
  const documents = [{ id: "rn", title: "Release notes", mediaType: "application/pdf", sizeBytes: 1_000_000 }];
  const site = await agent({
    "firmware.notes": done({ schema: "groundswell.firmware-notes/1", key: "a", text: "New.\r\n- fixes\u001b[2J\n", documents }),
    "firmware.licences": done({ written: 1, missing: ["8L22"] }, "1 key written"),
  });
  expect((await site.run(["firmware", "notes", "a"])).out).toBe(
    "New.\n- fixes·[2J\n\n\n1 document on the portal:\n  rn: Release notes (application/pdf, 1 MB)\nBring one with: groundswell firmware document a rn\n",
  );
  const ran = await site.run(["firmware", "licences", "a", "--serial", "8L11", "--serial", "8L22"]);
  expect([ran.code, ran.out]).toEqual([4, "1 key written\nNo key for 8L22\n"]);
});

const quick = { clock: { ...systemClock(), sleep: async () => undefined } };
const fetching = (changes: object = {}) => ({ source: "portal", key: "k", doneBytes: 20_000_000, totalBytes: 70_000_000, ...changes });

/** An agent on which a fetch ends once it was looked at as often as there are looks. */
async function slowly(looks: readonly object[], ...argv: readonly string[]): Promise<Ran> {
  const socket = join(folder(), "s");
  const over = Promise.withResolvers<void>();
  let looked = 0;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { name } = JSON.parse(text) as { readonly name: string };
    if (name === "firmware.fetch") await over.promise;
    const now = looks[Math.min(looked, looks.length - 1)];
    if (name === "firmware.quarantine" && ++looked >= looks.length) over.resolve();
    response.end(`${JSON.stringify(name === "firmware.fetch" ? done(FETCHED, "here") : done({ files: [], fetching: [now] }))}\n`);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  closeLater(() => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()));
  return run(["firmware", "fetch", "portal", "k", ...argv, "--socket", socket], quick);
}

test("firmware fetch: bytes, speed, the time that is left, and what it waits for", async () => {
  const again = "no answer by https (portal: status 503); tried again in ";
  const ran = await slowly([
    fetching({ bytesPerSecond: 2_000_000, leftMs: 25_000 }),
    fetching({ waits: `${again}5 s` }),
    fetching({ waits: `${again}4 s` }),
    fetching({ doneBytes: 40_000_000, bytesPerSecond: 2_000_000, leftMs: 15_000, waits: "held back by staging.bytesPerSecond" }),
    fetching({ doneBytes: 40_000_000, bytesPerSecond: 0 }),
  ]);
  expect([ran.code, ran.out]).toEqual([0, `here\n${A}\n`]);
  expect(ran.err).toContain("20 of 70 MB, 2 MB/s, 25 s left\n");
  expect(ran.err).toContain("40 of 70 MB");
  expect(ran.err.match(/waits: .*/g)).toEqual([`waits: ${again}5 s`, "waits: held back by staging.bytesPerSecond"]);
});

test("firmware fetch --ndjson: progress as documents on standard error, the answer alone on standard output", async () => {
  const ran = await slowly([fetching({ bytesPerSecond: 2_000_000 }), fetching({ doneBytes: 60_000_000 })], "--ndjson");
  const lines = ran.err.trimEnd().split("\n");
  expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toMatchObject([
    { schema: "groundswell.fetch-progress/1", source: "portal", key: "k", doneBytes: 20_000_000, totalBytes: 70_000_000 },
    { doneBytes: 60_000_000 },
  ]);
  expect(ran.json()).toMatchObject({ schema: "groundswell.firmware-fetched/1", sha256: A });
});

test("firmware fetch: progress of another file is not shown as this one's", async () => {
  const ran = await slowly([fetching({ key: "other" }), fetching({ partNumber: "3111-48840-001" })]);
  expect([ran.code, ran.err]).toEqual([0, ""]);
});
