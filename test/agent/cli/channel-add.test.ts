import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deskWithChannel, deskWithRelease, IMAGE, RELEASE } from "./channel-kit.ts";

test("channel add --dry-run: shows the release and changes nothing; without it there is a draft, and the next step is said", async () => {
  const made = await deskWithChannel();
  made.file(IMAGE);
  const before = readdirSync(made.channel, { recursive: true });
  const dry = await made.must(`add %/channel %/${IMAGE} ${RELEASE} --dry-run`);
  for (const words of ["would be added", "6.4.0.0000 to 6.4.8.1189, in_place", "for 3111-48830-001"]) expect(dry.out).toContain(words);
  expect(readdirSync(made.channel, { recursive: true })).toEqual(before);
  const ran = await made.must(`add %/channel %/${IMAGE} ${RELEASE}`);
  expect(ran.err).toContain("channel sign");
  expect(existsSync(join(made.channel, "draft/targets.json"))).toBe(true);
  expect((await made.must(`add %/channel %/${IMAGE} ${RELEASE}`)).out).toContain("nothing changes");
});

test("channel add --release: YAML or JSON, with the options over it", async () => {
  const made = await deskWithChannel();
  made.file(IMAGE);
  made.file(
    "release.yaml",
    `id: ucs-x\nfamily: uc-phone\nmodels: [VVX 350]\nversion: 6.4.8.1190\nkind: combined\nnotes: old\nedges:
  - { models: [VVX 350], fromMin: 6.4.0.0000, fromMax: 6.4.8.1189, reversibility: in_place, durationMs: { p50: 1, p90: 2, p99: 3 }, revertMs: 4 }\n`,
  );
  const ran = await made.must(`add %/channel %/${IMAGE} --release %/release.yaml --notes new --json`);
  expect(ran.json()).toMatchObject({ change: "new", release: { id: "ucs-x", kind: "combined", notes: "new" }, draft: { version: 2 } });
});

test("channel add: times that nobody measured are said to be a guess", async () => {
  const made = await deskWithChannel();
  made.file(IMAGE);
  const ran = await made.must(`add %/channel %/${IMAGE} ${RELEASE.replace(":6/8/11:11", "")} --dry-run`);
  expect(ran.err).toContain("are a guess");
});

test.each<[string, string, number, string]>([
  ["no file", `${RELEASE}`, 2, "No file is given"],
  ["a file that is not there", `%/absent.ld ${RELEASE}`, 78, "is no file"],
  ["a folder", `%/keys ${RELEASE}`, 78, "is no file"],
  ["an archive with files beside it", `%/a.zip %/${IMAGE} ${RELEASE}`, 2, "Give the archive alone"],
  ["a page that asks for a log-in", `%/page.ld ${RELEASE} --part-number 3111-48830-001`, 2, "is a web page and no firmware"],
  [
    "a model in another spelling",
    `%/${IMAGE} ${RELEASE.replace("VVX~350", "vvx350")}`,
    2,
    'model "vvx350" is written "VVX 350" by devices',
  ],
  [
    "a file for another model",
    `%/${IMAGE} ${RELEASE.replace("VVX~350", "VVX~450")}`,
    2,
    "part number 3111-48830-001 is VVX 350; the models say VVX 450",
  ],
  ["a document that is none", `%/${IMAGE} --release %/a.zip`, 2, "is not a group"],
  ["a document that is not there", `%/${IMAGE} --release %/absent.yaml`, 78, "does not exist"],
  ["a step that is none", `%/${IMAGE} ${RELEASE} --edge sometimes`, 2, "is not a step"],
  ["files beside --revoke", `%/${IMAGE} --revoke x`, 2, "stand alone"],
  ["--revoke of a stranger", "--revoke x", 3, "It has none at all"],
  ["--remove of a stranger", "--remove x", 3, "has no release"],
  ["a release that does not hold", `%/${IMAGE} --version newest`, 2, "from which versions may devices step to it?"],
])("channel add: %s is refused with what to do, and no draft is made", async (_what, words, code, said) => {
  const made = await deskWithChannel();
  made.file(IMAGE);
  made.file("a.zip", "PK\u0003\u0004");
  made.file("page.ld", "<!DOCTYPE html><html>");
  const ran = await made.do(`add %/channel ${words}`);
  expect(ran.err).toContain(said);
  expect(ran.code).toBe(code);
  expect(existsSync(join(made.channel, "draft"))).toBe(false);
});

test("channel add: what a published release installs stays; --revoke, --remove and --discard work on the draft", async () => {
  const made = await deskWithRelease();
  made.file(IMAGE, "another image");
  expect(await made.do(`add %/channel %/${IMAGE} ${RELEASE}`)).toMatchObject({
    code: 5,
    err: expect.stringContaining("Choose another with --id"),
  });
  expect((await made.must("add %/channel --revoke uc-phone-6.4.8.1190 --json")).json()).toMatchObject({
    change: "changed",
    release: { revoked: true },
  });
  expect((await made.must("add %/channel --discard")).out).toContain("The draft of targets is dropped");
  expect((await made.must("add %/channel --discard")).out).toContain("There is no draft");
  expect((await made.must("add %/channel --remove uc-phone-6.4.8.1190")).out).toContain("is taken out");
});

test("channel add: what was published keeps its images though the draft takes it out; what is in the draft alone may change", async () => {
  const made = await deskWithRelease();
  await made.must("add %/channel --remove uc-phone-6.4.8.1190");
  made.file(IMAGE, "another image");
  expect(await made.do(`add %/channel %/${IMAGE} ${RELEASE}`)).toMatchObject({
    code: 5,
    err: expect.stringContaining("is published with other images"),
  });
  await made.must(`add %/channel %/${IMAGE} ${RELEASE} --id second`);
  made.file(IMAGE, "a third image");
  const ran = await made.must(`add %/channel %/${IMAGE} ${RELEASE.replace("8.1189:", "8.1000:")} --id second --json`);
  expect(ran.json()).toMatchObject({ change: "changed", release: { edges: [{ fromMax: "6.4.8.1000" }], images: [{ sizeBytes: 13 }] } });
  await made.must("sign %/channel --role targets --key %/keys/targets.key");
  await made.must("publish %/channel --keys %/keys");
});

test("channel add: the same release again brings back files that were lost, without a new signature", async () => {
  const made = await deskWithRelease();
  const images = join(made.channel, "targets/images");
  const [path = ""] = readdirSync(images, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ld"));
  for (const damage of [() => rmSync(join(images, path)), () => writeFileSync(join(images, path), "x".repeat(IMAGE.length))]) {
    damage();
    expect(await made.do("verify %/channel --root %/channel/root.json")).toMatchObject({ code: 4 });
    expect((await made.must(`add %/channel %/${IMAGE} ${RELEASE}`)).out).toContain("brought back:\n  images/uc-phone-6.4.8.1190/");
    await made.must("verify %/channel --root %/channel/root.json");
    expect(existsSync(join(made.channel, "draft"))).toBe(false);
  }
});

test("channel add, channel rotate: nothing is built on a draft of another state of the channel", async () => {
  const made = await deskWithRelease();
  await made.must("add %/channel --revoke uc-phone-6.4.8.1190");
  await made.must("rotate %/channel --role timestamp --keys %/keys");
  cpSync(join(made.channel, "draft"), join(made.home, "old"), { recursive: true });
  for (const key of ["root-1", "root-2"]) await made.must(`sign %/channel --role root --key %/keys/${key}.key`);
  await made.must("sign %/channel --role targets --key %/keys/targets.key");
  await made.must("publish %/channel --keys %/keys");
  await made.must("sign %/channel --role targets --renew --key %/keys/targets.key");
  await made.must("publish %/channel --keys %/keys");
  cpSync(join(made.home, "old"), join(made.channel, "draft"), { recursive: true });
  made.file(IMAGE, "other");
  for (const words of [`add %/channel %/${IMAGE} ${RELEASE} --id second`, "rotate %/channel --role snapshot --keys %/keys"])
    expect(await made.do(words)).toMatchObject({ code: 5, err: expect.stringContaining("from another state of the channel") });
});

test("channel add: a release more voids signatures, and says so", async () => {
  const made = await deskWithChannel();
  made.file(IMAGE);
  await made.must(`add %/channel %/${IMAGE} ${RELEASE}`);
  await made.must("sign %/channel --role targets --key %/keys/targets.key");
  const ran = await made.must(`add %/channel %/${IMAGE} ${RELEASE} --id second`);
  expect(ran.err).toContain("The draft had 1 signature: it is to be signed anew.");
  expect(await made.do("publish %/channel --keys %/keys")).toMatchObject({ code: 6 });
});

test("channel add: in what is no channel", async () => {
  const made = await deskWithChannel();
  expect(await made.do(`add %/keys --revoke x`)).toMatchObject({ code: 78, err: expect.stringContaining("channel init") });
});
