import { expect, test } from "vitest";
import { given } from "./kit.ts";

async function told(level: "error" | "warning", ...lines: readonly string[]): Promise<string[]> {
  const loaded = await given(lines).load();
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.filter((one) => one.level === level && one.path !== "calendar").map(({ path }) => path);
}
const rooms = (...all: readonly string[]): string => `rooms: { calendars: [${all.join(", ")}] }`;
const A = "{ room: A, url: https://calendar.example/a.ics }";

test("rooms: one source for each calendar, and one calendar for each room", async () => {
  expect(await told("error", rooms(A, "{ room: B, file: /srv/b.ics }"))).toEqual([]);
  expect(await told("error", rooms("{ room: A }"))).toEqual(["rooms.calendars[0]"]);
  expect(await told("error", rooms("{ room: A, url: https://calendar.example/a.ics, file: /srv/a.ics }"))).toEqual(["rooms.calendars[0]"]);
  expect(await told("error", rooms(A, A))).toEqual(["rooms.calendars[1].room"]);
});

test("rooms: an address in clear leads to this machine alone, and holds no password", async () => {
  expect(await told("error", rooms("{ room: A, url: http://calendar.example/a.ics }"))).toEqual(["rooms.calendars[0].url"]);
  expect(await told("error", rooms("{ room: A, url: http://127.0.0.1:8080/a.ics }"))).toEqual([]);
  expect(await told("error", rooms("{ room: A, url: https://u:p@calendar.example/a.ics }"))).toEqual(["rooms.calendars[0].url"]);
  expect(await told("error", rooms("{ room: A, file: /srv/a.ics, caFile: /etc/ca.pem }"))).toEqual(["rooms.calendars[0].caFile"]);
});

test("rooms: a copy counts for longer than until the next read", async () => {
  expect(await told("error", "rooms: { every: 1h, staleAfter: 1h }")).toEqual(["rooms.staleAfter"]);
  expect(await told("error", "rooms: { every: 1h, staleAfter: 61m }")).toEqual([]);
});

test("rooms: a room no place is in is a warning, where the settings have places", async () => {
  const place = (room: string): string => `places: [{ mac: 64167f000001, name: Hall, room: ${room} }]`;
  expect(await told("warning", rooms(A), place("B"))).toEqual(["rooms.calendars[0].room"]);
  expect(await told("warning", rooms(A), place("A"))).toEqual([]);
  expect(await told("warning", rooms(A))).toEqual([]);
});
