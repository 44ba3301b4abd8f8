import { expect, test } from "vitest";
import { DAY } from "../../../protocols/core/time.ts";
import { makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { given } from "./kit.ts";

const now = Temporal.Now.instant().epochMilliseconds;
const own = makeCertificate("CN=provisioning");
const other = makeCertificate("CN=other");
const FILES = {
  ...{ cert: own.cert, key: own.key, otherKey: other.key, roots: makeAuthority("CN=maker").cert, phone: own.cert },
  ...{ site: "canary-of-the-site\n", factory: "PlcmSpIp\n", lower: "plcmspip\n", menu: "456", user: "zug\n", text: "none" },
};

async function told(inside: string, files: Readonly<Record<string, string>> = {}) {
  const loaded = await given([`provisioning: { host: 127.0.0.1, port: 8080, ${inside} }`], { ...FILES, ...files }).load();
  const problems = (loaded.ok ? loaded.warnings : loaded.problems).filter(({ path }) => path.startsWith("provisioning"));
  return { problems: problems.map(({ level, path, what }) => `${level} ${path.slice(13)}: ${what}`), all: JSON.stringify(problems) };
}
const account = (file: string): string => `credentials: { user: zug, passwordFile: ${file} }`;
const tls = (more: string): string => `tls: { port: 8443, certFile: cert, keyFile: key, ${more} }`;

test.each(["factory", "lower", "menu", "user"])("a password that everybody knows is a finding: %s", async (file) => {
  expect((await told(account(file))).problems).toEqual([
    expect.stringMatching(/^warning credentials\.passwordFile: holds a password that everybody/),
  ]);
});

test("a password of the site's own is none, and is never told", async () => {
  expect((await told(account("site"))).problems).toEqual([]);
  expect((await told(`${account("site")}, ${tls("clientRootsFile: text, clientCertificates: ask")}`)).all).not.toContain(
    "canary-of-the-site",
  );
});

test.each([
  ["a key that is not there", tls("").replace("keyFile: key", "keyFile: gone"), "tls.keyFile"],
  ["the key of another certificate", tls("").replace("keyFile: key", "keyFile: otherKey"), "tls.keyFile"],
  ["a certificate that is none", tls("").replace("certFile: cert", "certFile: text"), "tls.certFile"],
  ["roots that are none", tls("clientCertificates: require, clientRootsFile: text"), "tls.clientRootsFile"],
  ["a password that is not there", account("gone"), "credentials.passwordFile"],
])("%s is an error at its setting", async (_what, inside, path) => {
  expect((await told(inside)).problems).toEqual([expect.stringContaining(`error ${path}: `)]);
});

test("a certificate in place of an authority is a finding: it could vouch for nobody", async () => {
  const { problems } = await told(tls("clientCertificates: require, clientRootsFile: phone"));
  expect(problems).toEqual([expect.stringMatching(/^warning tls\.clientRootsFile: "CN=provisioning" may sign no certificates/)]);
});

test.each([
  ["that is over", now - DAY, /has expired on/],
  ["that is over soon", now + 5 * DAY, /expires on .*: renew it/],
])("a certificate %s is a finding", async (_what, notAfterMs, what) => {
  const old = makeCertificate("CN=provisioning", notAfterMs);
  expect((await told(tls(""), { cert: old.cert, key: old.key })).problems).toEqual([expect.stringMatching(what)]);
});
