import { expect, test } from "vitest";
import { connectionFault, isProtocolRefusal, reasonOf } from "../../../protocols/mqtt/failure.ts";

const errorOf = (code: unknown): Error => Object.assign(new Error("secret text"), code === undefined ? {} : { code });

test.each([
  [134, { kind: "denied", via: "mqtt", detail: "bad user name or password (134)" }],
  ["ECONNREFUSED", { kind: "unreachable", via: "mqtt", detail: "ECONNREFUSED" }],
  ["CERT_HAS_EXPIRED", { kind: "impostor", via: "tls", wanted: "a certificate that is valid today", found: "CERT_HAS_EXPIRED" }],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", { kind: "denied", via: "tls" }],
  ["ERR_SSL_WRONG_VERSION_NUMBER", { kind: "garbled", via: "tls", detail: "ERR_SSL_WRONG_VERSION_NUMBER" }],
  ["EPROTO", { kind: "garbled", via: "tls" }],
  [undefined, { kind: "unreachable", via: "mqtt" }],
])("connectionFault(): the code %s, and never the text", (code, fault) => {
  const found = connectionFault(errorOf(code), "b.example");
  expect(found).toMatchObject(fault);
  expect(JSON.stringify(found)).not.toContain("secret");
});

test("reasonOf(): only numbers are the broker's own codes", () => {
  expect([reasonOf(errorOf(5)), reasonOf(errorOf("ECONNRESET")), reasonOf(errorOf(undefined))]).toEqual([5, undefined, undefined]);
  expect([isProtocolRefusal(errorOf(132)), isProtocolRefusal(errorOf(134)), isProtocolRefusal(errorOf("1"))]).toEqual([true, false, false]);
});
