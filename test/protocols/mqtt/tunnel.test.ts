import { expect, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";
import { connectRequest, tunnelFault } from "../../../protocols/mqtt/tunnel.ts";

test("connectRequest(): names the broker twice, and who we are only where that is set", () => {
  expect(connectRequest({ host: "b.example", port: 8883 })).toBe("CONNECT b.example:8883 HTTP/1.1\r\nHost: b.example:8883\r\n\r\n");
  expect(connectRequest({ host: "2001:db8::1", port: 443, user: "Aladdin", password: new Secret("open sesame") })).toBe(
    // The log-in is the example of RFC 7617, 2.
    "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
  );
});

test.each([
  [200, undefined],
  [204, undefined],
  [101, "refused"],
  [301, "refused"],
  [403, "refused"],
  [407, "denied"],
  [502, "unreachable"],
  [504, "unreachable"],
])("tunnelFault(): %i", (status, kind) => expect(tunnelFault(status)?.kind).toBe(kind));
