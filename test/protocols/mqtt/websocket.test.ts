import { expect, test } from "vitest";
import { parseHead } from "../../../protocols/mqtt/answer-head.ts";
import { upgradeFault, upgradeRequest } from "../../../protocols/mqtt/websocket.ts";

/** The example of RFC 6455, 1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const GOOD = [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  "Sec-WebSocket-Protocol: mqtt",
];

const faultOf = (lines: readonly string[]) => upgradeFault(parseHead(lines.join("\r\n")) ?? { status: 0, headers: new Map() }, KEY);

test("upgradeRequest(): asks for MQTT at the path; a port is named where it is not the usual one", () => {
  const target = { host: "b.example", port: 443, secure: true, path: "/mqtt?x=1" };
  expect(upgradeRequest(target, KEY).split("\r\n")).toEqual([
    "GET /mqtt?x=1 HTTP/1.1",
    "Host: b.example",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${KEY}`,
    "Sec-WebSocket-Protocol: mqtt",
    "Sec-WebSocket-Version: 13",
    "",
    "",
  ]);
  expect(upgradeRequest({ ...target, port: 8443 }, KEY)).toContain("\r\nHost: b.example:8443\r\n");
  expect(upgradeRequest({ host: "::1", port: 80, secure: false, path: "/" }, KEY)).toContain("\r\nHost: [::1]\r\n");
});

test("upgradeFault(): the example of the specification is taken", () => expect(faultOf(GOOD)).toBeUndefined());

test.each([
  ["another key's answer", GOOD.with(3, "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=")],
  ["another protocol", GOOD.with(4, "Sec-WebSocket-Protocol: chat")],
  ["no protocol", GOOD.slice(0, 4)],
  ["no upgrade", GOOD.with(1, "X: y")],
  ["a connection kept as it was", GOOD.with(2, "Connection: keep-alive")],
  ["an extension nobody asked for", [...GOOD, "Sec-WebSocket-Extensions: permessage-deflate"]],
])("upgradeFault(): %s is garbled", (_name, lines) => expect(faultOf(lines)).toMatchObject({ kind: "garbled", via: "http" }));

test.each([
  [200, "refused"],
  [301, "refused"],
  [401, "denied"],
  [403, "denied"],
  [404, "refused"],
  [503, "unreachable"],
])("upgradeFault(): status %i is %s", (status, kind) =>
  expect(faultOf([`HTTP/1.1 ${status} x`, ...GOOD.slice(1)])).toMatchObject({ kind, via: "http" }),
);
