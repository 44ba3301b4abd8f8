import { expect, test } from "vitest";
import { pictureNeeded, sendEventsAgain, sendPicture } from "../../../agent/feed/picture.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { device, deviceId, T0, temporaryStore, waitingIn } from "../../store/temporary.ts";

const site = "zug-01" as SiteId;

test("pictureNeeded(): after the first connect, and where the broker knows nothing of us any more", () => {
  const cases = [true, false].flatMap((first) => [true, false].map((sessionKept) => pictureNeeded({ first, sessionKept })));
  expect(cases).toEqual([true, true, false, true]);
});

test("sendPicture(): every device once, in pages with a pause between them, and twice is the same", async () => {
  const store = temporaryStore();
  store.transaction(() => {
    for (let number = 1; number <= 250; number++) store.devices.save(device(number));
  });
  let pauses = 0;
  const io = { store, site, nowMs: () => T0, campaignState: () => undefined, pause: async () => void pauses++ };
  expect(await sendPicture(io)).toBe(250);
  expect(pauses).toBeGreaterThanOrEqual(3);
  expect(await sendPicture(io)).toBe(250);
  expect(waitingIn(store).map(({ topic }) => topic)).toEqual(
    Array.from({ length: 250 }, (_, at) => `groundswell/v1/${site}/device/${deviceId(at + 1)}`),
  );
});

test("sendPicture(): a device that is found meanwhile does not trouble it", async () => {
  const store = temporaryStore();
  store.devices.save(device(5));
  const io = {
    ...{ store, site, nowMs: () => T0, campaignState: () => undefined },
    pause: async () => store.devices.save(device(1)),
  };
  expect(await sendPicture(io)).toBe(1);
});

test("sendPicture(): what an earlier version left under a name that is part of another device now is cleared; a merge undone has its own", async () => {
  const store = temporaryStore();
  const topicOf = (number: number): string => `groundswell/v1/${site}/device/${deviceId(number)}`;
  for (const number of [1, 4]) store.devices.save(device(number));
  const made = { keeps: deviceId(1), atMs: T0, actor: "tom", kept: {} };
  store.decisions.add({ ...made, id: "m-2", kind: "merge", other: deviceId(2) });
  store.decisions.add({ ...made, id: "m-4", kind: "merge", other: deviceId(4) });
  store.decisions.add({ ...made, id: "s-3", kind: "split", other: deviceId(3) });
  const io = { store, site, nowMs: () => T0, campaignState: () => undefined, pause: async () => undefined };
  expect(await sendPicture(io)).toBe(2);
  expect(waitingIn(store).map(({ topic, payload, retain }) => [topic, payload.length > 0, retain])).toEqual([
    [topicOf(1), true, true],
    [topicOf(4), true, true],
    [topicOf(2), false, true],
  ]);
});

test("sendEventsAgain(): ends though the events are published again meanwhile", async () => {
  const store = temporaryStore();
  const add = (number: number) =>
    store.outbox.add({ topic: "t", payload: Buffer.from("x"), retain: false, qos: 1, kind: "event", atMs: T0, number });
  const publish = (): void => store.outbox.markPublished(waitingIn(store).map(({ seq }) => seq));
  store.transaction(() => {
    for (let number = 1; number <= 1_200; number++) add(number);
  });
  publish();
  const io = { store, pause: async () => publish() };
  expect(await sendEventsAgain(200, io)).toBe(1_000);
});
