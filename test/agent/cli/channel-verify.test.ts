import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openChannelServer } from "../../../fixtures/site/channel-server.ts";
import { DAY, manualClock } from "../../../protocols/core/time.ts";
import { deskWithChannel, deskWithRelease } from "./channel-kit.ts";
import { closeLater } from "./kit.ts";

test("channel verify: an empty channel is believed, and says how to go on", async () => {
  const made = await deskWithChannel();
  const ran = await made.must("verify %/channel --root %/channel/root.json");
  expect(ran.out).toContain("is believed: catalogue 1, 0 releases.");
  expect(ran.out).toContain("channel add");
});

test("channel verify: over a web server as from a folder: releases, who signed, until when", async () => {
  const made = await deskWithRelease();
  const server = await openChannelServer(made.channel);
  closeLater(() => server.close());
  for (const place of ["%/channel", server.url]) {
    const ran = await made.must(`verify ${place} --root %/channel/root.json`);
    for (const words of ["catalogue 2, 1 release", "+ uc-phone-6.4.8.1190", "timestamp  version 2", "signed by"])
      expect(ran.out).toContain(words);
  }
  server.misbehave("down");
  expect(await made.do(`verify ${server.url} --root %/channel/root.json`)).toMatchObject({
    code: 1,
    out: expect.stringContaining("(unreachable)"),
  });
});

test("channel verify: what runs out is said with the way to renew it, and nothing before its time", async () => {
  const made = await deskWithRelease();
  const expiring = async (inDays: number) => {
    const ran = await made.must("verify %/channel --root %/channel/root.json --json", { clock: manualClock(Date.now() + inDays * DAY) });
    return (ran.json()["expiring"] as { role: string }[]).map(({ role }) => role);
  };
  expect(await expiring(0)).toEqual([]);
  expect(await expiring(21)).toEqual(["timestamp"]);
  expect(await expiring(61)).toEqual(["snapshot", "timestamp"]);
  expect(await expiring(340)).toEqual(["root", "targets", "snapshot", "timestamp"]);
  const said = await made.must("verify %/channel --root %/channel/root.json", { clock: manualClock(Date.now() + 21 * DAY) });
  expect(said.err).toContain("publish --refresh renews it");
});

test("channel verify: a document or an image that was changed is named, exit 4", async () => {
  const made = await deskWithRelease();
  const folder = join(made.channel, "targets/images/uc-phone-6.4.8.1190");
  const path = join(folder, readdirSync(folder)[0] ?? "");
  const before = readFileSync(path);
  writeFileSync(path, "x");
  const ran = await made.do("verify %/channel --root %/channel/root.json --json");
  expect([ran.code, ran.json()]).toMatchObject([4, { ok: false, badImages: [expect.stringContaining("another file than was signed")] }]);
  writeFileSync(path, before);
  const documents = join(made.channel, "targets/releases");
  writeFileSync(join(documents, readdirSync(documents)[0] ?? ""), "{}");
  const other = await made.do("verify %/channel --root %/channel/root.json");
  expect([other.code, other.out]).toEqual([4, expect.stringContaining("! releases/uc-phone-6.4.8.1190.json is refused")]);
});

test("channel verify: another channel's root is refused by its name, exit 1, with a document for scripts", async () => {
  const [made, other] = [await deskWithRelease(), await deskWithChannel()];
  const ran = await made.do(`verify %/channel --root ${other.channel}/root.json --json`);
  expect([ran.code, ran.json()]).toMatchObject([1, { ok: false, fault: "signature" }]);
});

test.each([
  ["%/absent --root %/channel/root.json", 2, "neither a folder nor an address"],
  ["%/channel --root %/absent.json", 78, "does not exist"],
  ["http:// --root %/channel/root.json", 2, "is not an address"],
])("channel verify %s: exit %i", async (words, code, said) => {
  const made = await deskWithChannel();
  const ran = await made.do(`verify ${words}`);
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(said);
});
