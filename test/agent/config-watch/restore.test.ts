import { expect, test } from "vitest";
import { aboutOf, restoreFile } from "../../../agent/config-watch/restore.ts";
import { makeReceiver, seal } from "../../../agent/config-watch/seal.ts";
import { SETTING_SOURCES } from "../../../protocols/families/settings.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { KEYS } from "./kit.ts";

const sources = SETTING_SOURCES.filter((source) => source !== "values");

test.each(sources)("restoreFile(): %s has a name and says how it goes back", (source) => {
  const store = temporaryStore();
  store.devices.save(device(1));
  const original = { id: "o", sealed: seal(Buffer.from("<x/>"), "o", KEYS), sizeBytes: 4 };
  store.configs.begin({ device: deviceId(1), source, atMs: T0, text: "a.b = 1\n", settings: 1, original, cause: { kind: "first" } });
  const version = store.configs.latest(deviceId(1), source) ?? expect.fail("none");
  const made = restoreFile(device(1), version, makeReceiver().publicKey, { store, keys: KEYS });
  expect(made).toMatchObject({ ok: true, result: { file: expect.stringContaining("64167f000001-"), sizeBytes: 4, secrets: 0 } });
  expect((made as { result: { apply: string } }).result.apply.length).toBeGreaterThan(40);
});

test("aboutOf(): device, source and moment, told apart", () => {
  expect(new Set([aboutOf("a", "b", "c"), aboutOf("ab", "", "c"), aboutOf("a", "bc", "")]).size).toBe(3);
});
