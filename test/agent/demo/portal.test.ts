import { expect, test } from "vitest";
import { createPortal } from "../../../agent/demo/portal.ts";

const TOPIC = "groundswell/v1/contoso-zh/event/device.found";
const event = (sequence: number, changes: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      id: `e${sequence}`,
      source: "s",
      type: "device.found",
      sequence: `${sequence}`,
      time: "2026-11-22T12:00:00Z",
      ...changes,
    }),
  );

test("take(): an event is remembered once, however often it comes", () => {
  const portal = createPortal();
  for (const sequence of [1, 2, 1, 1]) portal.take(TOPIC, event(sequence));
  expect([portal.events.map((one) => one.sequence), portal.repeated, portal.clashes]).toEqual([[1, 2], 2, 0]);
});

test("take(): one id with another content is a clash, not a repetition", () => {
  const portal = createPortal();
  portal.take(TOPIC, event(1));
  portal.take(TOPIC, event(1, { time: "2026-11-22T13:00:00Z" }));
  expect([portal.events.length, portal.repeated, portal.clashes]).toEqual([1, 0, 1]);
});

test("take(): the same id of another site is another event", () => {
  const portal = createPortal();
  portal.take(TOPIC, event(1));
  portal.take(TOPIC, event(1, { source: "other" }));
  expect([portal.events.length, portal.clashes]).toEqual([2, 0]);
});

test("missing(): the numbers between the first and the last that never came, in any order of arrival", () => {
  const portal = createPortal();
  expect(portal.missing()).toEqual([]);
  for (const sequence of [9, 5, 6]) portal.take(TOPIC, event(sequence));
  expect(portal.missing()).toEqual([7, 8]);
  for (const sequence of [8, 7]) portal.take(TOPIC, event(sequence));
  expect(portal.missing()).toEqual([]);
});

test("retained(): the newest state of a topic; health batches are none", () => {
  const portal = createPortal();
  portal.take("groundswell/v1/contoso-zh/state", Buffer.from("offline"));
  portal.take("groundswell/v1/contoso-zh/state", Buffer.from("online"));
  portal.take("groundswell/v1/contoso-zh/campaign/c-1", Buffer.from('{"at":"running"}'));
  portal.take("groundswell/v1/contoso-zh/feed/health", Buffer.from([1, 2]));
  expect([portal.retained("/state"), portal.retained("/campaign/c-1"), portal.retained("/health")]).toEqual([
    "online",
    { at: "running" },
    undefined,
  ]);
});

test("take(): what is no event throws: the portal's ear is a check", () => {
  expect(() => createPortal().take(TOPIC, Buffer.from('{"id":"x"}'))).toThrow();
});
