import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import {
  certificateReader,
  loginFault,
  type PeerCertificate,
  type Proof,
  peerCertificate,
  plainFingerprint,
  subjectFault,
} from "../../../protocols/http/certificate.ts";
import { makeCertificate } from "../../support/certificate.ts";

const MAC = "64167faabbcc" as Mac;
const PIN = "ab".repeat(32);
const shown: PeerCertificate = { commonName: MAC, organisation: "Polycom Inc.", fingerprint: PIN };
const wanted: Proof = { secure: true, trust: "any" };

const read = (subject: string, notAfterMs?: number): PeerCertificate =>
  peerCertificate(new X509Certificate(makeCertificate(subject, notAfterMs).cert));

test("peerCertificate(): tells who it names, since when it is over and its fingerprint, expired or not", () => {
  const made = makeCertificate(`CN=${MAC}, O=Polycom Inc.`, Date.UTC(2021, 0, 1));
  expect(peerCertificate(new X509Certificate(made.cert))).toEqual({
    commonName: MAC,
    organisation: "Polycom Inc.",
    fingerprint: made.fingerprint,
    notAfterMs: Date.UTC(2021, 0, 1),
  });
});

test("peerCertificate(): a common name stated twice is nobody's", () => {
  expect(read(`CN=${MAC}, CN=64167fddeeff`).commonName).toBeUndefined();
});

test("peerCertificate(): a subject without a common name has none", () => {
  expect(read("O=Polycom Inc.")).not.toHaveProperty("commonName");
});

test("peerCertificate(): a subject as long as a book is cut", () => {
  expect(read(`CN=${"x".repeat(5_000)}`).commonName?.length).toBeLessThanOrEqual(200);
});

test("plainFingerprint(): any spelling as lower-case hex", () => {
  expect(plainFingerprint("AB:CD ef\n01")).toBe("abcdef01");
});

test.each([
  [MAC, undefined],
  ["64:16:7F:AA:BB:CC", undefined],
  ["64167fddeeff", "64167fddeeff"],
  [`${MAC}.example`, `${MAC}.example`],
  ["", ""],
  [undefined, "a certificate without a common name"],
] as const)("subjectFault(): a certificate of %j for the MAC 64167faabbcc", (commonName, found) => {
  const { commonName: _none, ...bare } = shown;
  const certificate = commonName === undefined ? bare : { ...bare, commonName };
  const fault = found === undefined ? undefined : { kind: "impostor", via: "tls", wanted: MAC, found };
  expect(subjectFault(certificate, { ...wanted, expectMac: MAC })).toEqual(fault);
});

test("subjectFault(): without an expected MAC or pin whatever is shown is taken", () => {
  expect(subjectFault({ fingerprint: "00" }, wanted)).toBeUndefined();
});

test("subjectFault(): a pinned device must show the same certificate, in any spelling of the pin", () => {
  const colons = PIN.toUpperCase().replaceAll(/(..)(?=.)/g, "$1:");
  expect(subjectFault(shown, { ...wanted, trust: "pin", tlsFingerprint: colons })).toBeUndefined();
  const other = "cd".repeat(32);
  expect(subjectFault(shown, { ...wanted, trust: "pin", tlsFingerprint: other })).toEqual({
    kind: "impostor",
    via: "tls",
    wanted: other,
    found: PIN,
  });
});

test("subjectFault(): the right pin does not excuse the wrong MAC", () => {
  const proof: Proof = { secure: true, trust: "pin", tlsFingerprint: PIN, expectMac: "64167fddeeff" as Mac };
  expect(subjectFault(shown, proof)).toMatchObject({ kind: "impostor", found: MAC });
});

test.each([
  ["a pin that is asked for and not on record", { secure: true, trust: "pin" }, "tls"],
  ["a MAC to prove over plain HTTP", { secure: false, trust: "any", expectMac: MAC }, "http"],
  ["a pin to prove over plain HTTP", { secure: false, trust: "pin", tlsFingerprint: PIN }, "http"],
] as const)("loginFault(): %s forbids a log-in", (_name, proof, via) => {
  expect(loginFault(proof)).toMatchObject({ kind: "impostor", via });
});

test.each([
  { secure: true, trust: "any", expectMac: MAC },
  { secure: true, trust: "pin", tlsFingerprint: PIN },
  { secure: false, trust: "any" },
] as const)("loginFault(): a proof that is possible, or none, allows it: %j", (proof) => {
  expect(loginFault(proof)).toBeUndefined();
});

test("subjectFault(): the serial number of a video system names its MAC as well as the MAC itself", () => {
  const room = "00e0dbaabbcc" as Mac;
  expect(subjectFault({ commonName: "8L21AAAABBCCFD", fingerprint: PIN }, { ...wanted, expectMac: room })).toBeUndefined();
  expect(subjectFault({ commonName: "8L21AAAABBCDFD", fingerprint: PIN }, { ...wanted, expectMac: room })).toMatchObject({
    kind: "impostor",
  });
});

test("certificateReader(): reads as peerCertificate() does, each certificate once, and keeps them apart", () => {
  const readOnce = certificateReader();
  const all = [makeCertificate("CN=64167faabbcc, O=Polycom Inc."), makeCertificate("CN=64167f000001")].map(
    ({ cert }) => new X509Certificate(cert),
  );
  for (const one of [...all, ...all]) expect(readOnce(one)).toEqual(peerCertificate(one));
  const [first] = all;
  if (first === undefined) throw new Error("no certificate");
  expect(readOnce(first)).toBe(readOnce(new X509Certificate(first.raw)));
});
