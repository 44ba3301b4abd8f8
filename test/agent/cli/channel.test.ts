import { expect, test } from "vitest";
import { desk, deskWithRelease } from "./channel-kit.ts";

test.each(["init", "add", "sign", "publish", "rotate", "verify"])("channel %s --help: all its options, exit 0", async (verb) => {
  const ran = await desk().do(`${verb} --help`);
  expect([ran.code, ran.err]).toEqual([0, ""]);
  expect(ran.out).toMatch(new RegExp(`^Usage: groundswell channel ${verb}`));
});

test.each([
  ["init --keys k", "Missing required argument 'folder'"],
  ["init %/a", "--keys"],
  ["sign %/a --role targets", "--key"],
  ["sign %/a --role snapshot --key k", "Expected one of: root, targets"],
  ["rotate %/a --role root", "--keys"],
  ["verify %/a", "--root"],
  ["init %/a --keys %/k --root-keys 0", "whole number from 1"],
  ["add %/a f --family vvx", "Expected one of: uc-phone"],
])("channel %s is not understood: exit 2, and what is wanted", async (words, wanted) => {
  const ran = await desk().do(words);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain(wanted);
});

test("channel: from nothing to a release that agents believe, in the order of the page", async () => {
  const made = await deskWithRelease();
  const checked = await made.must("verify %/channel --root %/channel/root.json --json");
  expect(checked.json()).toMatchObject({
    schema: "groundswell.channel-check/1",
    ok: true,
    version: 2,
    releases: [{ id: "uc-phone-6.4.8.1190", images: 1 }],
    badImages: [],
    expiring: [],
  });
});
