import { expect, test } from "vitest";
import { parseBroker, parseProxy } from "../../../protocols/mqtt/address.ts";

const direct = { proxied: false };

test.each([
  ["mqtts://b.example", { host: "b.example", port: 8883, secure: true }],
  ["mqtts://b.example:443/", { host: "b.example", port: 443, secure: true }],
  ["mqtts://[2001:db8::1]", { host: "2001:db8::1", port: 8883, secure: true }],
  ["mqtt://127.0.0.1", { host: "127.0.0.1", port: 1883, secure: false }],
  ["mqtt://[::1]:1884", { host: "::1", port: 1884, secure: false }],
  ["ws://localhost:9001", { host: "localhost", port: 9001, secure: false, webSocketPath: "/" }],
  ["ws://127.0.0.1", { host: "127.0.0.1", port: 80, secure: false, webSocketPath: "/" }],
  ["wss://b.example/mqtt?v=5", { host: "b.example", port: 443, secure: true, webSocketPath: "/mqtt?v=5" }],
])("parseBroker(): %s", (text, wanted) => expect(parseBroker(text, direct)).toEqual(wanted));

test.each([
  ["http://b.example", "is not the address of a broker"],
  ["b.example", "is not the address of a broker"],
  ["mqtts://", "is not the address of a broker"],
  ["mqtts://me:word@b.example", "holds a user or password"],
  ["mqtts://b.example/path", "holds more than a host and a port"],
  ["mqtts://b.example?x=1", "holds more than a host and a port"],
  ["wss://b.example/#x", "holds more than a host and a port"],
  ["mqtt://b.example", "is not encrypted, and the broker is on another machine"],
  ["ws://10.0.0.5/mqtt", "is not encrypted, and the broker is on another machine"],
  ["mqtt://127.0.0.1.example", "is not encrypted, and the broker is on another machine"],
])("parseBroker(): %s %s", (text, wrong) => expect(parseBroker(text, direct)).toMatchObject({ wrong, wanted: expect.any(String) }));

test("parseBroker(): nothing goes through a proxy in clear: its loopback is another machine's", () => {
  expect(parseBroker("mqtt://127.0.0.1", { proxied: true })).toMatchObject({
    wrong: "is not encrypted, and leads through a proxy",
    wanted: "mqtts://",
  });
  expect(parseBroker("ws://localhost", { proxied: true })).toMatchObject({ wanted: "wss://" });
  expect(parseBroker("wss://localhost", { proxied: true })).toMatchObject({ host: "localhost" });
});

test.each([
  ["http://proxy.example:3128", { host: "proxy.example", port: 3128 }],
  ["http://[2001:db8::2]/", { host: "2001:db8::2", port: 80 }],
])("parseProxy(): %s", (text, wanted) => expect(parseProxy(text)).toEqual(wanted));

test.each([
  ["https://proxy.example", "is not the address of a proxy"],
  ["socks5://proxy.example", "is not the address of a proxy"],
  ["http://me:word@proxy.example", "holds a user or password"],
  ["http://proxy.example/x", "holds more than a host and a port"],
])("parseProxy(): %s %s", (text, wrong) => expect(parseProxy(text)).toMatchObject({ wrong }));
