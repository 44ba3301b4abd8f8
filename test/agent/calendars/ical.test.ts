import { expect, test } from "vitest";
import { expandFeed, OCCURRENCES_MAX } from "../../../agent/calendars/ical.ts";

const ZONE = "Europe/Berlin";
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
/** The fortnight in which Berlin's clocks go back: 2026-10-19 to 2026-11-01. */
const WITHIN = { fromMs: at("2026-10-18T22:00:00Z"), toMs: at("2026-11-01T23:00:00Z"), zone: ZONE };

const feed = (...lines: readonly string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", ...lines, "END:VCALENDAR", ""].join("\r\n");
const event = (...lines: readonly string[]): string[] => [
  "BEGIN:VEVENT",
  "UID:one@example",
  "DTSTAMP:20260101T000000Z",
  "SUMMARY:Merger talks",
  ...lines,
  "END:VEVENT",
];
const berlin = (name: string, local: string): string => `${name};TZID=Europe/Berlin:${local}`;

/** In Berlin's own time. */
function taken(text: string): string[] | string {
  const read = expandFeed(text, WITHIN);
  if (!read.ok) return read.fault.why;
  const show = (atMs: number): string =>
    Temporal.Instant.fromEpochMilliseconds(atMs)
      .toZonedDateTimeISO(ZONE)
      .toString({ timeZoneName: "never", smallestUnit: "minute" })
      .slice(5);
  return read.value.map(({ fromMs, toMs }) => `${show(fromMs)} to ${show(toMs)}`);
}

test.each([
  [
    "a time in a zone",
    event(berlin("DTSTART", "20261020T090000"), berlin("DTEND", "20261020T100000")),
    ["10-20T09:00+02:00 to 10-20T10:00+02:00"],
  ],
  ["a time in UTC", event("DTSTART:20261020T070000Z", "DTEND:20261020T080000Z"), ["10-20T09:00+02:00 to 10-20T10:00+02:00"]],
  [
    "a time in another zone than the site's",
    event("DTSTART;TZID=America/New_York:20261020T090000", "DURATION:PT30M"),
    ["10-20T15:00+02:00 to 10-20T15:30+02:00"],
  ],
  [
    "a time without a zone is the site's",
    event("DTSTART:20261020T090000", "DTEND:20261020T100000"),
    ["10-20T09:00+02:00 to 10-20T10:00+02:00"],
  ],
  [
    "a length in place of an end",
    event(berlin("DTSTART", "20261020T233000"), "DURATION:PT1H30M"),
    ["10-20T23:30+02:00 to 10-21T01:00+02:00"],
  ],
  [
    "a whole day, of 25 hours where clocks go back",
    event("DTSTART;VALUE=DATE:20261025", "DTEND;VALUE=DATE:20261026"),
    ["10-25T00:00+02:00 to 10-26T00:00+01:00"],
  ],
  ["a whole day without an end", event("DTSTART;VALUE=DATE:20261020"), ["10-20T00:00+02:00 to 10-21T00:00+02:00"]],
  ["a moment takes nothing", event(berlin("DTSTART", "20261020T090000")), []],
  ["what leaves the room free", event("TRANSP:TRANSPARENT", berlin("DTSTART", "20261020T090000"), "DURATION:PT1H"), []],
  ["what is cancelled", event("STATUS:CANCELLED", berlin("DTSTART", "20261020T090000"), "DURATION:PT1H"), []],
  [
    "what is not certain yet",
    event("STATUS:TENTATIVE", berlin("DTSTART", "20261020T090000"), "DURATION:PT1H"),
    ["10-20T09:00+02:00 to 10-20T10:00+02:00"],
  ],
  ["what is over and what is far off", event(berlin("DTSTART", "20261010T090000"), "DURATION:PT1H"), []],
  [
    "what began before and is still on",
    event(berlin("DTSTART", "20261018T090000"), "DURATION:PT40H"),
    ["10-18T09:00+02:00 to 10-20T01:00+02:00"],
  ],
])("expandFeed(): %s", (_, lines, expected) => {
  expect(taken(feed(...lines))).toEqual(expected);
});

const monday = [berlin("DTSTART", "20260105T083000"), "DURATION:PT30M"];
test.each([
  [
    "every week, at the same time of the wall clock over its change",
    ["RRULE:FREQ=WEEKLY"],
    ["10-19T08:30+02:00 to 10-19T09:00+02:00", "10-26T08:30+01:00 to 10-26T09:00+01:00"],
  ],
  ["every other week", ["RRULE:FREQ=WEEKLY;INTERVAL=2"], ["10-26T08:30+01:00 to 10-26T09:00+01:00"]],
  [
    "on named days",
    ["RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261023T000000Z"],
    ["10-20T08:30+02:00 to 10-20T09:00+02:00", "10-22T08:30+02:00 to 10-22T09:00+02:00"],
  ],
  ["the last Friday of the month", ["RRULE:FREQ=MONTHLY;BYDAY=-1FR"], ["10-30T08:30+01:00 to 10-30T09:00+01:00"]],
  ["the 21st of each month", ["RRULE:FREQ=MONTHLY;BYMONTHDAY=21"], ["10-21T08:30+02:00 to 10-21T09:00+02:00"]],
  ["until a day", ["RRULE:FREQ=WEEKLY;UNTIL=20261020T000000Z"], ["10-19T08:30+02:00 to 10-19T09:00+02:00"]],
  ["so many times", ["RRULE:FREQ=WEEKLY;COUNT=42"], ["10-19T08:30+02:00 to 10-19T09:00+02:00"]],
  ["so many times, and they are over", ["RRULE:FREQ=DAILY;COUNT=10"], []],
  ["without one day", ["RRULE:FREQ=WEEKLY", berlin("EXDATE", "20261026T083000")], ["10-19T08:30+02:00 to 10-19T09:00+02:00"]],
  ["with a day more", [berlin("RDATE", "20261028T083000")], ["10-28T08:30+01:00 to 10-28T09:00+01:00"]],
])("expandFeed(): a series %s", (_, lines, expected) => {
  expect(taken(feed(...event(...monday, ...lines)))).toEqual(expected);
});

test("expandFeed(): an occurrence that was moved, one that was cancelled, and one that leaves the room free", () => {
  const weekly = event(...monday, "RRULE:FREQ=WEEKLY");
  const moved = event(berlin("RECURRENCE-ID", "20261019T083000"), berlin("DTSTART", "20261020T140000"), "DURATION:PT1H");
  const gone = event(
    berlin("RECURRENCE-ID", "20261026T083000"),
    "STATUS:CANCELLED",
    berlin("DTSTART", "20261026T083000"),
    "DURATION:PT30M",
  );
  expect(taken(feed(...weekly, ...moved, ...gone))).toEqual(["10-20T14:00+02:00 to 10-20T15:00+02:00"]);
  const into = event(berlin("RECURRENCE-ID", "20261214T083000"), berlin("DTSTART", "20261030T140000"), "DURATION:PT1H");
  expect(taken(feed(...into))).toEqual(["10-30T14:00+01:00 to 10-30T15:00+01:00"]);
});

test("expandFeed(): a zone of another name goes by what the feed says of it", () => {
  const zone = [
    ...[
      "BEGIN:VTIMEZONE",
      "TZID:W. Europe Standard Time",
      "BEGIN:STANDARD",
      "DTSTART:16010101T030000",
      "TZOFFSETFROM:+0200",
      "TZOFFSETTO:+0100",
    ],
    ...["RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100"],
    ...["TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"],
  ];
  const lines = event("DTSTART;TZID=W. Europe Standard Time:20261005T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=WE");
  expect(taken(feed(...zone, ...lines))).toEqual(["10-21T09:00+02:00 to 10-21T10:00+02:00", "10-28T09:00+01:00 to 10-28T10:00+01:00"]);
});

test("expandFeed(): meetings that touch are one, and no word of what they are about comes out", () => {
  const second = event(berlin("DTSTART", "20261020T100000"), "DURATION:PT1H", "DESCRIPTION:secret").map((line) =>
    line.replace("one@", "two@"),
  );
  const text = feed(...event(berlin("DTSTART", "20261020T090000"), berlin("DTEND", "20261020T100000")), ...second);
  expect(taken(text)).toEqual(["10-20T09:00+02:00 to 10-20T11:00+02:00"]);
  expect(JSON.stringify(expandFeed(text, WITHIN))).not.toMatch(/Merger|secret|one@/);
});

test("expandFeed(): an empty calendar is one", () => {
  expect(taken(feed())).toEqual([]);
});

test.each([
  ["no calendar", "<html>log in</html>"],
  ["nothing", ""],
  ["cut off", feed(...event(berlin("DTSTART", "20261020T090000"))).slice(0, -60)],
  ["a zone it does not explain", feed(...event("DTSTART;TZID=Our own time:20261020T090000", "DURATION:PT1H"))],
  ["an event without a time", feed(...event())],
  ["a rule by the minute", feed(...event(...monday, "RRULE:FREQ=MINUTELY"))],
  [
    "all later meetings moved at once",
    feed(...event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261019T083000Z", "DTSTART:20261019T083000Z", "DURATION:PT1H")),
  ],
  ["free and busy times in place of events", feed("BEGIN:VFREEBUSY", "FREEBUSY:20261020T070000Z/PT1H", "END:VFREEBUSY")],
  [
    "a series without end since long ago",
    feed(
      ...Array.from({ length: 20 }, (_, i) =>
        event("DTSTART:18000101T083000Z", "DURATION:PT1M", "RRULE:FREQ=DAILY").map((line) => line.replace("one@", `${i}@`)),
      ).flat(),
    ),
  ],
])("expandFeed(): I10 %s is not readable, and does not count as free", (_, text) => {
  const read = expandFeed(text, WITHIN);
  expect(read.ok).toBe(false);
  if (!read.ok) expect(read.fault.why).not.toContain("Merger");
});

test("OCCURRENCES_MAX: four years of 70 daily meetings pass", () => {
  expect(OCCURRENCES_MAX / 70 / 365).toBeGreaterThan(3.5);
});
