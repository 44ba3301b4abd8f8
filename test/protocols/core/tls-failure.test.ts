import type { TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { demandsIdentity, missesIdentity, refusesIdentity, strangerFault } from "../../../protocols/core/tls-failure.ts";

test.each([
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", true],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", true],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", true],
  ["ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE", true],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", false],
  ["ERR_SSL_WRONG_VERSION_NUMBER", false],
  ["ECONNRESET", false],
])("refusesIdentity(): %s: %s", (code, is) => expect(refusesIdentity(code)).toBe(is));

test("missesIdentity(): a failed handshake is about our certificate once the server has shown its own", () => {
  const after = { getPeerX509Certificate: () => ({}) } as unknown as TLSSocket;
  const before = { getPeerX509Certificate: () => undefined } as unknown as TLSSocket;
  const code = "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE";
  expect([missesIdentity(code, after), missesIdentity(code, before), missesIdentity(code, undefined)]).toEqual([true, false, false]);
  expect(missesIdentity("ECONNRESET", after)).toBe(false);
  expect(demandsIdentity(code)).toMatchObject({ kind: "denied", via: "tls", detail: expect.stringContaining(code) });
});

test.each([
  ["CERT_HAS_EXPIRED", "a certificate that is valid today"],
  ["CERT_NOT_YET_VALID", "a certificate that is valid today"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "a certificate for b.example"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "a certificate of an authority we trust"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "a certificate of an authority we trust"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "a certificate of an authority we trust"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "a certificate of an authority we trust"],
])("strangerFault(): %s wants %s", (code, wanted) => {
  expect(strangerFault(code, "b.example")).toEqual({ kind: "impostor", via: "tls", wanted, found: code });
});

test("strangerFault(): what is about something else is nothing of it", () => {
  for (const code of ["ECONNRESET", "EPROTO", "", "ERR_SSL_WRONG_VERSION_NUMBER"]) expect(strangerFault(code, "b.example")).toBeUndefined();
});
