import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY, manualClock } from "../../../protocols/core/time.ts";
import { deskWithChannel, IMAGE, RELEASE } from "./channel-kit.ts";

async function ready() {
  const made = await deskWithChannel();
  made.file(IMAGE);
  await made.must(`add %/channel %/${IMAGE} ${RELEASE}`);
  await made.must("sign %/channel --role targets --key %/keys/targets.key");
  return made;
}

test("channel publish --dry-run: all is checked and shown, nothing is written", async () => {
  const made = await ready();
  const before = readdirSync(made.channel, { recursive: true });
  const ran = await made.must("publish %/channel --keys %/keys --dry-run --json");
  expect(ran.json()).toMatchObject({
    dryRun: true,
    versions: { root: 1, targets: 2, snapshot: 2, timestamp: 2 },
    added: ["uc-phone-6.4.8.1190"],
  });
  expect(readdirSync(made.channel, { recursive: true })).toEqual(before);
});

test("channel publish: says what changed, and that an agent believes it", async () => {
  const made = await ready();
  const ran = await made.must("publish %/channel --key %/keys/snapshot.key --key %/keys/timestamp.key");
  expect(ran.out).toMatch(
    /^Published: targets 2, snapshot 2, timestamp 2\.\n {2}targets {4}until 20.*\n {2}snapshot {3}until 20.*\n {2}timestamp {2}until 20/,
  );
  expect(ran.out).toContain("\n  + uc-phone-6.4.8.1190");
  expect(ran.err).toContain("Read back as an agent would: catalogue 2, 1 release.");
  expect((await made.must("publish %/channel --keys %/keys")).out).toContain("no release changes");
});

test("channel publish --refresh: the timestamp alone, with its key alone; a draft stays", async () => {
  const made = await ready();
  const snapshot = readFileSync(join(made.channel, "metadata/1.snapshot.json"));
  const ran = await made.must("publish %/channel --refresh --key %/keys/timestamp.key");
  expect(ran.out).toContain("Published: timestamp 2.");
  expect(readFileSync(join(made.channel, "metadata/1.snapshot.json"))).toEqual(snapshot);
  expect((await made.must("publish %/channel --keys %/keys")).out).toContain("targets 2");
});

test("channel publish: with a clock that is behind, what would run out earlier than before is said", async () => {
  const made = await ready();
  expect((await made.must("publish %/channel --keys %/keys")).err).not.toContain("clock");
  const ran = await made.must("publish %/channel --keys %/keys --dry-run", { clock: manualClock(Date.now() - DAY) });
  expect(ran.err).toContain("Mind: snapshot and timestamp would have held longer as they were. Is the clock of this machine right");
});

test.each([
  ["no key", "", 2, "Give --keys FOLDER"],
  ["one key of two", "--key %/keys/timestamp.key", 6, "Give the snapshot key"],
  ["a folder without keys", "--keys %/channel", 78, "is one of snapshot or timestamp"],
])("channel publish: with %s nothing is published", async (_what, words, code, said) => {
  const made = await ready();
  const before = readdirSync(made.channel, { recursive: true });
  const ran = await made.do(`publish %/channel ${words}`.trim());
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(said);
  expect(readdirSync(made.channel, { recursive: true })).toEqual(before);
});
