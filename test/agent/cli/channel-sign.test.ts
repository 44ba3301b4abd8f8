import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deskWithChannel, deskWithRelease, IMAGE, RELEASE } from "./channel-kit.ts";

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
  const shown = (await made.must("sign %/channel --role targets --key %/keys/targets.key --dry-run --json")).json();
  expect(shown["changes"]).toEqual([
    "~ uc-phone-6.4.8.1190: VVX 350 6.4.8.1190, 6.4.8.1190, revoked",
    "+ uc-phone-6.4.8.1191: VVX 350 6.4.8.1191, 6.4.8.1191",
  ]);
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
