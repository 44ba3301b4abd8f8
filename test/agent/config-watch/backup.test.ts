import { expect, test } from "vitest";
import { overrideBackup } from "../../../agent/config-watch/backup.ts";
import { originalIdOf } from "../../../agent/config-watch/keys.ts";
import { seal } from "../../../agent/config-watch/seal.ts";
import { device, deviceId, temporaryStore } from "../../store/temporary.ts";
import { KEYS, OTHER_KEYS, OVERRIDES, storeWithOverrides } from "./kit.ts";

const ONE = deviceId(1);

test("overrideBackup(): an uploaded file that opens and reads is kept, each for itself", () => {
  const of = (kind: "phone.cfg" | "web.cfg", source: "phone-overrides" | "web-overrides") =>
    overrideBackup(ONE, source, { store: storeWithOverrides(kind), keys: KEYS });
  expect(of("phone.cfg", "phone-overrides")).toEqual({ kind: "kept" });
  expect(of("phone.cfg", "web-overrides")).toEqual({ kind: "none" });
  expect(of("web.cfg", "web-overrides")).toEqual({ kind: "kept" });
});

test("overrideBackup(): a phone that never uploaded any has none", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  expect(overrideBackup(ONE, "phone-overrides", { store, keys: KEYS })).toEqual({ kind: "none" });
});

const id = originalIdOf(OVERRIDES, KEYS);
const other = Buffer.from("<PHONE_CONFIG><OVERRIDES a.b='2'/></PHONE_CONFIG>");
const noSettings = Buffer.from("no settings at all");
test.each([
  ["another key", { id, sealed: seal(OVERRIDES, id, OTHER_KEYS) }, /another key/],
  ["a cut seal", { id, sealed: seal(OVERRIDES, id, KEYS).subarray(0, 40) }, /another key of the agent, or is damaged/],
  ["another file", { id, sealed: seal(other, id, KEYS) }, /not what the phone uploaded/],
  ["no settings", { id: originalIdOf(noSettings, KEYS), sealed: seal(noSettings, originalIdOf(noSettings, KEYS), KEYS) }, /does not read/],
] as const)("overrideBackup(): %s: unreadable", (_what, original, why) => {
  const store = storeWithOverrides("phone.cfg", original);
  expect(overrideBackup(ONE, "phone-overrides", { store, keys: KEYS })).toEqual({
    kind: "unreadable",
    why: expect.stringMatching(why),
  });
});
