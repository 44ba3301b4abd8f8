import type { SecureContext, TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { type ClientIdentity, Secret } from "../../../protocols/core/secret.ts";
import { FaultError, secureContexts } from "../../../protocols/http/connect.ts";
import { type MadeCertificate, makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { type Handler, type HttpsDevice, httpsDevice } from "../../support/https-device.ts";
import { client, factory, login, MAC, never, OTHER_MAC, targetOf } from "./kit.ts";

const authority = makeAuthority("CN=site");
const ours = authority.issue("CN=agent");
const identityOf = ({ cert, key }: MadeCertificate): ClientIdentity => ({ certificate: cert, key: new Secret(key) });

/** A device that ends every handshake without a certificate of its authority; says whom it saw. */
async function strict(version: "TLSv1.2" | "TLSv1.3", handler?: Handler): Promise<HttpsDevice> {
  const tls = { requestCert: true, rejectUnauthorized: true, ca: authority.cert, minVersion: version, maxVersion: version } as const;
  const device = await httpsDevice(factory, handler ?? ((_, response) => void response.end("seen")), { tls });
  onTestFinished(() => device.close());
  return device;
}

test.each(["TLSv1.2", "TLSv1.3"] as const)("ask(): a certificate of ours is shown to a peer that demands one (%s)", async (version) => {
  const device = await strict(version);
  const target = targetOf(device, { identity: identityOf(ours), expectMac: MAC });
  expect(await client().ask(target, { method: "GET", path: "/" }, never)).toMatchObject({ ok: true, value: { status: 200 } });
  expect(await client().certificate(target, never)).toMatchObject({ ok: true, value: { fingerprint: factory.fingerprint } });
});

test("ask(): a certificate of ours gets no log-in out to another device than the one expected", async () => {
  const device = await strict("TLSv1.3");
  const target = targetOf(device, { identity: identityOf(ours), expectMac: OTHER_MAC });
  expect(await client().ask(target, { method: "GET", path: "/", login }, never)).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(device.requests).toEqual([]);
});

test("ask(): connections made with one certificate of ours are not used for another", async () => {
  const names: unknown[] = [];
  const device = await strict("TLSv1.3", (_, response) => {
    names.push((response.socket as TLSSocket).getPeerCertificate().subject?.CN);
    response.end();
  });
  const http = client();
  for (const one of [ours, authority.issue("CN=second"), ours]) {
    await http.ask(targetOf(device, { identity: identityOf(one) }), { method: "GET", path: "/" }, never);
  }
  expect(names).toEqual(["agent", "second", "agent"]);
});

test.each<[string, ClientIdentity]>([
  ["the key of another", { certificate: ours.cert, key: new Secret(factory.key) }],
  ["no key at all", { certificate: ours.cert, key: new Secret("canary-of-a-key") }],
  ["no certificate", { certificate: "canary", key: new Secret(ours.key) }],
])("ask(): a certificate of ours with %s denies, connects to nobody and tells nothing of the key", async (_what, identity) => {
  const device = await strict("TLSv1.3");
  const http = client();
  const asked = await http.ask(targetOf(device, { identity }), { method: "GET", path: "/" }, never);
  const shown = await http.certificate(targetOf(device, { identity }), never);
  for (const answer of [asked, shown]) {
    const detail = expect.stringMatching(/^our client certificate cannot be used: ERR_[A-Z0-9_]+$/);
    expect(answer).toEqual({ ok: false, fault: { kind: "denied", via: "tls", detail } });
  }
  expect(device.connections()).toBe(0);
});

test("secureContexts(): one per certificate of ours, whoever wraps its key, and apart by terms", () => {
  const contexts = secureContexts();
  const first = contexts({ identity: identityOf(ours) });
  expect(contexts({ identity: identityOf(ours) })).toBe(first);
  expect(contexts({ identity: identityOf(ours), oldTls: true })).not.toBe(first);
  expect(contexts({ identity: identityOf(ours), roots: authority.cert })).not.toBe(first);
  expect(contexts({})).not.toBe(first);
  expect(contexts({})).toBe(contexts({}));
});

test("secureContexts(): however many certificates come along, only the latest are kept", () => {
  const contexts = secureContexts();
  const many = Array.from({ length: 33 }, (_, i) => identityOf(makeCertificate(`CN=agent-${i}`)));
  const made: SecureContext[] = many.map((identity) => contexts({ identity }));
  expect(contexts({ identity: many[32] as ClientIdentity })).toBe(made[32]);
  expect(contexts({ identity: many[1] as ClientIdentity })).toBe(made[1]);
  expect(contexts({ identity: many[0] as ClientIdentity })).not.toBe(made[0]);
});

test("secureContexts(): what cannot be used is a fault, not an error of a library", () => {
  const made = (): SecureContext => secureContexts()({ identity: { certificate: ours.cert, key: new Secret(factory.key) } });
  expect(made).toThrow(FaultError);
});
