import { expect, test } from "vitest";
import { agent, done, failed } from "./agent.ts";

const place = (changes: object = {}) => {
  const hours = Array.from({ length: 168 }, (_, hour) => (hour === 9 ? 0.37 : hour === 10 ? 1 : hour === 11 ? null : 0.01));
  return {
    ...{ place: "Reception", kind: "room", zone: "Europe/Zurich", days: 26, conclusive: true, learned: "2026-11-22T03:00:00.000Z", hours },
    quiet: hours.map((share) => share !== null && share <= 0.05),
    ...changes,
  };
};
const answer = (...places: object[]) => done({ schema: "groundswell.place-usage/1", conclusiveDays: 14, quietBusyPercentMax: 5, places });

test("place usage PLACE: the week by hour in 80 columns, what the marks mean, from how many days", async () => {
  const site = await agent({ "place.usage": answer(place()) });
  const { out, code } = await site.run(["place", "usage", "Reception"]);
  expect(code).toBe(0);
  const lines = out.split("\n");
  expect(lines[0]).toBe("Reception: share of each hour in a call, in percent; from 26 days of readings, hours of Europe/Zurich");
  expect(lines[1]).toMatch(/^ {4}00 01 .* 23$/);
  expect(lines[2]).toBe(`Mon${"  ·".repeat(9)} 37 ##  ?${"  ·".repeat(12)}`);
  expect(lines.slice(2, 9).map((line) => line.slice(0, 3))).toEqual(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
  for (const line of lines.slice(1, 10)) expect(line.length).toBeLessThanOrEqual(80);
  expect(site.asked[0]?.args).toEqual({ place: "Reception" });
});

test("place usage: all places with what was learned; those with too few days decide nothing yet", async () => {
  const site = await agent({ "place.usage": answer(place(), place({ place: "Eiger", days: 3, conclusive: false })) });
  const { out } = await site.run(["place", "usage"]);
  expect(out).toMatch(/Reception +26 +1\.8 % +Mon 10:00, 100 % +165 of 168 +yes/);
  expect(out).toMatch(/Eiger .*not yet/);
  expect(out).toContain("1 place with readings of less than 14 days");
  expect((await site.run(["place", "usage", "--plain"])).out.split("\n")[0]).toMatch(/^Reception\t26\t/);
  expect((await site.run(["place", "usage", "Eiger", "--json"])).json()).toMatchObject({ schema: "groundswell.place-usage/1" });
});

test("place usage: nothing learned yet says what to wait for; an unknown place is refused in words", async () => {
  expect(await (await agent({ "place.usage": answer() })).run(["place", "usage"])).toMatchObject({
    ...{ code: 0, out: "", err: expect.stringContaining("Nothing was learned yet") },
  });
  const few = await agent({ "place.usage": answer(place({ days: 5, conclusive: false })) });
  expect((await few.run(["place", "usage", "Reception"])).out).toContain("Readings of 14 days are needed");
  const none = await agent({ "place.usage": failed("notFound", 'No room, place or device "X"') });
  expect(await none.run(["place", "usage", "X"])).toMatchObject({ code: 3, err: expect.stringContaining('"X"') });
});
