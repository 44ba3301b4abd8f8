import { expect, test } from "vitest";
import { recordedText } from "../../../agent/cli/device-record-view.ts";
import { prepare } from "../../../agent/recording/folder.ts";
import { OWNER, recordingOf } from "../recording/kit.ts";

const shown = recordedText({ folder: "/tmp/group", written: true, ...prepare(recordingOf(OWNER), [OWNER.password], "/tmp/group") });

test("recordedText(): for people files, sizes and what was replaced, by count", () => {
  expect(shown.text).toMatch(/^Recorded RealPresence Group 500 in "\/tmp\/group": 7 files, [\d.]+ kB\n/);
  expect(shown.text).toMatch(/^ {2}https\.json {2,}[\d.]+ kB$/m);
  expect(shown.text).toMatch(/^Replaced: .*1 MAC address.*2 serial numbers/m);
});

test("recordedText(): neither for people nor for scripts a value that was replaced", () => {
  const all = shown.text + JSON.stringify(shown.body);
  for (const value of Object.values(OWNER)) expect(all).not.toContain(value);
});
