/**
 * Coverage on the simulated site: the real daemon and command line, a portal over HTTP, a daemon that is killed. What the
 * portal and the site counted is the judgement.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stage, setStage } from "../../agent/demo/stage.ts";
import { openSupportPortal, type SupportPortal } from "../../fixtures/site/support-portal.ts";
import { readCsv, writeCsv } from "../../protocols/core/csv.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { run } from "../agent/cli/kit.ts";

const ORIGIN_MS = Temporal.Instant.from("2026-11-22T20:00:00Z").epochMilliseconds;
const NOT_POLY = /switch/i;

let stage: Stage;
let portal: SupportPortal;
let secrets: string;

beforeAll(async () => {
  portal = await openSupportPortal("portal-token");
  secrets = mkdtempSync(join(tmpdir(), "groundswell-portal-"));
  const tokenFile = join(secrets, "token");
  writeFileSync(tokenFile, "portal-token\n", { mode: 0o600 });
  stage = await setStage({
    ...{ seed: 7, devices: 24, factor: 60, originMs: ORIGIN_MS, broker: "embedded", onPart: () => undefined },
    settings: { coverage: { zone: "Europe/Zurich", portal: { url: portal.url, tokenFile, every: "7d" } } },
  });
  await until(async () => ((await summary())["devices"] as number) >= 20);
});
afterAll(async () => {
  await stage?.close();
  await portal?.close();
  rmSync(secrets, { recursive: true, force: true });
});

const cli = (...argv: readonly string[]) => run([...argv, "--socket", stage.socket], { clock: systemClock() });
const summary = async () => (await cli("coverage", "--json")).json();

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 300; left > 0; left--) {
    if (await holds()) return;
    await systemClock().sleep(100);
  }
  throw new Error("it did not come to that");
}

interface Listed {
  readonly device: string;
  readonly serial?: string;
  readonly mac?: string;
  readonly state: string;
  readonly registration?: string;
}
const listed = async (): Promise<readonly Listed[]> => (await cli("coverage", "list", "--json")).json()["devices"] as Listed[];

test("before any list everything is unknown, and the next step is said", async () => {
  expect(await summary()).toMatchObject({ lists: [], notCovered: 0, covered: 0 });
  expect((await cli("status")).out).toMatch(/coverage +no list of entitlements taken in yet +→ +groundswell coverage import FILE/);
  const truth = (await stage.site.devices()).filter(({ model }) => !NOT_POLY.test(String(model)));
  expect((await listed()).length).toBe(truth.length);
});

test("a dry run of a file says what would change and changes nothing; the file is taken in; again it is as it was", async () => {
  const devices = await listed();
  const rows = devices.slice(0, 10).map(({ serial, mac }) => [serial ?? "", mac ?? "", "C-1", "2028-01-19"]);
  const file = join(stage.folder, "list.csv");
  writeFileSync(file, writeCsv([["Serial Number", "MAC", "Contract", "End Date"], ...rows], ";"));
  const dry = await cli("coverage", "import", file, "--dry-run");
  expect(dry.out).toContain("Nothing is changed yet");
  expect(await summary()).toMatchObject({ lists: [] });
  expect((await cli("coverage", "import", file, "--json")).json()).toMatchObject({ taken: true, added: 10 });
  expect(await summary()).toMatchObject({ covered: 10, notCovered: devices.length - 10 });
  expect((await cli("coverage", "import", file)).out).toContain("The list is as it was");
});

test("those not covered are found by the device list, stand in the kept file, and are one incident's conditions", async () => {
  const uncovered = (await listed()).filter(({ state }) => state === "notCovered");
  const found = await cli("device", "list", "--where", "coverage=none", "--plain");
  expect(found.out.trim().split("\n")).toHaveLength(uncovered.length);
  const kept = readCsv(readFileSync((await summary())["registrationFile"] as string, "utf8"));
  expect(kept.ok && kept.rows.length - 1).toBe(uncovered.length);
  const status = (await cli("status", "--json")).json() as { conditions: { byKind: { kind: string; count: number }[] } };
  expect(status.conditions.byKind).toContainEqual({ kind: "notCovered", count: uncovered.length });
});

test("a file with mistakes is told line by line and nothing is lost", async () => {
  const file = join(stage.folder, "bad.csv");
  writeFileSync(file, "serial,until\n8L1,01/02/2027\n,2027-01-01\n");
  const before = await summary();
  const ran = await cli("coverage", "import", file);
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/line 2: until: expected a day.*\n.*line 3: names no device/);
  expect(await summary()).toEqual(before);
});

test("registered through the portal once each, over a kill of the daemon in the middle", async () => {
  const uncovered = (await listed()).filter(({ state }) => state === "notCovered");
  // The first call arrives and its answer is lost: the run ends there, not knowing.
  portal.fail("lostAnswer", 1);
  const first = await cli("coverage", "register", "--portal", "--json");
  expect(first.json()["devices"]).toMatchObject([{ state: "sending" }]);
  await stage.agent().kill();
  await stage.startAgent();
  const second = await cli("coverage", "register", "--portal");
  expect([second.code, second.out]).toEqual([0, expect.stringContaining(`${uncovered.length} of ${uncovered.length} devices registered`)]);
  expect([...portal.registrations.values()].map(({ posts }) => posts)).toEqual(uncovered.map(() => 1));
  expect((await cli("coverage", "register", "--portal")).out).toContain("No device has to be registered");
});

test("what the portal then lists is covered, and its incident over", async () => {
  const registered = (await listed()).filter(({ registration }) => registration === "registered");
  portal.list = registered.map(({ serial, mac }) => ({
    ...(serial === undefined ? { mac } : { serial }),
    contract: "P-1",
    until: "2027-01-10",
  }));
  expect((await cli("coverage", "import", "--portal", "--json")).json()).toMatchObject({ source: "portal", added: registered.length });
  expect(await summary()).toMatchObject({
    notCovered: 0,
    expiring: registered.length,
    ending: [{ until: "2027-01-10", devices: registered.length }],
  });
});

test("the month's attestation is made, fetched and verified, and one changed byte of either file is told", async () => {
  const made = await cli("coverage", "attest", "--month", "2026-11", "--out", stage.folder);
  expect([made.code, made.err]).toEqual([0, expect.any(String)]);
  const path = join(stage.folder, "coverage-contoso-zh-2026-11");
  expect((await cli("coverage", "verify", `${path}.json`)).out).toContain("as it was signed");
  for (const kind of ["json", "pdf"]) {
    const bytes = readFileSync(`${path}.${kind}`);
    const spoilt = Buffer.from(bytes);
    const at = Math.floor(bytes.length / 2);
    spoilt.writeUInt8(spoilt.readUInt8(at) ^ 1, at);
    writeFileSync(`${path}.${kind}`, spoilt);
    const told = await cli("coverage", "verify", `${path}.pdf`);
    expect([told.code, told.err]).toEqual([1, expect.stringMatching(/does not hold|Cannot read/)]);
    writeFileSync(`${path}.${kind}`, bytes);
  }
});
