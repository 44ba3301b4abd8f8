import { expect, test } from "vitest";
import {
  appOf,
  contentShown,
  decodeApps,
  decodeBare,
  decodeServers,
  forgottenSessions,
  inCallByCalendar,
} from "../../../protocols/families/video-room-answers.ts";

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const garbled = { ok: false, fault: { kind: "garbled" } };

test("decodeBare(): true, a number and a word without quotes are answers as they stand [video 2.5.3] [video 2.5.4]", () => {
  expect(["true", "false", "39", "-1.5", "CONTENT_IDLE", '"CONTENT_IDLE"\n'].map((text) => decodeBare(bytes(text)))).toEqual(
    [true, false, 39, -1.5, "CONTENT_IDLE", "CONTENT_IDLE"].map((value) => ({ ok: true, value })),
  );
  for (const text of ["", "<html>", "{}", "no word"]) expect(decodeBare(bytes(text))).toMatchObject(garbled);
});

test("contentShown(): only a word of content that is not idle says that something is shown [video 2.5.4]", () => {
  expect(["CONTENT_IDLE", "CONTENT_SENDING", "true", "BUSY", "<html>"].map((text) => contentShown(bytes(text)))).toEqual([
    undefined,
    "CONTENT_SENDING",
    undefined,
    undefined,
    undefined,
  ]);
});

test("decodeServers(), decodeApps(), forgottenSessions(): another shape is garbled", () => {
  for (const value of ["<html>", {}, 39]) {
    expect(decodeServers(bytes(value), "sip")).toMatchObject(garbled);
    expect(decodeApps(bytes(value))).toMatchObject(garbled);
    expect(forgottenSessions(bytes(value), "10.0.0.1")).toMatchObject(garbled);
  }
});

test("forgottenSessions(): this session is none of them, even where it is not listed [video 2.1.9]", () => {
  expect(forgottenSessions(bytes({ sessionList: [] }), "10.0.0.1")).toEqual({ ok: true, value: 0 });
  expect(forgottenSessions(bytes({ sessionList: [{ location: "10.0.0.1" }] }), "10.0.0.1")).toEqual({ ok: true, value: 0 });
});

test("appOf(): by persona, else by name; a persona of no application is none", () => {
  const list = [{ name: "Teams", persona: "MTR", packageName: undefined, version: "1" }];
  expect([appOf(list, "mtr")?.version, appOf(list, "teams")?.version, appOf(list, "zoom")]).toEqual(["1", "1", undefined]);
});

test("inCallByCalendar(): only a plain yes is a yes, in either shape", () => {
  expect(inCallByCalendar(bytes([{ inCall: true }]))).toBe(true);
  expect(inCallByCalendar(bytes({ meetings: [{ inCall: "true" }] }))).toBe(true);
  for (const value of [[], [{ inCall: false }], {}, "<html>", "null"]) expect(inCallByCalendar(bytes(value))).toBe(false);
});
