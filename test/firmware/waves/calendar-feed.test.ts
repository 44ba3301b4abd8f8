import fc from "fast-check";
import { expect, test } from "vitest";
import { joinMeetings, type Meeting, type RoomCalendar, roomAnswer } from "../../../firmware/waves/calendar-feed.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";

const NOW = 1_000 * HOUR;
const meeting = (fromMinutes: number, toMinutes: number): Meeting => ({
  fromMs: NOW + fromMinutes * MINUTE,
  toMs: NOW + toMinutes * MINUTE,
});
const calendar = (...meetings: Meeting[]): RoomCalendar => ({ known: true, meetings, toMs: NOW + 48 * HOUR });
const answer = (feed: RoomCalendar, needMinutes = 34) => roomAnswer(feed, NOW, needMinutes * MINUTE);

test("roomAnswer(): a room without a meeting in the time is free; one that ended or begins just then does not disturb", () => {
  expect(answer(calendar())).toEqual({ free: true });
  expect(answer(calendar(meeting(-30, 0), meeting(34, 60)))).toEqual({ free: true });
});

test("roomAnswer(): a meeting now, and one too soon, each with the moment it is free", () => {
  expect(answer(calendar(meeting(-30, 15)))).toEqual({ free: false, why: "meeting", untilMs: NOW + 15 * MINUTE });
  expect(answer(calendar(meeting(33, 60)))).toEqual({ free: false, why: "soon", untilMs: NOW + 60 * MINUTE });
});

test("roomAnswer(): gaps that are too short do not count", () => {
  expect(answer(calendar(meeting(0, 30), meeting(60, 90), meeting(130, 150)))).toEqual({
    ...{ free: false, why: "meeting", untilMs: NOW + 90 * MINUTE },
  });
});

test("roomAnswer(): I10 a calendar that cannot be read, or ends too early, is no free room", () => {
  expect(answer({ known: false, why: "it was last read 2 days ago" })).toEqual({ free: "unknown", why: "it was last read 2 days ago" });
  expect(answer({ known: true, meetings: [], toMs: NOW + 33 * MINUTE })).toMatchObject({ free: "unknown" });
});

test("roomAnswer(): where the calendar ends before the room is free for long enough, no moment is named", () => {
  expect(roomAnswer({ known: true, meetings: [meeting(0, 60)], toMs: NOW + HOUR }, NOW, 34 * MINUTE)).toEqual({
    free: false,
    why: "meeting",
  });
});

const someMeetings = fc.array(
  fc.tuple(fc.integer({ min: -600, max: 2_000 }), fc.nat(300)).map(([from, length]) => meeting(from, from + length)),
  { maxLength: 30 },
);

test("roomAnswer(): free just where minute after minute no meeting is on, and so at the moment it names", () => {
  fc.assert(
    fc.property(someMeetings, fc.integer({ min: 1, max: 200 }), (meetings, needMinutes) => {
      const taken = (minute: number): boolean =>
        meetings.some(({ fromMs, toMs }) => fromMs < NOW + (minute + 1) * MINUTE && toMs > NOW + minute * MINUTE && toMs > fromMs);
      const freeFrom = (minute: number): boolean => !Array.from({ length: needMinutes }, (_, i) => taken(minute + i)).some(Boolean);
      const said = answer(calendar(...joinMeetings(meetings)), needMinutes);
      expect(said.free).toBe(freeFrom(0));
      if (said.free !== false || said.untilMs === undefined) return;
      const minute = (said.untilMs - NOW) / MINUTE;
      expect(freeFrom(minute)).toBe(true);
      for (let before = 0; before < minute; before++) expect(freeFrom(before)).toBe(false);
    }),
  );
});

test("joinMeetings(): in order, one where they touch, none without a length", () => {
  expect(joinMeetings([meeting(50, 60), meeting(0, 10), meeting(10, 20), meeting(5, 8), meeting(30, 30)])).toEqual([
    meeting(0, 20),
    meeting(50, 60),
  ]);
});
