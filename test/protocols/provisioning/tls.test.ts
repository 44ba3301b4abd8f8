import { once } from "node:events";
import { expect, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";
import { contextOf, listenerOf, type TlsSetting } from "../../../protocols/provisioning/tls.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { connectTls, MAKER, openSecureBench, SERVER, securePhone } from "./secure-kit.ts";

const SETTING: TlsSetting = {
  ...{ port: 0, certificate: SERVER.cert, key: new Secret(SERVER.key), clientRoots: MAKER.cert },
  ...{ oldClients: false, clientCertificates: "off" },
};
const OLD = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;

test("contextOf(): TLS 1.2 and up; TLS 1.0 with its weak ciphers only where a person says so", () => {
  expect(contextOf(SETTING)).toMatchObject({ minVersion: "TLSv1.2" });
  expect(contextOf(SETTING)).not.toHaveProperty("ciphers");
  expect(contextOf({ ...SETTING, oldClients: true })).toMatchObject({ minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" });
});

test("listenerOf(): a certificate is asked for where it is of use, and never needed for the handshake", () => {
  const asks = (["off", "ask", "require"] as const).map((clientCertificates) => listenerOf({ ...SETTING, clientCertificates }, 10));
  expect(asks.map(({ requestCert }) => requestCert)).toEqual([false, true, true]);
  expect(asks.map(({ rejectUnauthorized }) => rejectUnauthorized)).toEqual([false, false, false]);
});

test("endpoint over TLS: an old phone is turned away, unless old phones are let in; then it boots", async () => {
  const strict = await openSecureBench();
  await expect(connectTls(strict.securePort, OLD)).rejects.toThrow();
  const lax = await openSecureBench({ oldClients: true });
  const socket = await connectTls(lax.securePort, OLD);
  expect(socket.getProtocol()).toBe("TLSv1");
  socket.write("GET /64167faabbcc.cfg HTTP/1.0\r\n\r\n");
  const [piece] = (await once(socket, "data")) as [Buffer];
  expect(piece.toString()).toMatch(/^HTTP\/1\.1 200 /);
  expect((await connectTls(lax.securePort)).getProtocol()).toBe("TLSv1.3");
});

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "endpoint over %s: no session is taken up again, so a certificate is always shown anew",
  async (version) => {
    const bench = await openSecureBench({ clientCertificates: "ask" });
    const versions = { minVersion: version, maxVersion: version };
    const first = await connectTls(bench.securePort, versions);
    const sessions: Buffer[] = [];
    first.on("session", (session: Buffer) => sessions.push(session));
    first.write("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(first, "data");
    const session = sessions.at(-1) ?? first.getSession();
    const again = await connectTls(bench.securePort, { ...versions, ...(session === undefined ? {} : { session }) });
    expect(again.isSessionReused()).toBe(false);
  },
);

test("Endpoint.renew(): the next connection sees the new certificate, and the one that is open goes on", async () => {
  const bench = await openSecureBench();
  const open = await connectTls(bench.securePort);
  const renewed = makeCertificate("CN=renewed");
  bench.endpoint.renew({ certificate: renewed.cert, key: new Secret(renewed.key) });
  expect((await connectTls(bench.securePort)).getPeerX509Certificate()?.subject).toBe("CN=renewed");
  open.write("GET /64167faabbcc.cfg HTTP/1.1\r\nHost: x\r\n\r\n");
  const [piece] = (await once(open, "data")) as [Buffer];
  expect(piece.toString()).toMatch(/^HTTP\/1\.1 200 /);
});

test("Endpoint.renew(): one that cannot be used is refused, and the older one goes on", async () => {
  const bench = await openSecureBench();
  const other = makeCertificate("CN=other");
  expect(() => bench.endpoint.renew({ certificate: other.cert, key: new Secret(SERVER.key) })).toThrow();
  expect((await connectTls(bench.securePort)).getPeerX509Certificate()?.subject).toBe("CN=provisioning");
});

test("Endpoint.renew(): with authorities that do not read nothing is renewed", async () => {
  const bench = await openSecureBench();
  const renewed = makeCertificate("CN=renewed");
  const clientRoots = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----";
  expect(() => bench.endpoint.renew({ certificate: renewed.cert, key: new Secret(renewed.key), clientRoots })).toThrow();
  expect((await connectTls(bench.securePort)).getPeerX509Certificate()?.subject).toBe("CN=provisioning");
});

test("Endpoint.renew(): phones are judged by the new authorities from then on", async () => {
  const bench = await openSecureBench({ clientCertificates: "require" });
  const as = MAKER.issue("CN=64167faabbcc, O=Polycom Inc.");
  const ask = async () => (await securePhone(bench, "/64167faabbcc-app.log", { method: "PUT", body: "x", as })).status;
  expect(await ask()).toBe(201);
  bench.endpoint.renew({ certificate: SERVER.cert, key: new Secret(SERVER.key), clientRoots: makeCertificate("CN=nobody").cert });
  expect(await ask()).toBe(403);
});
