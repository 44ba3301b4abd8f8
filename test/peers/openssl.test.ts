/** What a real TLS server says of a client certificate: OpenSSL's own test server, on loopback. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import { freePort } from "../../agent/demo/free-port.ts";
import type { Result } from "../../protocols/core/fault.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { createHttpClient, type HttpAnswer } from "../../protocols/http/client.ts";
import { type MadeCertificate, makeAuthority, makeCertificate } from "../support/certificate.ts";
import { peerTest } from "./peer.ts";

const OPENSSL = "/usr/bin/openssl";
const never = new AbortController().signal;
const authority = makeAuthority("CN=site");
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A web server that ends each handshake without a certificate of the authority. */
async function startServer(version: "-tls1_2" | "-tls1_3"): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-openssl-"));
  const own = makeCertificate("CN=64167faabbcc, O=Polycom Inc.");
  const files = { "cert.pem": own.cert, "key.pem": own.key, "ca.pem": authority.cert };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const port = await freePort();
  const args = ["s_server", "-accept", `127.0.0.1:${port}`, "-www", "-cert", "cert.pem", "-key", "key.pem"];
  const verify = ["-CAfile", "ca.pem", "-Verify", "2", "-verify_return_error", version];
  const child = spawn(OPENSSL, [...args, ...verify], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  stops.push(() => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("ACCEPT")) resolve();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.once("exit", () => reject(new Error(`openssl ended: ${said}`)));
  });
  return port;
}

async function askAs(port: number, made: MadeCertificate | undefined): Promise<Result<HttpAnswer>> {
  const http = createHttpClient({ random: seededRandom(7) });
  const identity = made === undefined ? {} : { identity: { certificate: made.cert, key: new Secret(made.key) } };
  try {
    return await http.ask({ address: "127.0.0.1", port, secure: true, trust: "any", ...identity }, { method: "GET", path: "/" }, never);
  } finally {
    await http.close();
  }
}

for (const version of ["-tls1_2", "-tls1_3"] as const) {
  peerTest(`http client: OpenSSL (${version}) demands a client certificate, and says so of none and of wrong ones`, OPENSSL, async () => {
    const port = await startServer(version);
    expect(await askAs(port, authority.issue("CN=agent"))).toMatchObject({ ok: true, value: { status: 200 } });
    const wrong = [undefined, makeAuthority("CN=other").issue("CN=agent"), authority.issue("CN=agent", Date.UTC(2021, 0, 1))];
    for (const made of wrong) {
      const detail = expect.stringMatching(/^demands a client certificate that it accepts: ERR_SSL_/);
      expect(await askAs(port, made)).toEqual({ ok: false, fault: { kind: "denied", via: "tls", detail } });
    }
  });
}
