import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { readPair } from "../../../agent/config/client-certificate.ts";
import { fileConfigIo } from "../../../agent/config/files.ts";
import { readCredentials } from "../../../agent/config/secrets.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { given } from "./kit.ts";

const NOW = Date.UTC(2026, 10, 1);
const ours = makeCertificate("CN=agent");
const other = makeCertificate("CN=other");
const locked = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase: "x",
});

test("readPair(): a certificate and its key are an identity, of a chain the first", () => {
  const authority = makeAuthority("CN=site");
  const issued = authority.issue("CN=agent");
  for (const [cert, key] of [
    [ours.cert, ours.key],
    [issued.cert + authority.cert, issued.key],
  ] as const) {
    const pair = readPair(cert, new Secret(key), NOW);
    expect(pair).toEqual({ ok: true, identity: { certificate: cert, key: expect.any(Secret) } });
    expect(pair.ok && pair.identity.key.reveal()).toBe(key);
  }
});

test.each([
  ["no certificate", "x", ours.key, "certFile", "holds no certificate in PEM form"],
  ["a key for a certificate", ours.key, ours.key, "certFile", "holds no certificate in PEM form"],
  ["no key", ours.cert, "canary", "keyFile", "holds no private key in PEM form"],
  ["a certificate for a key", ours.cert, ours.cert, "keyFile", "holds no private key in PEM form"],
  ["a locked key", ours.cert, String(locked), "keyFile", "is locked with a passphrase, and nobody is here to give it"],
  ["the key of another", ours.cert, other.key, "keyFile", "is not the key of the certificate beside it"],
] as const)("readPair(): %s is told at the file that has to change", (_what, cert, key, wrong, why) => {
  expect(readPair(cert, new Secret(key), NOW)).toEqual({ ok: false, wrong, why });
});

test("readPair(): one that is over, or not valid yet, can be used and is told", () => {
  const over = makeCertificate("CN=agent", Date.UTC(2021, 4, 5));
  expect(readPair(over.cert, new Secret(over.key), NOW)).toMatchObject({
    ok: true,
    notice: expect.stringContaining("expired on 2021-05-05"),
  });
  const early = readPair(ours.cert, new Secret(ours.key), Date.UTC(2019, 0, 1));
  expect(early).toMatchObject({ ok: true, notice: expect.stringContaining("not valid before 2020-01-01") });
});

const LINE = "credentials: [{ kind: certificate, id: a, certFile: c, keyFile: k, families: [video-os] }]";

test("loadConfig(): a certificate with its key is read as a credential, the key as a secret", async () => {
  const made = given([LINE], { c: ours.cert, k: ours.key });
  const read = await readCredentials((await made.config()).credentials, fileConfigIo({}));
  expect(read).toMatchObject({ ok: true, credentials: [{ kind: "certificate", id: "a", certificate: ours.cert, families: ["video-os"] }] });
  const [line = ""] = ours.key.split("\n").slice(1);
  expect(inspect(read, { depth: 9 }) + JSON.stringify(read)).not.toContain(line);
});

test("loadConfig(): a key of another certificate is an error, one that is over a warning, each at its setting", async () => {
  const over = makeCertificate("CN=agent", Date.UTC(2021, 0, 1));
  const problems = await given([LINE], { c: ours.cert, k: other.key }).problems();
  expect(problems).toContainEqual(expect.objectContaining({ level: "error", path: "credentials[0].keyFile", line: 4 }));
  const loaded = await given([LINE], { c: over.cert, k: over.key }).load();
  const warnings = loaded.ok ? loaded.warnings.map(({ path, what }) => `${path} ${what}`) : [];
  expect(warnings).toContainEqual(expect.stringMatching(/^credentials\[0\]\.certFile .* has expired on 2021-01-01/));
});

test("loadConfig(): files of a certificate that are missing are told once each", async () => {
  const problems = await given([LINE]).problems();
  expect(problems.filter(({ level }) => level === "error").map(({ path }) => path)).toEqual([
    "credentials[0].certFile",
    "credentials[0].keyFile",
  ]);
});

test("readCredentials(): a certificate that cannot be read is told at its setting", async () => {
  const read = await readCredentials([{ kind: "certificate", id: "a", certFile: "/none/c", keyFile: "/none/k" }], fileConfigIo({}));
  expect(read).toMatchObject({ ok: false, problems: [{ path: "credentials[0].certFile" }, { path: "credentials[0].keyFile" }] });
});
