import { X509Certificate } from "node:crypto";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { certificatesIn, isVouchedFor, shownReader } from "../../../protocols/provisioning/phone-certificate.ts";
import { makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { MAC } from "./kit.ts";

const read = ({ cert }: { readonly cert: string }) => new X509Certificate(cert);
const site = makeAuthority("CN=site");
const roots = [read(site)];
const SUBJECT = `CN=${MAC}, O=Polycom Inc.`;
const EXPIRED = Date.UTC(2021, 0, 1);

test("isVouchedFor(): one that a root signed, expired or not", () => {
  expect(isVouchedFor(read(site.issue(SUBJECT)), [], roots)).toBe(true);
  expect(isVouchedFor(read(site.issue(SUBJECT, EXPIRED)), [], roots)).toBe(true);
});

test.each([
  ["signed by itself", makeCertificate(SUBJECT)],
  ["signed by itself and expired", makeCertificate(SUBJECT, EXPIRED)],
  ["signed by another of the root's name", makeAuthority("CN=site").issue(SUBJECT)],
  ["signed by another of the root's name, and expired", makeAuthority("CN=site").issue(SUBJECT, EXPIRED)],
])("isVouchedFor(): one %s is nobody's", (_what, made) => {
  expect(isVouchedFor(read(made), [], roots)).toBe(false);
  expect(isVouchedFor(read(made), [read(made)], roots)).toBe(false);
});

test("isVouchedFor(): one signed by a phone of the site is nobody's, for a phone may sign nothing", () => {
  const phone = site.issue("CN=0004f2000001");
  expect(isVouchedFor(read(makeCertificate(SUBJECT)), [read(phone)], [...roots, read(phone)])).toBe(false);
});

test("isVouchedFor(): one below an authority that a root signed, where the phone shows it or the file has it", () => {
  const issuing = site.issueAuthority("CN=issuing");
  const phone = read(issuing.issue(SUBJECT, EXPIRED));
  expect(isVouchedFor(phone, [read(issuing)], roots)).toBe(true);
  expect(isVouchedFor(phone, [], [...roots, read(issuing)])).toBe(true);
  expect(isVouchedFor(phone, [], roots)).toBe(false);
  expect(isVouchedFor(phone, [read(makeAuthority("CN=issuing"))], roots)).toBe(false);
});

test("isVouchedFor(): a chain longer than any phone's is not followed", () => {
  const chain = [site.issueAuthority("CN=1")];
  for (let depth = 2; depth <= 5; depth++) chain.push((chain.at(-1) as typeof site).issueAuthority(`CN=${depth}`));
  const phone = read((chain.at(-1) as typeof site).issue(SUBJECT));
  expect(isVouchedFor(phone, chain.map(read), roots)).toBe(false);
});

test("isVouchedFor(): a ring of certificates that sign each other ends", () => {
  const ring = makeAuthority("CN=ring");
  expect(isVouchedFor(read(ring), [read(ring), read(ring)], roots)).toBe(false);
});

test("isVouchedFor(): without roots, nobody", () => {
  expect(isVouchedFor(read(site.issue(SUBJECT)), [read(site)], [])).toBe(false);
});

test("certificatesIn(): all of a file, none of other text", () => {
  const text = `of the site\n${site.cert}\n and the maker\n${makeAuthority("CN=maker").cert}`;
  expect(certificatesIn(text).map(({ subject }) => subject)).toEqual(["CN=site", "CN=maker"]);
  expect(certificatesIn("nothing")).toEqual([]);
  expect(() => certificatesIn("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")).toThrow();
});

test("shownReader(): a connection in clear shows none", () => {
  expect(shownReader(roots)(new Socket())).toBeUndefined();
});
