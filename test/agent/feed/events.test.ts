import { expect, test } from "vitest";
import { cloudEventSchema, EVENT_TYPES, eventMessage, type Happening, makeEvent } from "../../../agent/feed/events.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { deviceId, T0 } from "../../store/temporary.ts";

const about = (change: Partial<Happening> = {}): Happening => ({
  site: "zug-01" as SiteId,
  subject: deviceId(1),
  revision: 7,
  sequence: 12,
  atMs: T0,
  ...change,
});
const data = { release: "ucs-6.4.8", state: "staged" } as const;

test("makeEvent(): a CloudEvent 1.0 with the site's count and the time it happened", () => {
  const event = makeEvent("release.changed", about(), data);
  expect(cloudEventSchema.parse(event)).toEqual(event);
  expect(event).toMatchObject({
    specversion: "1.0",
    source: "urn:groundswell:site:zug-01",
    type: "groundswell.release.changed",
    subject: deviceId(1),
    time: "2026-11-22T20:00:00.000Z",
    sequence: "12",
    data,
  });
});

test("makeEvent(): told again it has the same id, whatever its count and time are by then", () => {
  expect(makeEvent("release.changed", about({ sequence: 99, atMs: T0 + 5 }), data).id).toBe(makeEvent("release.changed", about(), data).id);
});

test("makeEvent(): another site, type, subject or revision is another happening", () => {
  const others = [about(), about({ site: "zug-02" as SiteId }), about({ subject: "x" }), about({ revision: 8 }), about({ revision: "7" })];
  const ids = [
    ...others.map((one) => makeEvent("release.changed", one, data).id),
    makeEvent("campaign.changed", about(), { campaign: "c", state: "s" }).id,
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test("makeEvent(): data that does not fit is our own bug", () => {
  expect(() => makeEvent("release.changed", about(), { ...data, extra: 1 } as never)).toThrow();
  expect(() => makeEvent("wave.changed", about(), { campaign: "c", wave: 0, state: "s" })).toThrow();
});

test("eventMessage(): not retained, on the topic of its type; a ticket's has its own kind", () => {
  expect(eventMessage("release.changed", about(), data)).toMatchObject({
    topic: "groundswell/v1/zug-01/event/release.changed",
    retain: false,
    qos: 1,
    kind: "event",
    atMs: T0,
  });
  const ticket = { key: "K", version: 1, state: "open", title: "t", severity: 2, delivery: "waiting" };
  expect(eventMessage("ticket.changed", about(), ticket).kind).toBe("ticket");
});

test("EVENT_TYPES: all fit the form of a type", () => {
  for (const type of EVENT_TYPES) expect(`groundswell.${type}`).toMatch(/^groundswell\.[a-z]+\.[a-z]+$/);
});
