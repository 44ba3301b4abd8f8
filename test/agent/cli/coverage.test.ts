import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agent, done, failed, refused } from "./agent.ts";
import { folder } from "./kit.ts";

const summary = (changes: object = {}) => ({
  schema: "groundswell.coverage/1",
  ...{ devices: 118, covered: 99, expiring: 12, lapsed: 0, notCovered: 7, unknown: 0 },
  ending: [{ until: "2027-01-19", daysLeft: 58, devices: 12 }],
  lists: [{ source: "csv", name: "contracts.csv", takenAt: "2026-11-03T08:00:00Z", listed: 111, by: "local" }],
  registrations: { listed: 0, sending: 0, registered: 0, refused: 0 },
  registrationFile: "/var/lib/groundswell/coverage/registration.csv",
  ...changes,
});
const row = (changes: object = {}) => ({
  device: "d-1",
  name: "Reception",
  model: "CCX 505",
  serial: "8L1",
  state: "notCovered",
  why: "no list names it",
  since: "2026-11-22T11:00:00Z",
  ...changes,
});

test("coverage: counts with shape and word, what ends, where the file is, what to do next", async () => {
  const { out, code } = await (await agent({ "coverage.summary": done(summary()) })).run(["coverage"]);
  expect(code).toBe(0);
  for (const text of [
    "118 Poly products",
    "7  ■ NOT COVERED",
    "12  ▲ ends soon",
    "2027-01-19 in 58 d (12 devices)",
    "csv: contracts.csv, 111 lines",
    "registration.csv",
    "groundswell coverage register",
  ])
    expect(out).toContain(text);
});

test("coverage: nothing known yet says how to begin; --json is the answer as it came", async () => {
  const none = summary({ devices: 0, covered: 0, expiring: 0, notCovered: 0, ending: [], lists: [] });
  const site = await agent({ "coverage.summary": done(none) });
  expect((await site.run(["coverage"])).out).toContain("→  groundswell coverage import FILE");
  expect((await site.run(["coverage", "--json"])).json()).toEqual(none);
});

test("coverage: a verb that is none is a usage error", async () => {
  expect(await (await agent({})).run(["coverage", "rejoice"])).toMatchObject({ code: 2 });
});

test("coverage list: --state none asks for those not covered; --plain has the filter's own word", async () => {
  const site = await agent({ "coverage.list": done({ devices: [row()] }) });
  expect((await site.run(["coverage", "list", "--state", "none", "--plain"])).out).toMatch(/^none\tReception\tCCX 505\t8L1\t/);
  expect(site.asked[0]).toEqual({ name: "coverage.list", args: { state: "notCovered" } });
});

test("coverage list: a state that nothing has ends with exit code 3", async () => {
  const ran = await (await agent({ "coverage.list": done({ devices: [] }) })).run(["coverage", "list", "--state", "lapsed"]);
  expect([ran.code, ran.err]).toEqual([3, expect.stringContaining("No device is lapsed.")]);
});

test.each([[[]], [["a.csv", "--lens"]], [["--lens", "--portal"]]])("coverage import %j: exactly one source", async (given) => {
  const site = await agent({});
  expect(await site.run(["coverage", "import", ...given])).toMatchObject({ code: 2 });
  expect(site.asked).toEqual([]);
});

const imported = (changes: object = {}) => ({
  ...{ source: "csv", taken: true, dryRun: false, listed: 2, unchanged: 0, added: 1, changed: 1, removed: 0, effects: 1 },
  changes: [
    { what: "added", serial: "8L2", until: "2028-01-01" },
    { what: "changed", serial: "8L1", was: "2027-01-01", until: "2028-01-01" },
  ],
  effect: [{ device: "d-2", name: "Reception", was: "notCovered", becomes: "covered" }],
  ...changes,
});

test("coverage import: the file's text goes to the agent, its changes and their effect come back in words", async () => {
  const site = await agent({ "coverage.import": done(imported()) });
  const file = join(folder(), "list.csv");
  writeFileSync(file, "serial\n8L1\n");
  const { out } = await site.run(["coverage", "import", file]);
  expect(site.asked[0]).toEqual({
    name: "coverage.import",
    args: { source: "csv", name: "list.csv", text: "serial\n8L1\n", dryRun: false, acceptRemovals: false },
  });
  expect(out).toBe(
    "Taken in.\n2 lines: 1 added, 1 changed, 0 removed, 0 as they were\n  + 8L2  2028-01-01\n  ~ 8L1  2027-01-01 → 2028-01-01\n1 device changed:\n  Reception: NOT COVERED → covered\n",
  );
});

test("coverage import: a dry run says so, and what it would need", async () => {
  const site = await agent({ "coverage.import": done(imported({ taken: false, dryRun: true, losesTooMuch: true })) });
  const { out } = await site.run(["coverage", "import", "--portal", "--dry-run"]);
  expect(out).toMatch(/^Nothing is changed yet[\s\S]*--accept-removals/);
  expect(site.asked[0]?.args).toMatchObject({ source: "portal", dryRun: true });
});

test("coverage import: a file that is not there, and an agent that refuses, say why", async () => {
  const site = await agent({
    "coverage.import": failed("faulted", '"l.csv" is not taken in, nothing is changed:\nline 2: until: expected a day'),
  });
  const missing = await site.run(["coverage", "import", "/nowhere/l.csv"]);
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("does not exist")]);
  expect((await site.run(["coverage", "import", "--lens"])).err).toContain("line 2: until");
});

const toRegister = {
  dryRun: false,
  earlier: 1,
  devices: [{ device: "d-1", key: "k", name: "=evil", serial: "8L1", firstSeen: "2026-11-22T11:00:00Z", found: "lldp: x" }],
};

test("coverage register: CSV to standard output, a file as JSON or CSV where one is named", async () => {
  const site = await agent({ "coverage.register": done(toRegister) });
  const plain = await site.run(["coverage", "register"]);
  expect(plain.out).toContain('8L1,,,,"\'=evil"');
  expect(plain.err).toContain("1 device to register; 1 handed in earlier, with --again those of files as well");
  const out = folder();
  await site.run(["coverage", "register", "--out", join(out, "r.csv")]);
  await site.run(["coverage", "register", "--out", join(out, "r.json"), "--again"]);
  expect(readFileSync(join(out, "r.csv"), "utf8")).toBe(plain.out);
  expect(JSON.parse(readFileSync(join(out, "r.json"), "utf8"))).toEqual(toRegister);
  expect(site.asked.map(({ args }) => args["again"])).toEqual([false, false, true]);
});

test("coverage register: what cannot be written names the way back; another ending is no format", async () => {
  const site = await agent({ "coverage.register": done(toRegister) });
  expect((await site.run(["coverage", "register", "--out", "/nowhere/r.csv"])).err).toContain("--again");
  expect(await site.run(["coverage", "register", "--out", "r.xlsx"])).toMatchObject({ code: 2 });
});

test.each([
  [["registered", "registered"], 0],
  [["registered", "refused"], 4],
  [["sending"], 1],
])("coverage register --portal: %j ends with exit code %i", async (states, code) => {
  const devices = states.map((state) => ({
    device: "d-1",
    name: "Reception",
    state,
    ...(state === "registered" ? { reference: "REG-1" } : { why: "status 422" }),
  }));
  const site = await agent({ "coverage.register": done({ dryRun: false, earlier: 0, left: 0, devices }) });
  expect((await site.run(["coverage", "register", "--portal"])).code).toBe(code);
});

test("coverage propose: what to do for each, and that nothing was done", async () => {
  const proposals = [{ device: "d-1", name: "Reception", model: "CCX 505", what: "assign", from: "S-1", why: "no list names it" }];
  const site = await agent({
    "coverage.propose": done({
      proposals,
      stocks: [{ name: "S-1", model: "CCX 505", quantity: 5, proposed: 1 }],
      elsewhere: [{ serial: "8L9" }],
    }),
  });
  const ran = await site.run(["coverage", "propose"]);
  expect(ran.out).toMatch(/assign +Reception +CCX 505/);
  for (const text of ["1 of 5 licences for CCX 505", "1 entitlement on hardware that was not found here", "cannot be taken back"])
    expect(ran.err).toContain(text);
});

test("coverage attest: a month that is none and a folder that is none are told before anything is asked", async () => {
  const site = await agent({ "coverage.attest": refused("notAllowed") });
  expect(await site.run(["coverage", "attest", "--month", "2026-13"])).toMatchObject({ code: 2 });
  expect(await site.run(["coverage", "attest", "--month", "2026-11", "--out", "/nowhere"])).toMatchObject({ code: 1 });
  expect(site.asked).toEqual([]);
});

test("coverage verify: what is not there, and what is no attestation, is told", async () => {
  const site = await agent({});
  const path = join(folder(), "a.json");
  expect((await site.run(["coverage", "verify", path])).err).toContain("it does not exist");
  writeFileSync(path, "{}");
  expect(await site.run(["coverage", "verify", path])).toMatchObject({
    code: 1,
    err: expect.stringContaining("does not hold: it is no attestation"),
  });
});
