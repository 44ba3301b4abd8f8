import { expect, test } from "vitest";
import { eventExamples } from "../../../agent/feed/event-examples.ts";
import { EVENT_TYPES, eventSchemas } from "../../../agent/feed/events.ts";

test.each(EVENT_TYPES)("eventExamples: %s fits its schema exactly", (type) => {
  expect(eventSchemas[type].parse(eventExamples[type])).toEqual(eventExamples[type]);
});
