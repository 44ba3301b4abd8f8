import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { HTTP_BUDGET } from "../../../protocols/core/budget.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import { FaultError } from "../../../protocols/http/connect.ts";
import { type Cut, faultOf, HEADER_BYTES, isClosed } from "../../../protocols/http/failure.ts";
import { client, factory, never, targetOf } from "./kit.ts";

const open = new AbortController().signal;
const cut: Cut = { via: "https", parent: open, whole: open, budget: HTTP_BUDGET, heard: false };
const coded = (code: string): Error => Object.assign(new Error("text nobody should read"), { code });
const wanted = "an HTTP answer";

test.each<readonly [string, Fault]>([
  ["UND_ERR_HEADERS_OVERFLOW", { kind: "overBudget", via: "https", budget: "bytes", limit: HEADER_BYTES }],
  ["HPE_HEADER_OVERFLOW", { kind: "overBudget", via: "https", budget: "bytes", limit: HEADER_BYTES }],
  ["HPE_INVALID_CONSTANT", { kind: "garbled", via: "https", wanted, detail: "HPE_INVALID_CONSTANT" }],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", { kind: "garbled", via: "https", wanted, detail: "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" }],
  ["EPROTO", { kind: "garbled", via: "tls", wanted: "a TLS handshake", detail: "EPROTO" }],
  ["ERR_SSL_WRONG_VERSION_NUMBER", { kind: "garbled", via: "tls", wanted: "a TLS handshake", detail: "ERR_SSL_WRONG_VERSION_NUMBER" }],
  [
    "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
    { kind: "denied", via: "tls", detail: "refused our handshake: ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE" },
  ],
  [
    "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    { kind: "garbled", via: "tls", wanted: "a TLS handshake", detail: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" },
  ],
  ["ECONNREFUSED", { kind: "unreachable", via: "https", detail: "ECONNREFUSED" }],
  ["ENOTFOUND", { kind: "unreachable", via: "https", detail: "ENOTFOUND" }],
])("faultOf(): %s by its code", (code, fault) => {
  expect(faultOf(coded(code), cut)).toEqual(fault);
});

test.each([
  ...["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSL/TLS_ALERT_BAD_CERTIFICATE", "SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE"],
  ...["SSL/TLS_ALERT_CERTIFICATE_REVOKED", "SSL/TLS_ALERT_CERTIFICATE_EXPIRED", "SSL/TLS_ALERT_CERTIFICATE_UNKNOWN"],
  ...["TLSV1_ALERT_UNKNOWN_CA", "TLSV1_ALERT_ACCESS_DENIED"],
])("faultOf(): the alert %s is about a certificate of ours, missing or not accepted", (alert) => {
  const detail = `demands a client certificate that it accepts: ERR_SSL_${alert}`;
  expect(faultOf(coded(`ERR_SSL_${alert}`), cut)).toEqual({ kind: "denied", via: "tls", detail });
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("ask(): a peer that demands a certificate of ours (%s) denies us", async (version) => {
  const server = createServer(
    { cert: factory.cert, key: factory.key, requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version },
    (_request, response) => void response.end("never"),
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  const answer = await client().ask(targetOf({ port }), { method: "GET", path: "/" }, never);
  const detail = expect.stringContaining("demands a client certificate");
  expect(answer).toMatchObject({ ok: false, fault: { kind: "denied", via: "tls", detail } });
});

test("faultOf(): never decides by text", () => {
  expect(faultOf(new Error("ECONNREFUSED HPE_INVALID_CONSTANT"), cut)).toEqual({ kind: "unreachable", via: "https" });
});

test("faultOf(): a fault carried through the library comes out as it was", () => {
  const fault: Fault = { kind: "impostor", via: "tls", wanted: "a", found: "b" };
  expect(faultOf(new FaultError(fault), { ...cut, whole: AbortSignal.abort() })).toBe(fault);
});

test("faultOf(): after the end of the budget the time counts, whatever the library says", () => {
  const whole = AbortSignal.abort(new DOMException("time", "TimeoutError"));
  expect(faultOf(coded("ECONNRESET"), { ...cut, whole })).toMatchObject({ kind: "unreachable" });
  expect(faultOf(coded("ECONNRESET"), { ...cut, whole, heard: true })).toMatchObject({ kind: "overBudget", budget: "time" });
  const parent = AbortSignal.abort();
  expect(faultOf(coded("ECONNRESET"), { ...cut, whole, parent })).toEqual({ kind: "cancelled", by: "shutdown" });
});

test("faultOf(): an argument of ours that the library rejects is our bug", () => {
  const error = coded("UND_ERR_INVALID_ARG");
  expect(() => faultOf(error, cut)).toThrow(error);
});

test("isClosed(): a connection the peer closed, not one that never stood", () => {
  expect(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].map((code) => isClosed(coded(code)))).toEqual([true, true, true]);
  expect(["ECONNREFUSED", "HPE_INVALID_CONSTANT", ""].map((code) => isClosed(coded(code)))).toEqual([false, false, false]);
  expect(isClosed("ECONNRESET")).toBe(false);
});
