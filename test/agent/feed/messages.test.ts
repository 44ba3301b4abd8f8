import { expect, test } from "vitest";
import { EVENT_TYPES } from "../../../agent/feed/events.ts";
import { MESSAGES } from "../../../agent/feed/messages.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { siteMayPublish } from "../../../protocols/mqtt/topics.ts";

const site = "contoso-zh" as SiteId;
/** A pattern as a filter that a subscriber could use. */
const filterOf = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+").replaceAll(".", "\\.")}$`);

test("MESSAGES: names and topics are unique, and every type of event is there", () => {
  expect(new Set(MESSAGES.map(({ name }) => name)).size).toBe(MESSAGES.length);
  expect(new Set(MESSAGES.map(({ topic }) => topic)).size).toBe(MESSAGES.length);
  const events = MESSAGES.flatMap(({ name }) => (name.startsWith("event/") ? [name.slice("event/".length)] : []));
  expect(events).toEqual(EVENT_TYPES);
});

test.each(MESSAGES.map((kind) => [kind.name, kind] as const))(
  "MESSAGES: the example of %s is read back by its own decoder and lies on its topic",
  (_name, kind) => {
    const { topic, payload, retain } = kind.example();
    expect(topic).toMatch(filterOf(kind.topic));
    expect(retain === true).toBe(kind.retained);
    const read = kind.decode(Buffer.from(payload));
    expect(read).toBeDefined();
    expect(kind.schema.safeParse(read).success).toBe(true);
    expect(siteMayPublish(site, topic)).toBe(kind.from === "site");
  },
);

test.each(MESSAGES.map((kind) => [kind.name, kind] as const))("MESSAGES: %s with anything more, or nothing, is refused", (_name, kind) => {
  expect(kind.decode(Buffer.alloc(0))).toBeUndefined();
  expect(kind.decode(Buffer.from('{"more":1}'))).toBeUndefined();
});
