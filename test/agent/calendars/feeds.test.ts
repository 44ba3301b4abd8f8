import { expect, test } from "vitest";
import { calendarOf, createFeeds } from "../../../agent/calendars/feeds.ts";
import type { ReadOrder } from "../../../agent/calendars/read.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { DAY, HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const never = new AbortController().signal;
const meeting = { fromMs: T0 + HOUR, toMs: T0 + 2 * HOUR };

function bench(rooms: readonly string[] = ["Matterhorn"]) {
  const store = temporaryStore();
  const clock = manualClock(T0);
  const said: string[] = [];
  const asked: ReadOrder[] = [];
  const answer: { of: () => ReturnType<typeof ok<{ fromMs: number; toMs: number }[]>> | ReturnType<typeof fail<{ why: string }>> } = {
    of: () => ok([meeting]),
  };
  const make = (named = rooms) =>
    createFeeds(
      { feeds: named.map((room) => ({ room, from: { file: `/${room}.ics` } })), zone: "Europe/Zurich", staleAfterMs: 6 * HOUR },
      {
        store: store.roomCalendars,
        clock,
        log: { info: (what) => void said.push(what), warn: (what, about) => void said.push(`${what}: ${JSON.stringify(about)}`) },
        read: async (order) => {
          asked.push(order);
          return answer.of();
        },
      },
    );
  return { store, clock, said, asked, answer, make, feeds: make() };
}

test("refresh(): what was read counts, for three weeks ahead, in the site's zone", async () => {
  const { feeds, asked } = bench();
  expect(feeds.calendar("Matterhorn")).toEqual({ known: false, why: "its calendar has not been read yet" });
  await feeds.refresh(never);
  expect(asked).toEqual([{ from: { file: "/Matterhorn.ics" }, fromMs: T0, toMs: T0 + 21 * DAY, zone: "Europe/Zurich" }]);
  expect(feeds.calendar("Matterhorn")).toEqual({ known: true, meetings: [meeting], toMs: T0 + 21 * DAY });
  expect(feeds.calendar("Eiger")).toBeUndefined();
});

test("refresh(): a read that fails leaves the last good copy, until it is too old; it is told once", async () => {
  const { feeds, clock, answer, said } = bench();
  await feeds.refresh(never);
  answer.of = () => fail({ why: "its server answers with status 500" });
  for (let i = 0; i < 3; i++) {
    await clock.advance(2 * HOUR);
    await feeds.refresh(never);
  }
  expect(feeds.calendar("Matterhorn")).toMatchObject({ known: true });
  await clock.advance(MINUTE);
  expect(feeds.calendar("Matterhorn")).toEqual({
    known: false,
    why: "its calendar was last read at 2026-11-22T20:00:00.000Z: its server answers with status 500",
  });
  expect(said).toEqual(['a room\'s calendar cannot be read: {"room":"Matterhorn","why":"its server answers with status 500"}']);
  answer.of = () => ok([]);
  await feeds.refresh(never);
  expect(feeds.calendar("Matterhorn")).toMatchObject({ known: true, meetings: [] });
  expect(said).toHaveLength(2);
});

test("createFeeds(): another life of the agent has the copy; a room that is no longer named is forgotten", async () => {
  const { feeds, make, store } = bench(["Matterhorn", "Eiger"]);
  await feeds.refresh(never);
  expect(make(["Eiger"]).calendar("Eiger")).toMatchObject({ known: true, meetings: [meeting] });
  expect(store.roomCalendars.all().map(({ room }) => room)).toEqual(["Eiger"]);
});

test("refresh(): one room's trouble is no other's", async () => {
  const { feeds, answer } = bench(["Matterhorn", "Eiger"]);
  let count = 0;
  answer.of = () => (count++ === 0 ? fail({ why: "broken" }) : ok([]));
  await feeds.refresh(never);
  expect(feeds.calendar("Matterhorn")).toEqual({ known: false, why: "its calendar has not been read yet: broken" });
  expect(feeds.calendar("Eiger")).toMatchObject({ known: true });
});

test("calendarOf(): staleAfter is the last moment a copy counts", () => {
  const row = { room: "Matterhorn", triedAtMs: T0, good: { atMs: T0, toMs: T0 + DAY, meetings: [] } };
  expect(calendarOf(row, T0 + HOUR, HOUR).known).toBe(true);
  expect(calendarOf(row, T0 + HOUR + 1, HOUR).known).toBe(false);
});
