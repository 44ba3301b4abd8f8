import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { createPhoneHabits } from "../../../protocols/provisioning/phone-habits.ts";
import { MAC } from "./kit.ts";

test("phone habits: folders of master files without what comes after a question mark, the last ones, each once", () => {
  const habits = createPhoneHabits();
  expect(habits.of(MAC)).toBeUndefined();
  for (const url of ["/a/x.cfg?b=/c/", "/x.cfg", "/a/x.cfg"]) habits.booted(MAC, { url, userAgent: `agent of ${url}` });
  expect(habits.of(MAC)).toEqual({ folders: ["/", "/a/"], userAgent: "agent of /a/x.cfg", overrides: {}, absent: {} });
  for (const folder of ["b", "c", "d"]) habits.booted(MAC, { url: `/${folder}/x.cfg` });
  expect(habits.of(MAC)).toMatchObject({ folders: ["/a/", "/b/", "/c/", "/d/"], userAgent: "agent of /a/x.cfg" });
});

test("phone habits: an override file that is there, or may be, is no longer absent", () => {
  const habits = createPhoneHabits();
  habits.hasNone(MAC, "web");
  habits.hasNone(MAC, "phone");
  habits.hasOverride(MAC, "web", "/o/x-web.cfg?y");
  expect(habits.of(MAC)).toEqual({ folders: [], overrides: { web: "/o/x-web.cfg" }, absent: { web: false, phone: true } });
});

test("phone habits: of a flood of phones the one that was silent longest is forgotten", () => {
  const habits = createPhoneHabits();
  const macAt = (at: number) => at.toString(16).padStart(12, "0") as Mac;
  for (let at = 0; at < 20_000; at++) habits.hasNone(macAt(at), "web");
  habits.hasNone(macAt(0), "phone");
  habits.hasNone(MAC, "web");
  expect([habits.of(macAt(0)) === undefined, habits.of(macAt(1)) === undefined]).toEqual([false, true]);
});
