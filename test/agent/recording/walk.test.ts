import { expect, test } from "vitest";
import type { Plain } from "../../../agent/recording/format.ts";
import { walk } from "../../../agent/recording/walk.ts";

/** Each text that is told to be of a kind, as `kind text`. */
function told(value: Plain): string[] {
  const seen: string[] = [];
  walk(value, ({ text, kind }) => {
    if (kind !== undefined) seen.push(`${kind} ${text}`);
    return text;
  });
  return seen;
}

test.each<[Plain, readonly string[]]>([
  [{ systemName: "Room 5", state: "READY" }, ["name Room 5"]],
  [{ "device.prov.user": { Value: "jane", Source: "config" } }, ["user jane"]],
  [[{ name: "sip.username", value: "jane" }], ["user jane"]],
  [{ "1.3.6.1.2.1.1.5.0": { text: "sw-1" }, "1.3.6.1.2.1.1.1.0": { text: "Switch" } }, ["name sw-1"]],
  [{ x: { hex: "00e0db4b1c2d" } }, ["mac 00e0db4b1c2d"]],
  [{ x: { hex: "010a140039" } }, ["address 10.20.0.57"]],
  [{ "1.3.6.1.2.1.17.4.3.1.2.0.224.219.75.28.45": 3 }, ["mac 00e0db4b1c2d"]],
  [{ headers: { server: "lighttpd", "set-cookie": "a=b; Path=/\nc=d" } }, ["secret b", "secret d"]],
  [{ headers: { location: "https://x/" } }, ["where https://x/"]],
  [{ pin: 4711, failedLogins: 4711 }, ["secret 4711"]],
])("walk(): %j", (value, seen) => {
  expect(told(value)).toEqual(seen);
});

test("walk(): what visit makes of a text takes its place, in values, keys, hex and object identifiers", () => {
  const made = walk(
    { "a jane": ["jane", 1, null, true], "1.3.6.1.2.1.4.22.1.2.7.10.20.0.57": { hex: "010a140039" }, user: 12345 },
    ({ text, kind }) => (kind === "address" ? "192.0.2.1" : kind === "user" ? "u" : text.replaceAll("jane", "x")),
  );
  expect(made).toEqual({
    "a x": ["x", 1, null, true],
    "1.3.6.1.2.1.4.22.1.2.7.192.0.2.1": { hex: "01c0000201" },
    user: "u",
  });
});
