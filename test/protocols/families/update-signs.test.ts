import { expect, test } from "vitest";
import { ucPhoneUpdate } from "../../../protocols/families/uc-phone-update.ts";
import { judgeUpdate, REFUSAL_TEXT, refusalIn, type UpdateOutcome, type UpdateSigns } from "../../../protocols/families/update-signs.ts";

const FLASH_MS = ucPhoneUpdate.flashMs;
const BASE: UpdateSigns = { before: "5.9.6.2327", wanted: "5.9.7.3480", image: "whole" };
const judge = (more: Partial<UpdateSigns>): UpdateOutcome => judgeUpdate({ ...BASE, ...more }, FLASH_MS);

test("judgeUpdate(): the application's number read back decides, whatever else was seen [uc 9.11]", () => {
  expect(judge({ after: { application: "5.9.7.3480" } })).toEqual({ outcome: "updated" });
  expect(judge({ after: { application: "5.9.7.3480" }, silenceMs: 30_000, log: "SigKey" })).toEqual({ outcome: "updated" });
  expect(judge({ after: { application: "5.9.5.0614" } })).toEqual({ outcome: "otherVersion", found: "5.9.5.0614" });
});

test("judgeUpdate(): the Updater's number is another one and is no success [uc 9.11]", () => {
  expect(judge({ after: { updater: "5.9.7.3480" } })).toEqual({ outcome: "open" });
  expect(judge({ after: { application: "5.9.6.2327", updater: "5.9.7.47435" }, silenceMs: 30_000 })).toEqual({ outcome: "notFlashed" });
});

test("judgeUpdate(): back after a plain reboot of 30 s nothing was flashed; silence of 3 to 5 minutes speaks for a flash [uc 11.5] [prov 8.10]", () => {
  expect(judge({ silenceMs: 30_000 })).toEqual({ outcome: "notFlashed" });
  for (const silenceMs of [180_000, 300_000]) expect(judge({ silenceMs })).toEqual({ outcome: "open" });
  expect(judge({ silenceMs: 30_000, image: "none" })).toEqual({ outcome: "open" });
});

test("judgeUpdate(): the old version says nothing until the image was fetched and the phone came back", () => {
  expect(judge({ after: { application: "5.9.6.2327" } })).toEqual({ outcome: "open" });
  expect(judge({ after: { application: "5.9.6.2327" }, image: "none", silenceMs: 300_000 })).toEqual({ outcome: "open" });
  expect(judge({ after: { application: "5.9.6.2327" }, silenceMs: 300_000 })).toEqual({ outcome: "notFlashed" });
  expect(judge({})).toEqual({ outcome: "open" });
});

test("judgeUpdate(): the words of the log say why nothing was flashed [prov 8.10]", () => {
  const words: readonly (readonly [string, string])[] = [
    ["1122101500|cfg  |4|00|Could not get application name", "noApplication"],
    ["sig  |4|00|SigKey not found", "noSigningKey"],
    ["1122101500|so   |5|00|Cpu id mismatch", "otherHardware"],
    ["1122101500|copy |4|00|Download failed, status 53", "badAddress"],
    ["status=53", "badAddress"],
  ];
  for (const [log, refusal] of words) expect([log, judge({ log })]).toEqual([log, { outcome: "notFlashed", refusal }]);
  for (const log of ["status 530", "status 200", "53", ""]) expect([log, refusalIn(log)]).toEqual([log, undefined]);
  for (const text of Object.values(REFUSAL_TEXT)) expect(text).not.toBe("");
});
