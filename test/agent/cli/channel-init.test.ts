import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { desk } from "./channel-kit.ts";

const answering = (...answers: readonly string[]) => {
  const left = [...answers];
  const prompts: string[] = [];
  return {
    prompts,
    async readHidden(prompt: string) {
      prompts.push(prompt);
      return left.shift();
    },
  };
};

test("channel init: 2 of 3 root keys and one of each other role, for their owner alone; it says what to keep where", async () => {
  const made = desk();
  const ran = await made.must("init %/channel --keys %/keys");
  expect(readdirSync(made.keys).toSorted()).toEqual([
    "root-1.key",
    "root-2.key",
    "root-3.key",
    "snapshot.key",
    "targets.key",
    "timestamp.key",
  ]);
  for (const name of readdirSync(made.keys)) expect(statSync(join(made.keys, name)).mode & 0o777).toBe(0o600);
  for (const words of ["2 of 3 keys must sign", "What to keep where", "root.json"]) expect(ran.out).toContain(words);
  expect(ran.err).toContain("no passphrase");
});

test("channel init --json: the keys by file and id, never what is in them", async () => {
  const ran = await desk().must("init %/channel --keys %/keys --root-keys 1 --root-threshold 1 --json");
  expect(ran.json()).toMatchObject({
    schema: "groundswell.channel-made/1",
    sealed: false,
    keys: expect.arrayContaining([expect.objectContaining({ role: "root" })]),
  });
  expect(ran.out).not.toContain("privateKey");
});

test("channel init --passphrase-file: all keys are sealed, and the passphrase opens them", async () => {
  const made = desk();
  made.file("pass", "a long passphrase\n");
  const ran = await made.must("init %/channel --keys %/keys --passphrase-file %/pass --root-keys 1 --root-threshold 1");
  expect(ran.err).toBe("");
  const renew = "sign %/channel --role targets --renew --key %/keys/targets.key --dry-run";
  expect(await made.do(renew)).toMatchObject({ code: 78, err: expect.stringContaining("needs its passphrase") });
  expect(await made.do(renew, { environment: { GROUNDSWELL_PASSPHRASE: "another passphrase" } })).toMatchObject({
    code: 78,
    err: expect.stringContaining("does not open"),
  });
  expect(await made.do(renew, { environment: { GROUNDSWELL_PASSPHRASE: "a long passphrase" } })).toMatchObject({ code: 0 });
  expect(await made.do(renew, answering("a long passphrase"))).toMatchObject({ code: 0 });
});

test("channel init --ask-passphrase: one for the desk, each root key its own, typed twice", async () => {
  const asked = answering("for the desk", "for the desk", "of the first person", "of the first person");
  await desk().must("init %/channel --keys %/keys --ask-passphrase --root-keys 1 --root-threshold 1", asked);
  expect(asked.prompts).toEqual([
    "New passphrase for targets, snapshot and timestamp: ",
    "The same again: ",
    "New passphrase for root.key: ",
    "The same again: ",
  ]);
});

test.each<[string, string, readonly string[], number]>([
  ["typed twice differently", "--ask-passphrase", ["for the desk", "for the desc"], 2],
  ["too short", "--ask-passphrase", ["short", "short"], 2],
  ["asked for where nobody can type", "--ask-passphrase", [], 2],
  ["with thresholds that cannot be", "--root-threshold 4", [], 2],
])("channel init: a passphrase %s is refused and nothing is written", async (_what, option, answers, code) => {
  const made = desk();
  expect(await made.do(`init %/channel --keys %/keys ${option}`, answering(...answers))).toMatchObject({ code });
  expect(readdirSync(made.home)).toEqual([]);
});

test("channel init: nothing is written over: not a folder with something in it, not a key", async () => {
  const made = desk();
  await made.must("init %/channel --keys %/keys");
  const before = readdirSync(made.home, { recursive: true });
  expect(await made.do("init %/channel --keys %/other")).toMatchObject({ code: 1, err: expect.stringContaining("is not empty") });
  expect(await made.do("init %/second --keys %/keys")).toMatchObject({ code: 1, err: expect.stringContaining("exists") });
  expect(readdirSync(made.home, { recursive: true })).toEqual(before);
});

test.each(["%/channel", "%/channel/keys"])("channel init: keys in %s would be given out", async (keys) => {
  const made = desk();
  expect(await made.do(`init %/channel --keys ${keys}`)).toMatchObject({ code: 2, err: expect.stringContaining("given out") });
  expect(existsSync(made.channel)).toBe(false);
});
