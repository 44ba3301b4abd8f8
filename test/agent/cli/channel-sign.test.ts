import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY, manualClock } from "../../../protocols/core/time.ts";
import { deskWithChannel, deskWithRelease, IMAGE, RELEASE } from "./channel-kit.ts";

/** How a release is shown to who signs it. */
const shown = (version: string): string =>
  `uc-phone-${version}: VVX 350 ${version}; version ${version}, application; for VVX 350; 1 image; from 6.4.0.0000 to 6.4.8.1189 in_place`;

test("channel sign: shows what the name is put to, counts, and says who is missing", async () => {
  const made = await deskWithChannel();
  const first = await made.must("sign %/channel --role root --renew --key %/keys/root-1.key");
  for (const words of ["Draft of root 2", "nothing changes but how long it holds", "1 of the 2 needed of its own keys", "1 missing"])
    expect(first.out).toContain(words);
  expect(first.err).toContain("At least 1 more must sign");
  const again = await made.must("sign %/channel --role root --key %/keys/root-1.key --json");
  expect(again.json()).toMatchObject({ schema: "groundswell.channel-signature/1", role: "root", version: 2, missing: 1 });
  expect((await made.must("sign %/channel --role root --key %/keys/root-3.key")).err).toContain("Enough have signed");
  await made.must("publish %/channel --keys %/keys");
});

test("channel sign: releases by what is new, changed and gone", async () => {
  const made = await deskWithRelease();
  made.file(IMAGE, "other");
  await made.must(`add %/channel %/${IMAGE} ${RELEASE.replace("1190", "1191")}`);
  await made.must("add %/channel --revoke uc-phone-6.4.8.1190");
  const ran = await made.must("sign %/channel --role targets --key %/keys/targets.key --dry-run --json");
  expect(ran.json()["changes"]).toEqual([`+ ${shown("6.4.8.1191")}`, `~ ${shown("6.4.8.1190")}; revoked`]);
});

test("channel sign --dry-run: opens the key and writes nothing", async () => {
  const made = await deskWithChannel();
  const ran = await made.must("sign %/channel --role root --renew --dry-run --key %/keys/root-1.key");
  expect(ran.err).toContain("nothing was changed");
  expect(await made.do("sign %/channel --role root --key %/keys/root-1.key")).toMatchObject({ code: 3 });
});

test("channel sign: on a stick with metadata and draft alone", async () => {
  const made = await deskWithChannel();
  made.file(IMAGE);
  await made.must(`add %/channel %/${IMAGE} ${RELEASE}`);
  const stick = join(made.home, "stick");
  mkdirSync(stick);
  for (const part of ["channel.json", "metadata", "draft/targets.json", "draft/targets/releases"])
    cpSync(join(made.channel, part), join(stick, part), { recursive: true });
  await made.must("sign %/stick --role targets --key %/keys/targets.key");
  cpSync(join(stick, "draft/targets.json"), join(made.channel, "draft/targets.json"));
  await made.must("publish %/channel --keys %/keys");
});

test("channel sign: files that no release explains are shown", async () => {
  const made = await deskWithRelease();
  made.file(IMAGE, "other");
  await made.must(`add %/channel %/${IMAGE} ${RELEASE.replace("1190", "1191")}`);
  const path = join(made.channel, "draft/targets.json");
  const draft = JSON.parse(readFileSync(path, "utf8")) as { signed: { targets: Record<string, object> } };
  const { targets } = draft.signed;
  const known = Object.keys(targets).find((name) => name.startsWith("images/uc-phone-6.4.8.1190/")) ?? "";
  targets[known] = { length: 7, hashes: { sha256: "a".repeat(64) } };
  targets["images/x/sip.ld"] = { length: 7, hashes: { sha256: "b".repeat(64) } };
  writeFileSync(path, JSON.stringify(draft));
  const ran = await made.must("sign %/channel --role targets --key %/keys/targets.key --dry-run --json");
  expect(ran.json()["changes"]).toEqual([
    `+ ${shown("6.4.8.1191")}`,
    `! ${known}: another file than is published`,
    "! images/x/sip.ld: a file that none of these releases names",
  ]);
});

test("channel sign --root: what does not follow from the signer's own root is not signed, whatever it says of itself", async () => {
  const [mine, other] = [await deskWithRelease(), await deskWithRelease()];
  for (const key of ["root-1", "root-2"]) await mine.must(`sign %/channel --role root --renew --key %/keys/${key}.key`);
  cpSync(join(mine.channel, "root.json"), join(mine.home, "pinned.json"));
  await mine.must("publish %/channel --keys %/keys");
  const renew = "sign %/channel --role targets --renew --key %/keys/targets.key --dry-run --root";
  // Of version 1, and the channel has gone on to 2.
  await mine.must(`${renew} %/pinned.json`);
  expect(await other.do(`${renew} ${mine.home}/pinned.json`)).toMatchObject({
    code: 5,
    err: expect.stringContaining("does not follow from root 1"),
  });
  // An older copy of one's own.
  expect(await mine.do(`${renew} %/keys/targets.key`)).toMatchObject({ code: 1, err: expect.stringContaining("does not hold a root") });
  cpSync(join(mine.channel, "root.json"), join(mine.home, "newest.json"));
  for (const name of ["metadata/2.root.json", "draft"]) rmSync(join(mine.channel, name), { recursive: true, force: true });
  expect(await mine.do(`${renew} %/newest.json`)).toMatchObject({ code: 5, err: expect.stringContaining("older copy") });
});

test("channel sign --renew: a draft that has run out is made anew; one in force keeps its signatures", async () => {
  const made = await deskWithChannel();
  const later = { clock: manualClock(Date.now() + 200 * DAY) };
  await made.must("sign %/channel --role targets --renew --key %/keys/targets.key");
  const expires = (text: string): number => Date.parse(String((JSON.parse(text) as { expires: string }).expires));
  const [first, second, third] = [
    await made.must("sign %/channel --role targets --renew --key %/keys/targets.key --json"),
    await made.must("sign %/channel --role targets --renew --key %/keys/targets.key --json", later),
    await made.must("sign %/channel --role targets --renew --key %/keys/targets.key --json"),
  ];
  expect(expires(second.out) - expires(first.out)).toBeGreaterThan(199 * DAY);
  expect(expires(third.out)).toBe(expires(second.out));
});

test.each([
  ["no draft", "--role targets --key %/keys/targets.key", 3, "There is no draft"],
  ["a key of another role", "--role targets --renew --key %/keys/snapshot.key", 78, "is not one of the targets role"],
  ["a key that is not there", "--role targets --renew --key %/absent.key", 78, "There is no key"],
  ["a file that is no key", "--role targets --renew --key %/channel/root.json", 78, "is not a channel's key"],
])("channel sign: %s is refused", async (_what, words, code, said) => {
  const made = await deskWithChannel();
  const ran = await made.do(`sign %/channel ${words}`);
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(said);
});
