import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type SigningKey, writeKeyFile } from "../../../agent/commands/keys.ts";
import { DAY, manualClock } from "../../../protocols/core/time.ts";
import { NOW, SITE } from "./agent.ts";
import { folder, run } from "./kit.ts";

const io = { clock: manualClock(NOW) };
const later = (days: number) => ({ clock: manualClock(NOW + days * DAY) });

async function bench() {
  const where = folder();
  const roots: SigningKey[] = [];
  for (const name of ["r1", "r2", "r3"]) roots.push(await writeKeyFile(join(where, name)));
  const person = await writeKeyFile(join(where, "p"));
  const [r1 = "", r2 = "", r3 = ""] = roots.map(({ publicKey }) => publicKey);
  const file = join(where, "roster.json");
  const anna = `anna:Anna: the first:approver:${person.publicKey}`;
  const make = (changes: readonly string[] = [], keys = ["r1", "r2"], people = [anna]) =>
    run(
      [
        ...["roster", "new", "--version", "2", "--out", file, "--site", SITE],
        ...people.flatMap((one) => ["--person", one]),
        ...keys.flatMap((key) => ["--root-key", join(where, key)]),
        ...changes,
      ],
      io,
    );
  const check = (roots: readonly string[], more: readonly string[] = [], at = io) =>
    run(["roster", "check", file, ...roots.flatMap((root) => ["--root", root]), ...more], at);
  return { file, make, check, r1, r2, r3, person, anna };
}

test("roster new, check: signed by two roots it is in force for its site", async () => {
  const { file, make, check, r1, r2 } = await bench();
  const made = await make(["--json"]);
  expect([made.code, made.json()["schema"], made.json()["file"]]).toEqual([0, "groundswell.roster-file/1", file]);
  const checked = await check([r1, r2], ["--json"]);
  expect([checked.code, checked.json()]).toMatchObject([
    0,
    {
      schema: "groundswell.roster-check/1",
      ok: true,
      version: 2,
      sites: [SITE],
      people: [{ id: "anna", name: "Anna: the first", role: "approver", keys: 1 }],
    },
  ]);
  expect(checked.json()["digest"]).toBe(made.json()["digest"]);
});

test("roster check: people read who may do what until when", async () => {
  const { make, check, r1, r2 } = await bench();
  await make(["--days", "30"]);
  const { out } = await check([r1, r2]);
  for (const part of [
    "is signed and in force: version 2, 1 person",
    SITE,
    "2026-12-22T12:00:00.000Z",
    "anna (Anna: the first), approver, 1 key",
  ])
    expect(out).toContain(part);
});

test("roster check: two of three pinned roots are enough, one is not", async () => {
  const { make, check, r1, r2, r3 } = await bench();
  await make();
  expect((await check([r1, r2, r3])).code).toBe(0);
  const one = await check([r1, r3], ["--json"]);
  expect([one.code, one.json()["ok"]]).toEqual([1, false]);
});

test.each([
  [["r1"], "A roster needs 2 roots, not 1"],
  [["r1", "r1"], "A roster needs 2 roots, not 1"],
])("roster new: signed with %j it is not written: exit 2", async (keys, words) => {
  const { file, make } = await bench();
  const ran = await make([], keys);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain(words);
  expect(existsSync(file)).toBe(false);
});

test("roster check: the same root named twice is one root: exit 2", async () => {
  const { make, check, r1 } = await bench();
  await make();
  expect((await check([r1, r1])).code).toBe(2);
});

test("roster check: expired it is refused: exit 1", async () => {
  const { make, check, r1, r2 } = await bench();
  await make(["--days", "30"]);
  expect((await check([r1, r2], [], later(29))).code).toBe(0);
  const ran = await check([r1, r2], ["--json"], later(31));
  expect([ran.code, ran.json()["ok"]]).toEqual([1, false]);
});

test("roster check: for another site, or with one letter changed, it is refused: exit 1", async () => {
  const { file, make, check, r1, r2 } = await bench();
  await make();
  expect((await check([r1, r2], ["--site", "fabrikam-01"])).code).toBe(1);
  writeFileSync(file, readFileSync(file, "utf8").replace("approver", "admin"));
  const ran = await check([r1, r2]);
  expect([ran.code, ran.out.includes("is refused")]).toEqual([1, true]);
});

test("roster check: a file that is not there is exit 78", async () => {
  const { check, r1, r2 } = await bench();
  expect((await check([r1, r2])).code).toBe(78);
});

test("roster new: never over an existing file", async () => {
  const { file, make } = await bench();
  writeFileSync(file, "mine");
  expect((await make()).code).toBe(1);
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test("roster new: the same person again adds a key, another role for it is exit 2", async () => {
  const { make, check, r1, r2, r3, anna } = await bench();
  expect((await make([], ["r1", "r2"], [anna, anna.replace("approver", "admin")])).code).toBe(2);
  await make([], ["r1", "r2"], [anna, `anna:Anna: the first:approver:${r3}`]);
  expect((await check([r1, r2], ["--json"])).json()["people"]).toMatchObject([{ keys: 2 }]);
});

test.each([
  [["--days", "91"], "from 1 to 90"],
  [["--days", "0"], "from 1 to 90"],
  [["--site", "Not A Site"], "is not a site id"],
  [["--person", "anna"], "is not a person"],
  [["--person", "anna:Anna:boss:key"], "is not a role"],
  [["--person", "bert:Bert:viewer:key"], "is not a public key"],
])("roster new: %j is exit 2 and says what was expected", async (changes, words) => {
  const { file, make } = await bench();
  const ran = await make(changes);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain(words);
  expect(existsSync(file)).toBe(false);
});

test("roster new: '*' is every site", async () => {
  const { file, check, r1, r2, person } = await bench();
  const where = file.replace(/roster\.json$/, "");
  const argv = ["roster", "new", "--version", "1", "--out", file, "--site", "*", "--person", `a-1:A:viewer:${person.publicKey}`];
  expect((await run([...argv, "--root-key", `${where}r1`, "--root-key", `${where}r2`], io)).code).toBe(0);
  expect((await check([r1, r2], ["--site", "any-site"])).code).toBe(0);
});
