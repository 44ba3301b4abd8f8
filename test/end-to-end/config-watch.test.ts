/** The whole daemon beside a simulated site: what a device is set to, who changed it, and the file that puts it back. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Agent, startAgent } from "../../agent/compose.ts";
import { fileConfigIo } from "../../agent/config/files.ts";
import { loadConfig } from "../../agent/config/load.ts";
import { freePort } from "../../agent/demo/free-port.ts";
import { SILENT } from "../../agent/log.ts";
import type { SimDevice } from "../../fixtures/site/device.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { openForReading } from "../../store/open.ts";
import { run } from "../agent/cli/kit.ts";

const CANARY = "canary-7Yq2-secret";
let site: RunningSite;
let agent: Agent;
let folder: string;
let phone: SimDevice;
let other: SimDevice;
let room: SimDevice;
/** Its password is nobody's but its own. */
let locked: SimDevice;
/** Everything anybody was shown. */
let shown = "";

const ask = async (...argv: readonly string[]) => {
  const ran = await run([...argv, "--socket", join(folder, "s")], { clock: systemClock() });
  shown += ran.out + ran.err;
  return ran;
};
const control = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${site.ready.control}${path}`, { method: "POST", body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
};
const versions = async (device: SimDevice, ...more: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
  (await ask("device", "config", "list", device.mac, ...more, "--json")).json()["versions"] as Record<string, unknown>[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "groundswell-configs-"));
  const port = await freePort();
  site = await startSite({
    seed: 11,
    devices: 8,
    provisioning: `http://127.0.0.1:${port}/`,
    channelFolder: undefined,
    clock: systemClock(),
  });
  const phones = site.site.devices.filter(({ kind }) => ["vvx", "trio", "ccx", "edge"].includes(kind));
  [phone, other, locked] = phones as [SimDevice, SimDevice, SimDevice];
  await control(`/devices/${locked.mac}/vars`, { password: "another one" });
  const { networks, ports, credentials: secrets } = site.ready;
  const secret = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return name;
  };
  const login = (id: string, user: string, password: string, families: readonly string[]) => ({
    kind: "password",
    id,
    user,
    passwordFile: secret(`${id}.secret`, password),
    families,
  });
  const config = {
    site: { id: "zug-01", name: "Zug" },
    dataDirectory: "data",
    socket: "s",
    networks,
    ports,
    adopt: "all",
    health: { phones: "5s", rooms: "5s" },
    provisioning: { host: "127.0.0.1", port },
    credentials: [
      login("phone", secrets.phoneUser, secrets.phonePassword, ["uc-phone", "soundpoint"]),
      login("room", secrets.roomUser, secrets.roomPassword, ["video-os"]),
    ],
  };
  const path = join(folder, "groundswell.yaml");
  writeFileSync(path, JSON.stringify(config));
  chmodSync(path, 0o600);
  const loaded = await loadConfig(path, fileConfigIo({}));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const io = { environment: {}, log: SILENT, random: systemRandom(), onReady: () => undefined };
  agent = await startAgent({ config: loaded.config, path }, io);
  room = site.site.devices.find(({ kind }) => kind === "studio") as SimDevice;
  await ask("discover", "--json");
});

afterAll(async () => {
  await agent?.stop();
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a setting changed on the phone's web page: the next reading names it and whose hand it was, and the secret stays masked", async () => {
  await control(`/devices/${phone.mac}/set`, { name: "apps.push.password", value: CANARY, hand: "web" });
  const [first] = await versions(phone, "--read");
  expect(first).toBeDefined();
  await control(`/devices/${phone.mac}/set`, { name: "prov.polling.period", value: "7200", hand: "web" });
  await control(`/devices/${phone.mac}/set`, { name: "apps.push.password", value: `${CANARY}-2`, hand: "web" });
  await ask("device", "config", "list", phone.mac, "--read");
  const text = (await ask("device", "config", "diff", phone.mac, "--source", "backup")).out;
  expect(text).toContain("+ prov.polling.period = 7200 (web)");
  expect(text).toContain("~ apps.push.password: another secret");
  const [newest] = (await versions(phone)).filter(({ source }) => source === "backup");
  expect(newest).toMatchObject({ cause: "web", changes: { added: 1, removed: 0, changed: 1 } });
});

test("an uploaded file is kept, the plain one goes, and what is restored is what was uploaded, byte for byte", async () => {
  const { file } = await control(`/devices/${other.mac}/set`, { name: "reg.1.auth.password", value: CANARY, hand: "local" });
  await vi.waitFor(async () => expect((await versions(other)).some(({ source }) => source === "phone-overrides")).toBe(true), {
    timeout: 20_000,
    interval: 200,
  });
  await vi.waitFor(() => expect(readdirSync(join(folder, "data", "uploads")).filter((name) => name.endsWith(".cfg"))).toEqual([]), {
    timeout: 10_000,
  });
  const out = join(folder, "restored.cfg");
  const ran = await ask("device", "config", "restore", other.mac, "--source", "phone-overrides", "--out", out);
  expect(ran.code).toBe(0);
  expect(readFileSync(out, "utf8")).toBe(file);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(ran.out).toContain(`${other.mac}-phone.cfg`);
  expect((await ask("device", "config", "restore", other.mac, "--out", out)).code).not.toBe(0);
});

test("two devices of one model, side by side", async () => {
  await ask("device", "config", "list", other.mac, "--read");
  const ran = await ask("device", "config", "diff", phone.mac, "--with", other.mac, "--json");
  const { changes } = ran.json() as { changes: { key: string; kind: string }[] };
  expect(changes.map(({ key }) => key)).toContain("prov.polling.period");
});

test("a room writes all its settings, with its secrets withheld", async () => {
  const [version] = await versions(room, "--read");
  expect(version).toMatchObject({ source: "export", cause: "first" });
  expect((await ask("device", "config", "show", room.mac)).out).toContain("snmp.community = *** (withheld by the device)");
});

test("a device without a configuration says why there is none", async () => {
  expect((await ask("device", "config", "list", locked.mac, "--read")).code).toBe(1);
  const ran = await ask("device", "config", "list", locked.mac);
  expect(ran.err).toMatch(/^No configuration of .* seen yet: the last reading failed: https turned us away/);
});

test("what changed is told once, by name, and readings around it are kept", async () => {
  const file = openForReading(join(folder, "data", "groundswell.db"));
  const payloads = file.all("select payload from outbox where kind = 'event'").map(({ payload }) => String(payload));
  file.close();
  const told = payloads.filter((payload) => payload.includes('"groundswell.config.changed"') && payload.includes('"prov.polling.period"'));
  // The page and the uploaded file: two sources, one event each.
  expect(told.map((payload) => JSON.parse(payload).data.source).toSorted()).toEqual(["backup", "web-overrides"]);
  expect(told.join()).toContain('"cause":"web"');
  expect((await ask("device", "changes", phone.mac)).out).toContain("settings changed: apps.push.password, prov.polling.period");
});

test("no secret is in anything that was shown, nor in the agent's files", () => {
  expect(shown).not.toContain(CANARY);
  for (const name of readdirSync(join(folder, "data"), { recursive: true }) as string[]) {
    const path = join(folder, "data", name);
    if (existsSync(path) && statSync(path).isFile()) expect(readFileSync(path).includes(CANARY), name).toBe(false);
  }
});
