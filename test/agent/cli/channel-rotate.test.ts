import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Desk, deskWithRelease } from "./channel-kit.ts";

const idOf = (made: Desk, name: string): string => (JSON.parse(readFileSync(join(made.keys, name), "utf8")) as { id: string }).id;

test("channel rotate: a lost root key is replaced by the two others; a site that pinned the first root follows", async () => {
  const made = await deskWithRelease();
  const lost = idOf(made, "root-2.key").slice(0, 12);
  const ran = await made.must(`rotate %/channel --role root --replace ${lost} --keys %/new --json`);
  expect(ran.json()).toMatchObject({
    schema: "groundswell.channel-rotation/1",
    root: 2,
    keys: [{ file: expect.stringContaining("/new/root-") }],
  });
  for (const key of ["root-1", "root-3"]) await made.must(`sign %/channel --role root --key %/keys/${key}.key`);
  await made.must("publish %/channel --keys %/keys");
  const checked = await made.must("verify %/channel --root %/channel/metadata/1.root.json --json");
  expect(checked.json()["roles"]).toMatchObject([{ role: "root", version: 2 }, {}, {}, {}]);
});

test("channel rotate: a stolen timestamp key goes; publishing without the old one says what readers may see", async () => {
  const made = await deskWithRelease();
  await made.must("rotate %/channel --role timestamp --keys %/keys");
  for (const key of ["root-1", "root-2"]) await made.must(`sign %/channel --role root --key %/keys/${key}.key`);
  renameSync(join(made.keys, "timestamp.key"), join(made.home, "old.key"));
  const ran = await made.must("publish %/channel --keys %/keys");
  expect(ran.err).toContain("a site that reads in this very moment refuses once");
  expect(await made.do("publish %/channel --refresh --key %/old.key")).toMatchObject({ code: 6 });
  await made.must("verify %/channel --root %/channel/metadata/1.root.json");
});

test("channel rotate: new release keys sign the releases anew before anything is published", async () => {
  const made = await deskWithRelease();
  const old = idOf(made, "targets.key");
  await made.must("rotate %/channel --role targets --keys %/keys");
  for (const key of ["root-1", "root-2"]) await made.must(`sign %/channel --role root --key %/keys/${key}.key`);
  expect(await made.do("publish %/channel --keys %/keys")).toMatchObject({ code: 6, err: expect.stringContaining("targets") });
  await made.must(`sign %/channel --role targets --key ${made.key("targets-")}`);
  await made.must("publish %/channel --keys %/keys");
  const { roles } = (await made.must("verify %/channel --root %/channel/root.json --json")).json() as {
    roles: { role: string; signers: string[] }[];
  };
  expect(roles.find(({ role }) => role === "targets")?.signers).not.toContain(old);
});

test("channel rotate: a key without a passphrase is said; a passphrase that is refused leaves no key and no draft", async () => {
  const made = await deskWithRelease();
  const before = readdirSync(made.home, { recursive: true });
  const ids = ["root-1.key", "root-2.key"].map((name) => `--replace ${idOf(made, name).slice(0, 12)}`).join(" ");
  const answers = ["long enough", "long enough", "short", "short"];
  const refused = await made.do(`rotate %/channel --role root ${ids} --keys %/new --ask-passphrase`, {
    readHidden: () => Promise.resolve(answers.shift()),
  });
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("too short") });
  expect(readdirSync(made.home, { recursive: true })).toEqual(before);
  expect((await made.must("rotate %/channel --role timestamp --keys %/new")).err).toContain("The keys have no passphrase");
});

test("channel rotate: which of several root keys must be said; a dry run makes none", async () => {
  const made = await deskWithRelease();
  expect(await made.do("rotate %/channel --role root --keys %/keys")).toMatchObject({ code: 5, err: expect.stringContaining("--replace") });
  const before = readdirSync(made.home, { recursive: true });
  await made.must("rotate %/channel --role snapshot --keys %/keys --dry-run");
  expect(readdirSync(made.home, { recursive: true })).toEqual(before);
});
