/** Our SSH client against a real OpenSSH server, unprivileged, on loopback, with a host key of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { Secret } from "../../protocols/core/secret.ts";
import { createSshClient, hostFingerprintOf } from "../../protocols/ssh/client.ts";
import { peerTest } from "./peer.ts";

const SSHD = "/usr/sbin/sshd";
const NOBODY = 65534;
const never = new AbortController().signal;
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface RealSshd {
  readonly port: number;
  readonly fingerprint: string;
  /** All it has logged, once that holds `sign`. */
  log(sign: string): Promise<string>;
}

async function startSshd(): Promise<RealSshd> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-sshd-"));
  const keyFile = join(folder, "host_key");
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile], { stdio: "ignore" });
  const port = await freePort();
  const config = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${keyFile}`,
    `PidFile ${join(folder, "pid")}`,
    "UsePAM no",
    "PasswordAuthentication yes",
    "KbdInteractiveAuthentication no",
    "StrictModes no",
    "LogLevel DEBUG",
  ].join("\n");
  writeFileSync(join(folder, "config"), `${config}\n`);
  // As root sshd wants directories of the system; as anybody else it needs only its own files.
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (who.uid !== undefined) for (const path of [folder, keyFile, join(folder, "config")]) chownSync(path, who.uid, who.gid);
  const child: ChildProcess = spawn(SSHD, ["-D", "-e", "-f", join(folder, "config")], { stdio: ["ignore", "ignore", "pipe"], ...who });
  const over = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  stops.push(async () => {
    child.kill();
    // It takes its own file away as it goes.
    await over;
    rmSync(folder, { recursive: true, force: true });
  });
  let said = "";
  const log = (sign: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (said.includes(sign)) resolve(said);
      };
      child.stderr?.on("data", look);
      child.once("exit", () => reject(new Error(`sshd ended: ${said}`)));
      look();
    });
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await log("Server listening");
  const key = Buffer.from(readFileSync(`${keyFile}.pub`, "utf8").split(" ")[1] ?? "", "base64");
  return { port, fingerprint: hostFingerprintOf(key), log };
}

peerTest("ssh client: banner, host-key pin and a refused password with OpenSSH", SSHD, async () => {
  const { port, fingerprint } = await startSshd();
  const client = createSshClient();
  const login = { id: "rooms", user: userInfo().username, password: new Secret("certainly wrong") };
  const target = { address: "127.0.0.1", port, trust: "pin" as const, profile: "modern" as const };
  const session = (hostFingerprint: string) =>
    client.session({ ...target, hostFingerprint }, login, (shell) => shell.ask("true", { line: /x/ }), never);
  try {
    const banner = await client.banner({ address: "127.0.0.1", port }, never);
    expect(banner.ok && banner.value.banner).toMatch(/^SSH-2\.0-OpenSSH_/);
    expect(await session("SHA256:other")).toEqual({
      ok: false,
      fault: { kind: "impostor", via: "ssh", wanted: "SHA256:other", found: fingerprint },
    });
    expect(await session(fingerprint)).toEqual({ ok: false, fault: { kind: "denied", via: "ssh", credentialId: "rooms" } });
  } finally {
    await client.close();
  }
});

peerTest("ssh client: under a changed host key OpenSSH hears no name and no password of ours", SSHD, async () => {
  const { port, fingerprint, log } = await startSshd();
  const client = createSshClient();
  const login = { id: "rooms", user: "groundswell-canary", password: new Secret("certainly wrong") };
  const session = (hostFingerprint: string) =>
    client.session(
      { address: "127.0.0.1", port, trust: "pin", hostFingerprint, profile: "modern" },
      login,
      (shell) => shell.ask("true", { line: /x/ }),
      never,
    );
  try {
    expect(await session("SHA256:before")).toMatchObject({ ok: false, fault: { kind: "impostor", via: "ssh" } });
    const refused = await log("Disconnected from");
    expect(refused).not.toMatch(/userauth|groundswell-canary/);
    // The same log would have told it.
    expect(await session(fingerprint)).toMatchObject({ ok: false, fault: { kind: "denied" } });
    expect(await log("userauth-request")).toContain("groundswell-canary");
  } finally {
    await client.close();
  }
});
