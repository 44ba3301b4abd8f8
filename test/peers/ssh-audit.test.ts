/** What a real auditor says of the algorithms our SSH client offers. It ends each handshake after the lists. */
import { spawn } from "node:child_process";
import { expect } from "vitest";
import { freePort } from "../../agent/demo/free-port.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { PROFILES, type SshProfile } from "../../protocols/ssh/algorithms.ts";
import { createSshClient } from "../../protocols/ssh/client.ts";
import { peerTest } from "./peer.ts";

const SSH_AUDIT = "/usr/bin/ssh-audit";
const PYTHON = "/usr/bin/python3";
/** It would listen on every interface: here on loopback alone, and it says when it does. */
const ON_LOOPBACK = `
import runpy, socket, sys
bind, listen = socket.socket.bind, socket.socket.listen
def own_bind(self, address):
    bind(self, ("::1" if self.family == socket.AF_INET6 else "127.0.0.1", address[1]) + tuple(address[2:]))
def own_listen(self, *args):
    listen(self, *args)
    print("listening on", self.getsockname()[0], file=sys.stderr, flush=True)
socket.socket.bind, socket.socket.listen = own_bind, own_listen
sys.argv = ["ssh-audit"] + sys.argv[1:]
runpy.run_path("${SSH_AUDIT}", run_name="__main__")
`;
const never = new AbortController().signal;
const login = { id: "rooms", user: "admin", password: new Secret("s3cret-canary") };

/** The report on one handshake of ours, and where it listened. */
async function audit(profile: SshProfile): Promise<{ readonly report: string; readonly heard: string }> {
  const port = await freePort();
  const args = ["-c", ON_LOOPBACK, "--client-audit", "--no-colors", "--timeout", "20", "--port", String(port)];
  const child = spawn(PYTHON, args, { stdio: ["ignore", "pipe", "pipe"] });
  let report = "";
  let heard = "";
  child.stdout.on("data", (chunk: Buffer) => {
    report += chunk.toString();
  });
  const over = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes("listening on 127.0.0.1")) resolve();
    });
    child.once("exit", () => reject(new Error(`ssh-audit ended: ${report}${heard}`)));
  });
  const client = createSshClient();
  try {
    const target = { address: "127.0.0.1", port, trust: "any", profile } as const;
    const session = await client.session(target, login, (shell) => shell.ask("true", { line: /x/ }), never);
    expect(session.ok).toBe(false);
    await over;
  } finally {
    child.kill();
    await client.close();
  }
  return { report, heard };
}

const failures = (report: string): string[] => report.split("\n").filter((line) => line.includes("[fail]"));

peerTest("ssh client: ssh-audit finds nothing in the modern profile that it calls a failure", SSH_AUDIT, async () => {
  const { report, heard } = await audit("modern");
  expect(heard.split("\n").filter((line) => line !== "")).not.toContainEqual(expect.stringMatching(/listening on (?!127\.0\.0\.1$|::1$)/));
  // Every list of ours was judged, the weakest of it included.
  for (const name of ["(kex) diffie-hellman-group14-sha256", "(key) ssh-ed25519", "(enc) aes128-ctr", "(mac) hmac-sha2-256"]) {
    expect(report).toContain(name);
  }
  expect(failures(report), report).toEqual([]);
});

peerTest("ssh client: ssh-audit calls failures what the old profile adds, and nothing else", SSH_AUDIT, async () => {
  const { report } = await audit("legacyRsaSha1");
  const named = failures(report).map((line) => /^\((?:kex|key|enc|mac)\) (\S+)/.exec(line)?.[1] ?? line);
  const { modern, legacyRsaSha1 } = PROFILES;
  const better = new Set<string>(Object.values(modern).flat());
  const added = Object.values(legacyRsaSha1)
    .flat()
    .filter((name) => !better.has(name));
  expect(added, report).toEqual(expect.arrayContaining(named));
  expect(named, report).toEqual(expect.arrayContaining(["ecdh-sha2-nistp256", "ssh-rsa", "aes128-cbc"]));
});
