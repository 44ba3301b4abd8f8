import { expect, test } from "vitest";
import { isLoopback } from "../../../protocols/mqtt/link.ts";

test.each(["localhost", "127.0.0.1", "127.1.2.3", "::1"])("isLoopback(): %s may be spoken to without TLS", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  "",
  "10.0.0.1",
  "0.0.0.0",
  "127.0.0.1.example",
  "127.0.0",
  "127.999.1.1",
  "x127.0.0.1",
  "localhost.example",
  "::2",
  "128.0.0.1",
])("isLoopback(): %j may not", (host) => {
  expect(isLoopback(host)).toBe(false);
});
