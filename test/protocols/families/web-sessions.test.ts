import { expect, test } from "vitest";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { createWebSessions } from "../../../protocols/families/web-sessions.ts";

test("createWebSessions(): a session is good for its phone and credential alone, until it is forgotten", () => {
  const sessions = createWebSessions(manualClock(0));
  sessions.keep("64167faabbcc", "site", "S1");
  expect(sessions.of("64167faabbcc", "site")).toBe("S1");
  expect([sessions.of("64167faabbcc", "other"), sessions.of("64167f000001", "site")]).toEqual([undefined, undefined]);
  sessions.forget("64167faabbcc", "site");
  expect(sessions.of("64167faabbcc", "site")).toBeUndefined();
});

test("createWebSessions(): each use begins its time anew; unused it is not trusted to the phone's own limit", async () => {
  const clock = manualClock(0);
  const sessions = createWebSessions(clock);
  sessions.keep("64167faabbcc", "site", "S1");
  for (let i = 0; i < 3; i++) {
    await clock.advance(13 * MINUTE);
    expect(sessions.of("64167faabbcc", "site")).toBe("S1");
  }
  await clock.advance(14 * MINUTE);
  expect(sessions.of("64167faabbcc", "site")).toBeUndefined();
});
