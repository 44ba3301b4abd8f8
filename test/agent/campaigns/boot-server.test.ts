import { expect, test } from "vitest";
import { noteBootServer } from "../../../agent/campaigns/boot-server.ts";
import { SILENT } from "../../../agent/log.ts";
import type { DepotEvent } from "../../../agent/threads/requests.ts";
import { deviceId, macOf } from "../../store/temporary.ts";

function note(event: DepotEvent) {
  const told: unknown[] = [];
  const lines: string[] = [];
  const log = { ...SILENT, warn: (what: string) => void lines.push(what), info: (what: string) => void lines.push(what) };
  const teller = { bootServer: (data: unknown) => void told.push(data), bootFile: (data: unknown) => void told.push(data) };
  const taken = noteBootServer(event, { log, teller, deviceOf: (mac) => (mac === macOf(1) ? deviceId(1) : undefined) });
  return { taken, told, lines };
}

test("noteBootServer(): down and up are told, with what phones missed", () => {
  expect(note({ kind: "upstreamDown", why: "ECONNREFUSED" })).toMatchObject({
    taken: true,
    told: [{ state: "down", why: "ECONNREFUSED" }],
  });
  expect(note({ kind: "upstreamBack", failed: 7, forMs: 95_400 }).told).toEqual([{ state: "up", failed: 7, seconds: 95 }]);
});

test("noteBootServer(): an odd answer is told with the device it went to, where that is known", () => {
  const odd = { kind: "oddAnswer", what: "html", path: "/a.cfg", why: "it is a page of HTML" } as const;
  const data = { what: "html", path: "/a.cfg", why: "it is a page of HTML" };
  expect(note({ ...odd, mac: macOf(1) }).told).toEqual([{ ...data, device: deviceId(1) }]);
  expect(note({ ...odd, mac: macOf(2) }).told).toEqual([data]);
  expect(note(odd).lines).toHaveLength(1);
});

test("noteBootServer(): the rest is for others", () => {
  expect(note({ kind: "imageStarted", token: "t", address: "a" })).toEqual({ taken: false, told: [], lines: [] });
});
