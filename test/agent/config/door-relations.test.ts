import { expect, test } from "vitest";
import { makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { given } from "./kit.ts";

const { cert, key } = makeCertificate("CN=provisioning");
const FILES = { cert, key, roots: makeAuthority("CN=maker").cert, secret: "canary-secret\n" };
const TLS = "port: 8443, certFile: cert, keyFile: key";
const ACCOUNT = "user: site, passwordFile: secret";

/** Where errors and warnings of the section are, without its name. */
async function told(inside: string, ...lines: string[]) {
  const loaded = await given([`provisioning: { host: 127.0.0.1, port: 8080, ${inside} }`, ...lines], FILES).load();
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const at = (level: string) =>
    problems.flatMap((one) => (one.level === level && one.path.startsWith("provisioning.") ? [one.path.slice(13)] : []));
  return { errors: at("error"), warnings: at("warning") };
}

test.each([
  `tls: { ${TLS} }`,
  `credentials: { ${ACCOUNT} }`,
  `tls: { ${TLS} }, credentials: { ${ACCOUNT}, digests: [md5] }`,
  `tls: { ${TLS}, clientCertificates: require, clientRootsFile: roots }`,
  `tls: { ${TLS}, clientCertificates: ask, clientRootsFile: roots }, credentials: { ${ACCOUNT} }`,
])("provisioning: { %s } is good", async (inside) => expect(await told(inside)).toEqual({ errors: [], warnings: [] }));

test.each([
  ["the port in clear", `tls: { ${TLS.replace("8443", "8080")} }`, "tls.port"],
  ["certificates required and nobody to vouch for them", `tls: { ${TLS}, clientCertificates: require }`, "tls.clientCertificates"],
  [
    "an account in front of a server with its own",
    `mode: overlay, upstream: { url: "https://x.example" }, credentials: { ${ACCOUNT} }`,
    "credentials",
  ],
  [
    "certificates where there is nothing personal",
    `mode: image-only, tls: { ${TLS}, clientCertificates: require, clientRootsFile: roots }`,
    "tls.clientCertificates",
  ],
  ["one digest twice", `credentials: { ${ACCOUNT}, digests: [md5, md5] }`, "credentials.digests"],
])("provisioning: %s is an error", async (_what, inside, path) => expect((await told(inside)).errors).toEqual([path]));

test("provisioning: the port over TLS is nobody else's", async () => {
  expect((await told(`tls: { ${TLS} }`, "metrics: { port: 8443 }")).errors).toEqual(["tls.port"]);
  expect((await told(`tls: { ${TLS} }`, "mqtt: { embedded: { port: 8443 } }")).errors).toEqual(["tls.port"]);
});

test.each([
  ["old clients", `tls: { ${TLS}, oldClients: true }`, ["tls.oldClients", "tls.certFile"]],
  ["a password in clear", `credentials: { ${ACCOUNT}, basicInClear: true }`, ["credentials.basicInClear"]],
  ["roots that nobody asks", `tls: { ${TLS}, clientRootsFile: roots }`, ["tls.clientRootsFile"]],
  [
    "certificates that anybody can make",
    `tls: { ${TLS}, clientCertificates: ask }, credentials: { ${ACCOUNT} }`,
    ["tls.clientCertificates"],
  ],
  ["certificates that nobody must show", `tls: { ${TLS}, clientCertificates: ask, clientRootsFile: roots }`, ["tls.clientCertificates"]],
  [
    "an account that is of no use",
    `tls: { ${TLS}, clientCertificates: require, clientRootsFile: roots }, credentials: { ${ACCOUNT} }`,
    ["credentials"],
  ],
])("provisioning: %s is a warning", async (_what, inside, warnings) => expect(await told(inside)).toEqual({ errors: [], warnings }));
