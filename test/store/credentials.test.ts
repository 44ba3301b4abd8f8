import { expect, test } from "vitest";
import type { Store } from "../../store/store.ts";
import { device, deviceId, T0, temporaryStore } from "./temporary.ts";

const WRONG = { device: deviceId(1), credentialId: "phones", fingerprint: "aa", atMs: T0 };

function store(): Store {
  const made = temporaryStore();
  for (const number of [1, 2]) made.devices.save(device(number));
  return made;
}

test("noteRefusal(): counts on for the same secret, with the time of the last", () => {
  const { credentials } = store();
  expect([credentials.noteRefusal(WRONG), credentials.noteRefusal({ ...WRONG, atMs: T0 + 5 })]).toEqual([1, 2]);
  expect(credentials.ofDevice(deviceId(1))).toEqual([{ ...WRONG, count: 2, atMs: T0 + 5 }]);
});

test("noteRefusal(): a new secret under the same name starts at 1, and the old one is known no more", () => {
  const { credentials } = store();
  credentials.noteRefusal(WRONG);
  credentials.noteRefusal(WRONG);
  expect(credentials.noteRefusal({ ...WRONG, fingerprint: "bb" })).toBe(1);
  expect(credentials.refusals(deviceId(1), "phones", "aa")).toBe(0);
});

test("refusals(): each device and credential is counted by itself", () => {
  const { credentials } = store();
  credentials.noteRefusal(WRONG);
  expect([
    credentials.refusals(deviceId(1), "phones", "aa"),
    credentials.refusals(deviceId(2), "phones", "aa"),
    credentials.refusals(deviceId(1), "rooms", "aa"),
  ]).toEqual([1, 0, 0]);
});

test("forget(): after a log-in that worked the count starts again", () => {
  const { credentials } = store();
  credentials.noteRefusal(WRONG);
  credentials.noteRefusal({ ...WRONG, credentialId: "rooms" });
  credentials.forget(deviceId(1), "phones");
  expect(credentials.ofDevice(deviceId(1)).map(({ credentialId }) => credentialId)).toEqual(["rooms"]);
  expect(credentials.noteRefusal(WRONG)).toBe(1);
});
