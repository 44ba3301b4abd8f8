import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../protocols/core/time.ts";
import { HOSTILE } from "../../firmware/staging/hostile-archives.ts";
import { bytesOf, sha256Of } from "../../firmware/staging/kit.ts";
import { type FileSpec, zipOf } from "../../firmware/staging/zip-bytes.ts";
import { type Desk, deskWithChannel, RELEASE } from "./channel-kit.ts";

const [VVX350, VVX450, CCX] = ["3111-48830-001", "3111-48840-001", "3111-49700-001"] as const;
const STEP = "--edge 6.4.0.0000..6.4.8.1189:in_place:6/8/11:11";
const imageOf = (partNumber: string): FileSpec => ({
  name: `UC/${partNumber}.sip.ld`,
  data: bytesOf(50_000, Number(partNumber.slice(5, 10))),
});
const sip = (text: string): FileSpec => ({ name: "UC/sip.ver", data: Buffer.from(text) });

async function deskWithArchive(files: readonly FileSpec[] = [sip("6.4.8.1190\r\n"), ...[VVX350, VVX450, CCX].map(imageOf)]): Promise<Desk> {
  const made = await deskWithChannel();
  writeFileSync(join(made.home, "UC_6_4_8.zip"), zipOf(files));
  return made;
}
/** Files of a folder, to anybody on this machine. */
async function webServer(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = join(folder, request.url ?? "");
    if (existsSync(path)) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const everything = (made: Desk): unknown[] => readdirSync(made.home, { recursive: true }).toSorted();

test("channel add: a release archive as the portal gives it: shown with --dry-run and nothing written; then its images are in the draft", async () => {
  const made = await deskWithArchive();
  const before = everything(made);
  const dry = await made.must(`add %/channel %/UC_6_4_8.zip ${STEP} --dry-run`);
  for (const words of ["UC_6_4_8.zip", "sip.ver  6.4.8.1190", `takes    ${VVX350} (VVX 350)`, `leaves   ${CCX} (no model on record)`])
    expect(dry.out).toContain(words);
  expect(dry.err).toContain("hold it against the release notes");
  expect(dry.err).toContain(`Left out: ${CCX}`);
  expect(everything(made)).toEqual(before);
  const ran = await made.must(`add %/channel %/UC_6_4_8.zip ${STEP} --json`);
  expect(ran.json()).toMatchObject({
    change: "new",
    release: {
      id: "uc-phone-6.4.8.1190",
      version: "6.4.8.1190",
      models: ["VVX 350", "VVX 450"],
      edges: [{ models: ["VVX 350", "VVX 450"] }],
    },
    archive: {
      kind: "splitRelease",
      versions: ["6.4.8.1190"],
      versionFrom: "archive",
      sha256: sha256Of(readFileSync(join(made.home, "UC_6_4_8.zip"))),
      taken: [{ partNumber: VVX350, model: "VVX 350" }, { partNumber: VVX450 }],
      left: [{ partNumber: CCX }],
    },
  });
  // What was unpacked meanwhile is gone, and no file but the images is there.
  const draft = readdirSync(join(made.channel, "draft"), { recursive: true }).map(String);
  expect(draft.filter((name) => name.includes("unpack"))).toEqual([]);
  expect(draft.filter((name) => name.endsWith(".ld"))).toHaveLength(2);
});

test("channel add: an archive's images reach an independent client, to the byte", async () => {
  const made = await deskWithArchive();
  await made.must(`add %/channel %/UC_6_4_8.zip ${STEP} --models VVX~450`);
  await made.must("sign %/channel --role targets --key %/keys/targets.key");
  await made.must("publish %/channel --keys %/keys");
  const target = `images/uc-phone-6.4.8.1190/${VVX450}.sip.ld`;
  const home = join(made.home, "client");
  mkdirSync(join(home, "targets"), { recursive: true });
  writeFileSync(join(home, "root.json"), readFileSync(join(made.channel, "root.json")));
  const server = await webServer(made.channel);
  const [metadataBaseUrl, targetBaseUrl] = [`${server}/metadata`, `${server}/targets`];
  const updater = new Updater({ metadataDir: home, metadataBaseUrl, targetDir: join(home, "targets"), targetBaseUrl });
  const info = await updater.getTargetInfo(target);
  if (info === undefined) throw new Error("the image is not in the channel");
  expect(readFileSync(await updater.downloadTarget(info))).toEqual(imageOf(VVX450).data);
  expect(await updater.getTargetInfo(target.replace(VVX450, VVX350))).toBeUndefined();
});

test.each<[string, readonly FileSpec[], string, readonly string[]]>([
  ["another version", [sip("6.4.7.4000"), imageOf(VVX350)], RELEASE, ['sip.ver says "6.4.7.4000"', '"6.4.8.1190"']],
  ["a model that is not in it", [imageOf(VVX450)], RELEASE, ["the models say VVX 350", `${VVX450} (VVX 450)`]],
  ["a part number that is not in it", [imageOf(VVX350)], `${RELEASE} --part-number ${VVX450}`, [`--part-number says ${VVX450}`, VVX350]],
])("channel add: an archive that holds %s is refused with both sides, and no draft is made", async (_what, files, words, both) => {
  const made = await deskWithArchive(files);
  const before = everything(made);
  const ran = await made.do(`add %/channel %/UC_6_4_8.zip ${words}`);
  expect(ran.code).toBe(5);
  for (const side of both) expect(ran.err).toContain(side);
  expect(everything(made)).toEqual(before);
});

test("channel add: a document's version and models are held against the archive too", async () => {
  const made = await deskWithArchive();
  made.file("release.yaml", "version: 6.4.8.1191\nmodels: [VVX 350]\n");
  const ran = await made.do(`add %/channel %/UC_6_4_8.zip --release %/release.yaml ${STEP}`);
  expect(ran).toMatchObject({ code: 5, err: expect.stringContaining('"6.4.8.1191"') });
});

test("channel add: a combined archive needs its hardware said; one without a version takes it from the technician, and says so", async () => {
  const made = await deskWithArchive([{ name: "sip.ld", data: bytesOf(9_000) }]);
  expect(await made.do(`add %/channel %/UC_6_4_8.zip ${RELEASE}`)).toMatchObject({
    code: 2,
    err: expect.stringContaining("for which hardware?"),
  });
  const ran = await made.must(`add %/channel %/UC_6_4_8.zip ${RELEASE} --part-number ${VVX350}`);
  expect(ran.err).toContain("is your word");
});

test.each(HOSTILE.filter(([, , , limits]) => limits === undefined))(
  "channel add: a hostile archive, %s, is refused by its name with what to do, and nothing is written",
  async (_what, make, why) => {
    const made = await deskWithChannel();
    writeFileSync(join(made.home, "UC_6_4_8.zip"), make());
    const before = everything(made);
    const ran = await made.do(`add %/channel %/UC_6_4_8.zip ${RELEASE}`);
    expect(ran.err).toContain(`UC_6_4_8.zip" is not taken (${why})`);
    expect(ran.err).toMatch(/→ .{20}/);
    expect(ran.code).toBe(5);
    expect(everything(made)).toEqual(before);
  },
);

test("channel add: an archive that is another one when it is unpacked brings nothing into the draft", async () => {
  const made = await deskWithArchive();
  const other = join(made.home, "other.zip");
  // Of the same size, so that its hash alone tells it.
  writeFileSync(
    other,
    zipOf([sip("6.4.8.1190\r\n"), ...[VVX350, VVX450, CCX].map((part) => ({ ...imageOf(part), data: bytesOf(50_000, 9) }))]),
  );
  let swapped = false;
  const nowMs = (): number => {
    // Asked for the first time when the archive is open: who looks into it sees the old one to its end.
    if (!swapped) renameSync(other, join(made.home, "UC_6_4_8.zip"));
    swapped = true;
    return Date.now();
  };
  const ran = await made.do(`add %/channel %/UC_6_4_8.zip ${STEP}`, { clock: { ...systemClock(), nowMs } });
  expect(ran).toMatchObject({ code: 5, err: expect.stringContaining("changed while it was read") });
  expect(existsSync(join(made.channel, "draft/targets.json"))).toBe(false);
});

test("channel add: a person who stops it in the middle finds no draft and nothing unpacked", async () => {
  const made = await deskWithArchive();
  const stop = new AbortController();
  let asked = 0;
  const nowMs = (): number => {
    asked += 1;
    if (existsSync(join(made.channel, "draft"))) stop.abort(new Error("stopped"));
    return Date.now();
  };
  const ran = await made.do(`add %/channel %/UC_6_4_8.zip ${STEP}`, { clock: { ...systemClock(), nowMs }, stop: stop.signal });
  expect([ran.code === 0, asked > 0, stop.signal.aborted]).toEqual([false, true, true]);
  expect(existsSync(join(made.channel, "draft"))).toBe(false);
});

test("channel add: a video system's package is taken whole, though it is a zip", async () => {
  const made = await deskWithArchive();
  const words = `--family video-os --version 4.3.2-123456 --models Studio~X50 --part-number 8200-00000-001 --edge 4.0.0-1..4.3.1-1:in_place`;
  const ran = await made.do(`add %/channel %/UC_6_4_8.zip ${words} --dry-run --json`);
  expect(ran.json()).toMatchObject({ release: { images: [{ target: expect.stringMatching(/UC_6_4_8\.zip$/) }] } });
  expect(ran.json()["archive"]).toBeUndefined();
});
