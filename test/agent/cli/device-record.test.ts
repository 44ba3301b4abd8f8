import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SimDevice } from "../../../fixtures/site/device.ts";
import { type RunningSite, startSite } from "../../../fixtures/site/site.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { folder, type Ran, run } from "./kit.ts";

const clock = manualClock(Date.UTC(2026, 10, 22, 12));
let running: RunningSite;
let phone: SimDevice;

beforeAll(async () => {
  running = await startSite({ seed: 9, devices: 6, provisioning: undefined, channelFolder: undefined, clock });
  const found = running.site.devices.find(({ kind }) => kind === "vvx");
  if (found === undefined) throw new Error("no phone");
  phone = found;
});
afterAll(() => running.close());

/** Records the phone with its password. */
function record(out: string, ...more: readonly string[]): Promise<Ran> {
  const passwordFile = join(folder(), "password");
  writeFileSync(passwordFile, running.site.secrets.phonePassword, { mode: 0o600 });
  const where = Object.entries(running.site.ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const login = ["--user", running.site.secrets.phoneUser, "--password-file", passwordFile];
  return run(["device", "record", phone.address, ...where, ...login, "--out", out, ...more], { clock });
}

test("device record: writes files in which neither password, MAC, address nor number stands; exit 0", async () => {
  const out = join(folder(), "vvx");
  const ran = await record(out);
  expect(ran.code).toBe(0);
  const names = readdirSync(out).sort();
  expect(names).toEqual(["expected.json", "https.json", "look.json", "secrets.json", "sip.json", "ssh.json"]);
  const written = names.map((name) => readFileSync(join(out, name), "utf8")).join("\n");
  const { phonePassword } = running.site.secrets;
  for (const gone of [phonePassword, phone.mac, phone.address]) expect(`${written}${ran.out}${ran.err}`).not.toContain(gone);
  expect(written).not.toMatch(/\b1001\b/);
  expect(ran.out).toContain(`Recorded ${phone.model} ${phone.running}`);
  expect(ran.out).toMatch(/Replaced: .*1 MAC address/);
  expect(ran.out).toContain("fixtures/uc-phone/");
});

test("device record: a dry run visits, shows what would be written, and writes nothing", async () => {
  const out = join(folder(), "vvx");
  const ran = await record(out, "--dry-run");
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("Would record");
  expect(existsSync(out)).toBe(false);
});

test("device record: for scripts one document with files, sizes and counts", async () => {
  const out = join(folder(), "vvx");
  const ran = await record(out, "--json");
  expect(ran.json()).toMatchObject({
    schema: "groundswell.recorded/1",
    folder: out,
    written: true,
    place: expect.stringMatching(/^uc-phone\/vvx-\d{3}_6\.4\.[\d.]+$/),
    family: "uc-phone",
    files: expect.arrayContaining([{ name: "https.json", bytes: expect.any(Number) }]),
    replaced: { mac: 1, address: expect.any(Number), number: 1, fingerprint: 1 },
  });
});

test("device record: a folder that holds anything is refused before the device is asked; --force replaces an earlier recording only", async () => {
  const out = folder();
  writeFileSync(join(out, "notes.txt"), "mine");
  writeFileSync(join(out, "telnet.json"), "old");
  const refused = await record(out);
  expect(refused.code).toBe(6);
  expect(refused.err).toContain("--force");
  expect((await record(out, "--force")).code).toBe(0);
  expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
  expect(existsSync(join(out, "telnet.json"))).toBe(false);
});

test("device record: a folder named after the device is refused by kind, never by value, and not written", async () => {
  const out = join(folder(), `phone-${phone.mac.toUpperCase()}`);
  const ran = await record(out);
  expect(ran.code).toBe(5);
  expect(ran.err).toContain("mac in the folder's name");
  expect(ran.err.toLowerCase()).not.toContain(phone.mac);
  expect(existsSync(out)).toBe(false);
});

test("device record: another certificate than the expected one is exit 1 and no folder; nobody there is exit 3", async () => {
  const out = join(folder(), "vvx");
  const other = await record(out, "--expect-mac", "64167f000001");
  expect([other.code, existsSync(out)]).toEqual([1, false]);
  expect(other.err).toContain("nothing was recorded");
  phone.phase = "dead";
  const nobody = await record(out, "--timeout", "300ms");
  phone.phase = "up";
  expect([nobody.code, existsSync(out)]).toEqual([3, false]);
  expect(nobody.err).toContain("Nobody answers");
});

test("device record: a file where the folder should be is exit 1", async () => {
  const out = join(folder(), "file");
  writeFileSync(out, "");
  const ran = await record(out);
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining("Cannot write")]);
});

test.each([
  [["--json"], 2, "--out"],
  [["--out", "x", "--expect-mac", "64167f"], 2, "not a MAC"],
  [["--out", "x", "--user", "Polycom"], 2, "belong together"],
] as const)("device record: %j is refused before anything is sent", async (options, code, words) => {
  const ran = await run(["device", "record", "127.0.0.1", ...options], { clock });
  expect(ran.code).toBe(code);
  expect(ran.err + ran.out).toContain(words);
});
