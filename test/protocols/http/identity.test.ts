import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { createHttpClient } from "../../../protocols/http/client.ts";
import { type ClientIdentity, identityProblem } from "../../../protocols/http/identity.ts";
import { makeCertificate } from "../../support/certificate.ts";

const NOW_MS = Date.UTC(2026, 10, 22);
const ours = makeCertificate("CN=groundswell");
const other = makeCertificate("CN=somebody");
const pair = (certificate: string, key: string): ClientIdentity => ({ certificate, key: new Secret(key) });

test.each([
  ["the certificate is not one in PEM", pair("nothing", ours.key)],
  ["the key is not one in PEM without a passphrase", pair(ours.cert, "canary-key")],
  ["the key belongs to another certificate", pair(ours.cert, other.key)],
  ["the certificate ended on 2021-01-01", ((old) => pair(old.cert, old.key))(makeCertificate("CN=old", Date.UTC(2021, 0, 1)))],
])("identityProblem(): %s", (wanted, identity) => {
  expect(identityProblem(identity, NOW_MS)).toBe(wanted);
});

test("identityProblem(): a pair that belongs together is none", () => {
  expect(identityProblem(pair(ours.cert, ours.key), NOW_MS)).toBeUndefined();
});

/** Tells the common name of whoever asks; `insist` ends the handshake of one it does not know. */
async function asking(insist: boolean, maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<number> {
  const device = makeCertificate("CN=64167faabbcc, O=Polycom Inc.");
  const server = createServer(
    { ...device, ca: ours.cert, requestCert: true, rejectUnauthorized: insist, maxVersion },
    (request, response) => {
      const shown = (request.socket as import("node:tls").TLSSocket).getPeerCertificate();
      response.end(shown.subject?.CN ?? "nobody");
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

async function ask(port: number, identity?: ClientIdentity) {
  const http = createHttpClient({ random: seededRandom(1), ...(identity === undefined ? {} : { identity }) });
  onTestFinished(() => http.close());
  const target = { address: "127.0.0.1", port, secure: true, trust: "any" } as const;
  return http.ask(target, { method: "GET", path: "/" }, new AbortController().signal);
}

test.each(["TLSv1.2", "TLSv1.3"] as const)("ask(): a device that asks who we are is shown our certificate, by %s", async (version) => {
  const answer = await ask(await asking(true, version), pair(ours.cert, ours.key));
  expect(answer.ok && answer.value.body.toString()).toBe("groundswell");
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("ask(): without one, or with one it does not know, nothing comes, by %s", async (version) => {
  const port = await asking(true, version);
  for (const identity of [undefined, pair(other.cert, other.key)]) {
    const answer = await ask(port, identity);
    // Node's server closes without a word; what a word of TLS becomes is in failure.test.ts.
    expect(answer.ok).toBe(false);
    expect(inspect(answer, { depth: 9 })).not.toContain("PRIVATE KEY");
  }
});

test("ask(): a device that would take anybody is asked all the same", async () => {
  const answer = await ask(await asking(false, "TLSv1.3"));
  expect(answer.ok && answer.value.body.toString()).toBe("nobody");
});
