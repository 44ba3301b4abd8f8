import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import { systemRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createSnmpClient, type SnmpAccess, type SnmpClient, type SnmpTarget } from "../../protocols/snmp/client.ts";
import { SYSTEM } from "../../protocols/snmp/oids.ts";
import { peerTest } from "./peer.ts";

const SNMPD = "/usr/sbin/snmpd";
const AUTH_KEY = "auth-passphrase";
const PRIV_KEY = "priv-passphrase";
const never = new AbortController().signal;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

const CONFIG = `
rocommunity groundswell 127.0.0.1
createUser shaaes SHA ${AUTH_KEY} AES ${PRIV_KEY}
createUser md5des MD5 ${AUTH_KEY} DES ${PRIV_KEY}
createUser shaonly SHA ${AUTH_KEY}
createUser sha256aes SHA-256 ${AUTH_KEY} AES ${PRIV_KEY}
rouser shaaes authpriv
rouser md5des authpriv
rouser shaonly authnopriv
rouser sha256aes authpriv
sysName   switch-1
sysLocation cellar
sysContact nobody
sysDescr  a real agent
`;

/** A real agent with its own engine, as an ordinary user on a free port. */
async function startSnmpd(config = CONFIG, keptPort?: number): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "groundswell-snmpd-"));
  const file = join(folder, "snmpd.conf");
  await writeFile(file, config, { mode: 0o600 });
  const port = keptPort ?? (await freePort());
  const child: ChildProcess = spawn(
    SNMPD,
    ["-f", "-Lo", "-C", "-c", file, "-I", "-smux", "-p", join(folder, "pid"), "-x", join(folder, "agentx"), `udp:127.0.0.1:${port}`],
    { stdio: "ignore", env: { SNMP_PERSISTENT_DIR: folder, SNMPCONFPATH: folder, MIBS: "", PATH: "/usr/bin:/bin" } },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  closers.push(stop);
  return { port, stop };
}

function client(): SnmpClient {
  const made = createSnmpClient({ clock: systemClock(), random: systemRandom(), timeoutMs: 500 });
  closers.push(() => made.close());
  return made;
}

const v2c: SnmpAccess = { version: "2c", community: new Secret("groundswell") };
const user = (name: string, auth: "md5" | "sha" | "sha256", priv?: "des" | "aes"): SnmpAccess => ({
  version: "3",
  user: name,
  auth: { protocol: auth, key: new Secret(AUTH_KEY) },
  ...(priv === undefined ? {} : { priv: { protocol: priv, key: new Secret(PRIV_KEY) } }),
});
const at = (port: number, access: SnmpAccess): SnmpTarget => ({ address: "127.0.0.1", port, access });

/** The agent needs a moment to bind; each try is bounded by the client's own time-outs. */
async function ready(snmp: SnmpClient, port: number): Promise<void> {
  for (let tries = 0; tries < 20; tries++) if ((await snmp.get(at(port, v2c), [SYSTEM.sysName], never)).ok) return;
  throw new Error("snmpd did not come up");
}

async function nameBy(snmp: SnmpClient, target: SnmpTarget): Promise<string> {
  const got = await snmp.get(target, [SYSTEM.sysName], never);
  if (!got.ok) return got.fault.kind;
  const value = got.value.get(SYSTEM.sysName);
  return value?.type === "octets" ? value.value.toString() : "no text";
}

peerTest("snmpd: get and walk by community, a wrong community is silence", SNMPD, async () => {
  const { port } = await startSnmpd();
  const snmp = client();
  await ready(snmp, port);
  expect(await nameBy(snmp, at(port, v2c))).toBe("switch-1");
  expect(await nameBy(snmp, at(port, { ...v2c, version: "1" } as SnmpAccess))).toBe("switch-1");
  for (const version of ["2c", "1"] as const) {
    const walked = await snmp.walk(at(port, { version, community: new Secret("groundswell") }), "1.3.6.1.2.1.1", never);
    expect(walked.ok && walked.value.length).toBeGreaterThan(6);
  }
  expect(await nameBy(snmp, at(port, { version: "2c", community: new Secret("wrong") }))).toBe("unreachable");
});

peerTest("snmpd: version 3 with authentication and privacy, on every algorithm a Poly device offers", SNMPD, async () => {
  const { port } = await startSnmpd();
  const snmp = client();
  await ready(snmp, port);
  const accesses = [user("shaaes", "sha", "aes"), user("md5des", "md5", "des"), user("shaonly", "sha"), user("sha256aes", "sha256", "aes")];
  for (const access of accesses) for (let again = 0; again < 2; again++) expect(await nameBy(snmp, at(port, access))).toBe("switch-1");
  const walked = await snmp.walk(at(port, user("shaaes", "sha", "aes")), "1.3.6.1.2.1.1", never);
  expect(walked.ok && walked.value.length).toBeGreaterThan(6);
});

peerTest("snmpd: a wrong user, key, privacy key or level is denied", SNMPD, async () => {
  const { port } = await startSnmpd();
  const snmp = client();
  await ready(snmp, port);
  const wrong = new Secret("not-the-passphrase");
  const accesses: SnmpAccess[] = [
    user("stranger", "sha", "aes"),
    { ...user("shaaes", "sha", "aes"), auth: { protocol: "sha", key: wrong } } as SnmpAccess,
    { ...user("shaaes", "sha", "aes"), priv: { protocol: "aes", key: wrong } } as SnmpAccess,
    user("shaonly", "sha", "aes"),
    user("shaaes", "sha"),
  ];
  const kinds: string[] = [];
  for (const access of accesses) kinds.push(await nameBy(snmp, at(port, access)));
  // A wrong privacy key decrypts to noise; the agent counts it or drops it as it pleases (RFC 3414, 8.3.2).
  expect(kinds.map((kind, i) => (i === 2 && kind !== "switch-1" ? "denied" : kind))).toEqual([
    "denied",
    "denied",
    "denied",
    "denied",
    "denied",
  ]);
});

peerTest("snmpd: an agent that comes back with another engine or clock is read again without a person's help", SNMPD, async () => {
  const first = await startSnmpd();
  const snmp = client();
  await ready(snmp, first.port);
  const target = at(first.port, user("shaaes", "sha", "aes"));
  expect(await nameBy(snmp, target)).toBe("switch-1");
  await first.stop();
  await startSnmpd(CONFIG.replace("switch-1", "switch-2"), first.port);
  await ready(snmp, first.port);
  expect(await nameBy(snmp, target)).toBe("switch-2");
});
