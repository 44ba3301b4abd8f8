/** What ssh-audit thinks of our SSH client: it plays the server and judges what we offer. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, expect } from "vitest";
import { ok } from "../../protocols/core/fault.ts";
import { Secret } from "../../protocols/core/secret.ts";
import type { SshProfile } from "../../protocols/ssh/algorithms.ts";
import { createSshClient } from "../../protocols/ssh/client.ts";
import { peerTest } from "./peer.ts";

const SSH_AUDIT = "/usr/bin/ssh-audit";
/** The one of the system: ssh-audit is a module of it. */
const PYTHON = "/usr/bin/python3";
/** It binds every interface of the machine; here it may have loopback alone. */
const ON_LOOPBACK = `
import runpy, socket, sys
bind = socket.socket.bind
def loopback(self, address):
    host = "127.0.0.1" if self.family == socket.AF_INET else "::1"
    return bind(self, (host,) + tuple(address[1:]))
socket.socket.bind = loopback
sys.argv = ["ssh-audit", "-n", "-c", "-p", sys.argv[1], "-t", "30"]
runpy.run_path("${SSH_AUDIT}", run_name="__main__")
`;

const client = createSshClient();
afterAll(() => client.close());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Its report on one handshake of ours. */
async function reportOn(profile: SshProfile): Promise<string> {
  const port = await freePort();
  const child = spawn(PYTHON, ["-c", ON_LOOPBACK, String(port)], { stdio: ["ignore", "pipe", "pipe"] });
  let report = "";
  child.stdout.on("data", (chunk: Buffer) => {
    report += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    report += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const never = new AbortController().signal;
  const login = { id: "nobody", user: "nobody", password: new Secret("never sent") };
  const target = { address: "127.0.0.1", port, trust: "any", profile } as const;
  let over = false;
  void ended.then(() => {
    over = true;
  });
  // It listens a moment after its start: until then the port is shut.
  for (let tries = 0; !over && tries < 2_000; tries++) {
    const result = await client.session(target, login, async () => ok(null), never);
    if (result.ok || result.fault.kind !== "unreachable" || result.fault.via !== "ssh" || result.fault.detail !== "ECONNREFUSED") break;
  }
  await ended;
  return report;
}

const failsIn = (report: string): readonly string[] => report.split("\n").filter((line) => line.includes("[fail]"));

peerTest("ssh-audit: the modern profile offers nothing it fails", SSH_AUDIT, async () => {
  const report = await reportOn("modern");
  expect(report).toContain("curve25519-sha256");
  expect(failsIn(report)).toEqual([]);
});

peerTest("ssh-audit: the profile for units of 2015 has the old algorithms it is for, and ssh-audit says so", SSH_AUDIT, async () => {
  const fails = failsIn(await reportOn("legacyRsaSha1")).join("\n");
  expect(fails).toContain("ssh-rsa");
  expect(fails).toContain("aes128-cbc");
});
