import { expect, test } from "vitest";
import { createBootServer } from "../../../agent/campaigns/boot-server.ts";
import { SILENT } from "../../../agent/log.ts";
import type { DepotEvent } from "../../../agent/threads/depot-requests.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";

function note(event: DepotEvent) {
  const told: unknown[] = [];
  const lines: string[] = [];
  const log = { ...SILENT, warn: (what: string) => void lines.push(what), info: (what: string) => void lines.push(what) };
  const teller = { bootServer: (data: unknown) => void told.push(data), bootFile: (data: unknown) => void told.push(data) };
  const clock = { nowMs: () => T0 };
  const server = createBootServer({ log, teller, clock, deviceOf: (mac) => (mac === macOf(1) ? deviceId(1) : undefined) });
  const taken = server.note(event);
  return { taken, told, lines, server };
}

test("boot server: down and up are told, with what phones missed", () => {
  expect(note({ kind: "upstreamDown", why: "ECONNREFUSED" })).toMatchObject({
    taken: true,
    told: [{ state: "down", why: "ECONNREFUSED" }],
  });
  expect(note({ kind: "upstreamBack", failed: 7, forMs: 95_400 }).told).toEqual([{ state: "up", failed: 7, seconds: 95 }]);
});

test("boot server: an odd answer is told with the device it went to, where that is known", () => {
  const odd = { kind: "oddAnswer", what: "html", path: "/a.cfg", why: "it is a page of HTML" } as const;
  const data = { what: "html", path: "/a.cfg", why: "it is a page of HTML" };
  expect(note({ ...odd, mac: macOf(1) }).told).toEqual([{ ...data, device: deviceId(1) }]);
  expect(note({ ...odd, mac: macOf(2) }).told).toEqual([data]);
  expect(note(odd).lines).toHaveLength(1);
});

test.each([
  ["html", "is passed on as it is"],
  ["broken", "did not reach a phone as it should"],
] as const)("boot server: an answer that is %s: it %s", (what, fate) => {
  expect(note({ kind: "oddAnswer", what, path: "/a.cfg", why: "why" }).lines).toEqual([`an answer of the customer's boot server ${fate}`]);
});

test("boot server: the rest is for others", () => {
  expect(note({ kind: "imageStarted", token: "t", address: "a" })).toMatchObject({ taken: false, told: [], lines: [] });
});

test("boot server: it is down until it is back, or until whoever said so starts anew", () => {
  const { server } = note({ kind: "upstreamDown", why: "silent" });
  expect(server.down).toEqual({ why: "silent", sinceMs: T0 });
  server.note({ kind: "upstreamBack", failed: 1, forMs: 5 });
  expect(server.down).toBeUndefined();
  server.note({ kind: "upstreamDown", why: "silent" });
  server.forget();
  expect(server.down).toBeUndefined();
});
