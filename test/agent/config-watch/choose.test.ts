import { expect, test } from "vitest";
import { lastChanged, ofSource, parseSource, SOURCE_WORDS, versionAt, widest, widestOfBoth } from "../../../agent/config-watch/choose.ts";
import { SETTING_SOURCES, type SettingsSource } from "../../../protocols/families/settings.ts";
import type { ConfigVersion } from "../../../store/configs.ts";
import { deviceId } from "../../store/temporary.ts";

const version = (source: SettingsSource, sinceMs: number, kind: ConfigVersion["cause"]["kind"] = "first"): ConfigVersion => ({
  device: deviceId(1),
  source,
  sinceMs,
  untilMs: sinceMs,
  hash: `${sinceMs}`,
  settings: 1,
  cause: { kind },
});

test("widest(): the source that shows most", () => {
  expect(widest([version("web-overrides", 1), version("values", 2)])).toBe("values");
  expect(widest([])).toBeUndefined();
});

test("widestOfBoth(): only what both have", () => {
  const [a, b] = [[version("backup", 1), version("values", 1)], [version("values", 1)]];
  expect(widestOfBoth(a, b)).toBe("values");
  expect(widestOfBoth(a, [version("export", 1)])).toBeUndefined();
});

test("lastChanged(): where something changed, else the widest; another key of the agent is no change", () => {
  expect(lastChanged([version("backup", 1), version("web-overrides", 2, "web")])).toBe("web-overrides");
  expect(lastChanged([version("backup", 1), version("web-overrides", 2, "key")])).toBe("backup");
});

test("versionAt(): what had begun by then", () => {
  const all = ofSource([version("backup", 20), version("values", 5), version("backup", 10)], "backup");
  expect([9, 10, 15, 99].map((atMs) => versionAt(all, atMs)?.sinceMs)).toEqual([undefined, 10, 10, 20]);
});

test("parseSource(), SOURCE_WORDS: every source has its words, and no other word is one", () => {
  expect(Object.keys(SOURCE_WORDS).toSorted()).toEqual([...SETTING_SOURCES].toSorted());
  expect([parseSource("backup"), parseSource("logs")]).toEqual(["backup", undefined]);
});
