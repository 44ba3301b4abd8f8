/** `groundswell probe` as a person runs it, against a real SNMP agent and a real SSH server on loopback. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import { peerTest } from "./peer.ts";

const SNMPD = "/usr/sbin/snmpd";
const SSHD = "/usr/sbin/sshd";
const PROGRAM = join(import.meta.dirname, "../../bin/groundswell");
const NOBODY = 65534;
const COMMUNITY = "canary-community-5d";
const AUTH_KEY = "canary-auth-passphrase";
const PRIV_KEY = "canary-priv-passphrase";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "groundswell-probe-"));
  closers.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function freeTcp(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function freeUdp(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

const CONFIG = `
rocommunity ${COMMUNITY} 127.0.0.1
createUser watcher SHA ${AUTH_KEY} AES ${PRIV_KEY}
rouser watcher authpriv
sysName   cellar-1
sysDescr  a real agent
`;

/** Says when it listens: its log goes to standard error. */
async function startSnmpd(): Promise<number> {
  const home = folder();
  writeFileSync(join(home, "snmpd.conf"), CONFIG, { mode: 0o600 });
  const port = await freeUdp();
  const files = ["-c", join(home, "snmpd.conf"), "-p", join(home, "pid"), "-x", join(home, "agentx")];
  const env = { SNMP_PERSISTENT_DIR: home, SNMPCONFPATH: home, MIBS: "", PATH: "/usr/bin:/bin" };
  const child = spawn(SNMPD, ["-f", "-Le", "-C", ...files, "-I", "-smux", `udp:127.0.0.1:${port}`], {
    stdio: ["ignore", "ignore", "pipe"],
    env,
  });
  const over = ended(child);
  closers.push(async () => {
    child.kill("SIGKILL");
    await over;
  });
  await said(child, "NET-SNMP version");
  return port;
}

/** As root sshd wants directories of the system; as anybody else it needs only its own files. */
async function startSshd(): Promise<number> {
  const home = folder();
  const key = join(home, "host_key");
  const config = join(home, "config");
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key], { stdio: "ignore" });
  const port = await freeTcp();
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${key}`,
    `PidFile ${join(home, "pid")}`,
    "UsePAM no",
    "StrictModes no",
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (who.uid !== undefined) for (const path of [home, key, config]) chownSync(path, who.uid, who.gid);
  const child = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"], ...who });
  const over = ended(child);
  closers.push(async () => {
    child.kill();
    await over;
  });
  await said(child, "Server listening");
  return port;
}

function said(child: ChildProcess, words: string): Promise<void> {
  let heard = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(words)) resolve();
    });
    child.once("exit", () => reject(new Error(`it ended: ${heard}`)));
  });
}

/** A SIP door that answers without naming itself, so that no visit waits for its silence. */
async function sipDoor(): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => {
    // RFC 3261 8.2.6.2: these come back as they were sent.
    const echoed = packet.toString().match(/^(?:Via|From|To|Call-ID|CSeq): .*$/gm) ?? [];
    const lines = ["SIP/2.0 200 OK", ...echoed.map((line) => line.trim())];
    socket.send(`${lines.join("\r\n")}\r\n\r\n`, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  closers.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return socket.address().port;
}

function secret(text: string): string {
  const path = join(folder(), "secret");
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly json: Readonly<Record<string, unknown>>;
}

async function probe(
  ports: { readonly snmp?: number; readonly ssh?: number; readonly sip?: number },
  options: readonly string[],
): Promise<Ran> {
  const shut = await freeTcp();
  const all = { https: shut, http: shut, telnet: shut, snmp: shut, ssh: shut, sip: await sipDoor(), ...ports };
  const where = Object.entries(all).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const child = spawn(PROGRAM, ["probe", "127.0.0.1", ...where, ...options, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  for (const canary of [COMMUNITY, AUTH_KEY, PRIV_KEY]) expect(out + err).not.toContain(canary);
  return { code, out, err, json: out === "" ? {} : (JSON.parse(out) as Record<string, unknown>) };
}

const identified = {
  schema: "groundswell.probe/1",
  address: "127.0.0.1",
  family: expect.stringMatching(/^(generic-snmp|switch)$/),
  evidence: expect.arrayContaining([{ via: "snmp", what: expect.any(String), at: expect.stringMatching(/Z$/) }]),
};

peerTest("probe: a real agent is identified by its community, from the command line and from a file, exit 0", SNMPD, async () => {
  const snmp = await startSnmpd();
  for (const options of [
    ["--community", COMMUNITY],
    ["--community-file", secret(COMMUNITY)],
  ]) {
    const ran = await probe({ snmp }, options);
    expect(ran.json).toMatchObject(identified);
    expect(ran.code).toBe(0);
  }
});

peerTest("probe: a real agent is identified by version 3 with authentication and privacy, and a wrong key is not", SNMPD, async () => {
  const snmp = await startSnmpd();
  const with3 = (priv: string): string[] => [
    ...["--snmp-user", "watcher", "--snmp-auth", "sha", "--snmp-auth-file", secret(AUTH_KEY)],
    ...["--snmp-priv", "aes", "--snmp-priv-file", secret(priv)],
  ];
  const ran = await probe({ snmp }, with3(PRIV_KEY));
  expect(ran.json).toMatchObject(identified);
  expect(ran.code).toBe(0);
  const wrong = await probe({ snmp }, [...with3("certainly-not-the-key"), "--timeout", "1500ms"]);
  expect(wrong.json).not.toHaveProperty("family");
  expect(wrong.code).not.toBe(0);
});

peerTest("probe: a wrong community is silence: nothing is identified", SNMPD, async () => {
  const snmp = await startSnmpd();
  const ran = await probe({ snmp }, ["--community", "wrong", "--timeout", "1s"]);
  expect(ran.json).toMatchObject({
    schema: "groundswell.probe/1",
    faults: expect.arrayContaining([expect.objectContaining({ via: "snmp" })]),
  });
  expect(ran.json).not.toHaveProperty("family");
  // Somebody answers SIP there, but nothing he shows is known.
  expect(ran.code).toBe(1);
});

peerTest("probe: a real SSH server is seen by its banner, and is not one of ours: exit 1", SSHD, async () => {
  const ssh = await startSshd();
  const ran = await probe({ ssh }, []);
  expect(ran.code).toBe(1);
  expect(ran.json).not.toHaveProperty("family");
  const faults = ran.json["faults"] as { readonly via: string }[];
  // Every other door is shut and said so; this one is not among them.
  expect(faults.map(({ via }) => via)).not.toContain("ssh");
});
