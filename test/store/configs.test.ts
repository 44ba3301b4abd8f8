import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEVICE_BYTES_MAX, type NewVersion, type Original, VERSIONS_MAX } from "../../store/configs.ts";
import { MAIN_FILE } from "../../store/open.ts";
import type { Store } from "../../store/store.ts";
import { device, deviceId, rawly, storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const ONE = deviceId(1);
const TWO = deviceId(2);

function filled(): Store {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number));
  return store;
}

const original = (id: string, sizeBytes = 3): Original => ({ id, sealed: randomBytes(sizeBytes), sizeBytes });
const version = (changes: Partial<NewVersion> = {}): NewVersion => ({
  device: ONE,
  source: "backup",
  atMs: T0,
  text: "a.b = 1\n",
  settings: 1,
  cause: { kind: "first" },
  ...changes,
});
const count = (directory: string, table: string): unknown =>
  rawly(join(directory, MAIN_FILE), (sql) => sql.one(`select count(*) as n from ${table}`)?.["n"]);

test("configs: a version, its text and its original are there after a restart", () => {
  const folder = temporaryFolder();
  const before = storeIn(folder);
  before.devices.save(device(1));
  const kept = original("o1");
  before.configs.begin(
    version({ original: kept, cause: { kind: "campaign", campaign: "c-1", task: "t-1" }, counts: { added: 1, removed: 2, changed: 3 } }),
  );
  before.close();
  const { configs } = storeIn(folder);
  const [found] = configs.versions(ONE);
  expect(found).toMatchObject({
    sinceMs: T0,
    untilMs: T0,
    settings: 1,
    original: "o1",
    originalBytes: 3,
    cause: { campaign: "c-1" },
    counts: { added: 1, removed: 2, changed: 3 },
  });
  expect(configs.text(found?.hash ?? "")).toBe("a.b = 1\n");
  expect(configs.sealed("o1")?.equals(Buffer.from(kept.sealed))).toBe(true);
});

test("seen(): the same version lasts longer, with the newest original alone, and its end never goes back", () => {
  const { configs } = filled();
  configs.begin(version({ original: original("o1") }));
  const latest = () => configs.latest(ONE, "backup") ?? expect.fail("none");
  configs.seen(latest(), T0 + 9, original("o2"));
  configs.seen(latest(), T0 + 5);
  expect(configs.versions(ONE)).toMatchObject([{ sinceMs: T0, untilMs: T0 + 9, original: "o2" }]);
  expect([configs.sealed("o1"), configs.sealed("o2")]).toEqual([undefined, expect.anything()]);
});

test("begin(): one text for all who have it, gone with the last of them", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  for (const number of [1, 2]) store.devices.save(device(number));
  store.configs.begin(version());
  store.configs.begin(version({ device: TWO }));
  expect(count(folder, "config_texts")).toBe(1);
  for (let n = 1; n <= VERSIONS_MAX + 5; n++) store.configs.begin(version({ atMs: T0 + n, text: `a.b = ${n}0\n` }));
  expect(count(folder, "config_texts")).toBe(VERSIONS_MAX);
  expect(store.configs.text(store.configs.latest(TWO, "backup")?.hash ?? "")).toBe("a.b = 1\n");
});

test("begin(): the first, the last and the newest others stay", () => {
  const { configs } = filled();
  for (let n = 0; n < VERSIONS_MAX + 20; n++) configs.begin(version({ atMs: T0 + n, text: `a.b = ${n}\n` }));
  configs.begin(version({ source: "web-overrides" }));
  const kept = configs
    .versions(ONE)
    .filter(({ source }) => source === "backup")
    .map(({ sinceMs }) => sinceMs - T0);
  expect(kept).toHaveLength(VERSIONS_MAX);
  expect(kept.slice(0, 2)).toEqual([0, 21]);
  expect(kept.at(-1)).toBe(VERSIONS_MAX + 19);
  expect(configs.versions(ONE)).toHaveLength(VERSIONS_MAX + 1);
});

test("begin(): a device has its bytes and no more; the first and last of each source stay", () => {
  const { configs } = filled();
  const size = DEVICE_BYTES_MAX / 4;
  for (let n = 0; n < 9; n++) configs.begin(version({ atMs: T0 + n, text: `a.b = ${n}\n`, original: original(`o${n}`, size) }));
  expect(configs.versions(ONE).map(({ original: id }) => id)).toEqual(["o0", "o7", "o8"]);
  expect(configs.sealed("o3")).toBeUndefined();
});

test("begin(): undone with the transaction it is in", () => {
  const store = filled();
  expect(() =>
    store.transaction(() => {
      store.configs.begin(version());
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(store.configs.versions(ONE)).toEqual([]);
});

test("tidy(): two devices that became one leave nothing behind; one that went does", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  for (const number of [1, 2]) store.devices.save(device(number));
  store.configs.begin(version({ text: "a.b = 1\n", original: original("o1") }));
  store.configs.begin(version({ device: TWO, text: "a.b = 2\n", original: original("o2") }));
  store.configs.begin(version({ device: TWO, atMs: T0 + 5, text: "a.b = 3\n" }));
  store.devices.rename(ONE, TWO);
  expect(store.configs.tidy()).toBe(0);
  expect(store.configs.versions(TWO).map(({ hash }) => store.configs.text(hash))).toEqual(["a.b = 2\n", "a.b = 1\n", "a.b = 3\n"]);
  rawly(join(folder, MAIN_FILE), (sql) => sql.run("delete from config_versions where since_ms > @T0", { T0 }));
  expect(store.configs.tidy()).toBe(3);
  expect([count(folder, "config_texts"), count(folder, "config_originals")]).toEqual([1, 1]);
  expect(store.configs.tidy()).toBe(0);
});

test("begin(): two of one moment, and one of a clock that went back, keep their order", () => {
  const { configs } = filled();
  for (const [at, text] of [
    [T0, "a.b = 1\n"],
    [T0, "a.b = 2\n"],
    [T0 - 500, "a.b = 3\n"],
  ] as const) {
    configs.begin(version({ atMs: at, text }));
  }
  expect(configs.versions(ONE).map(({ sinceMs, hash }) => [sinceMs - T0, configs.text(hash)])).toEqual([
    [0, "a.b = 1\n"],
    [1, "a.b = 2\n"],
    [2, "a.b = 3\n"],
  ]);
});
