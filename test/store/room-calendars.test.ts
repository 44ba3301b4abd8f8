import { join } from "node:path";
import { expect, test } from "vitest";
import { MAIN_FILE } from "../../store/open.ts";
import { rawly, storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const good = { atMs: T0, toMs: T0 + 1_000, meetings: [{ fromMs: T0 + 1, toMs: T0 + 2 }] };

test("keep(), note(): trouble leaves the last good copy, a good read ends the trouble", () => {
  const { roomCalendars } = temporaryStore();
  roomCalendars.note("Eiger", "gone", T0);
  expect(roomCalendars.all()).toEqual([{ room: "Eiger", triedAtMs: T0, trouble: "gone" }]);
  roomCalendars.keep("Eiger", good);
  expect(roomCalendars.all()).toEqual([{ room: "Eiger", triedAtMs: T0, good }]);
  roomCalendars.note("Eiger", "gone", T0 + 5);
  expect(roomCalendars.all()).toEqual([{ room: "Eiger", triedAtMs: T0 + 5, trouble: "gone", good }]);
});

test("retain(): only the rooms that are named stay", () => {
  const { roomCalendars } = temporaryStore();
  for (const room of ["A", "B", "C"]) roomCalendars.keep(room, good);
  roomCalendars.retain(["B"]);
  expect(roomCalendars.all().map(({ room }) => room)).toEqual(["B"]);
});

test("all(): a row that does not decode is no free room", () => {
  const directory = temporaryFolder();
  const { roomCalendars } = storeIn(directory);
  roomCalendars.keep("A", good);
  rawly(join(directory, MAIN_FILE), (sql) => sql.run("update room_calendars set meetings = '[[1]]'", {}));
  expect(() => roomCalendars.all()).toThrow(/meetings/);
});
