import { expect, test } from "vitest";
import { linesOf, textOf } from "../../../agent/config-watch/canonical.ts";
import { compareTexts, countsOf } from "../../../agent/config-watch/compare.ts";
import { makeReceiver, seal, unpack } from "../../../agent/config-watch/seal.ts";
import { configVerbs } from "../../../agent/config-watch/verbs.ts";
import type { ConfigWatch } from "../../../agent/config-watch/watch.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { Setting, SettingsSource } from "../../../protocols/families/settings.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { KEYS, OTHER_KEYS } from "./kit.ts";

const ONE = deviceId(1);
const never = new AbortController().signal;
const anybody = {} as never;
const SECRET = "canary-4711";

function bench(changes: { readonly keys?: typeof KEYS; readonly enabled?: boolean; readonly watch?: Partial<ConfigWatch> } = {}) {
  const store = temporaryStore();
  const save = (row: DeviceRow): void => store.devices.save({ ...row, family: "uc-phone", address: "10.0.0.1", model: "VVX 450" });
  save(device(1));
  save(device(2));
  const watch = { asks: (family: string) => family === "uc-phone", ...changes.watch } as ConfigWatch;
  const verbs = configVerbs({ store, watch, keys: changes.keys ?? KEYS, enabled: changes.enabled ?? true });
  const keep = (
    number: number,
    atMs: number,
    settings: readonly Setting[],
    more: { source?: SettingsSource; document?: string } = {},
  ): void => {
    const { source = "backup", document } = more;
    const original =
      document === undefined
        ? {}
        : { original: { id: document, sealed: seal(Buffer.from(document), document, KEYS), sizeBytes: document.length } };
    const before = store.configs.latest(deviceId(number), source);
    const text = textOf(linesOf(settings, KEYS));
    const counts = before === undefined ? {} : { counts: countsOf(compareTexts(store.configs.text(before.hash), text).changes) };
    store.configs.begin({
      device: deviceId(number),
      source,
      atMs,
      text,
      settings: settings.length,
      cause: { kind: before === undefined ? "first" : "web" },
      ...counts,
      ...original,
    });
  };
  return { store, verbs, keep };
}

const secret = (value: string): Setting => ({ key: "reg.1.auth.password", value });
const plain = (value: string): Setting => ({ key: "prov.polling.period", value, layer: "web" });

test("config.list: newest first, with what each changed, and no secret", async () => {
  const { verbs, keep } = bench();
  keep(1, T0, [secret(SECRET), plain("1")]);
  keep(1, T0 + 9, [secret(`${SECRET}2`), plain("2"), { key: "a.b", value: "1" }]);
  keep(1, T0 + 5, [plain("1")], { source: "web-overrides", document: "<x/>" });
  const listed = await verbs["config.list"]({ device: "Phone 1" }, anybody, never);
  expect(listed).toMatchObject({
    ok: true,
    result: {
      device: ONE,
      versions: [
        { source: "backup", cause: "web", changes: { added: 1, removed: 0, changed: 2 }, restorable: false },
        { source: "web-overrides", restorable: true },
        { source: "backup", cause: "first" },
      ],
    },
  });
  expect(JSON.stringify(listed)).not.toContain(SECRET);
});

test.each<[string, object, RegExp]>([
  ["waits in the inbox", { adopted: false }, /not in our care.*inbox adopt/],
  ["is of a family nobody can ask", { family: "hdx" }, /no document says how to ask hdx/],
  ["is offline", { availability: "offline" }, /is offline/],
  ["was not read yet", {}, /not been its turn yet.*--read/],
])("config.list: a device that %s says so", async (_what, changes, why) => {
  const { store, verbs } = bench();
  store.devices.save({ ...(store.devices.load(ONE) as DeviceRow), ...changes });
  expect(await verbs["config.list"]({ device: ONE }, anybody, never)).toMatchObject({
    result: { versions: [], why: expect.stringMatching(why) },
  });
  const shown = await verbs["config.show"]({ device: ONE }, anybody, never);
  expect(shown).toMatchObject({ ok: false, code: "nothingMatched", message: expect.stringMatching(why) });
});

test("config.list: why the last reading failed stands beside what was read before", async () => {
  const { store, verbs, keep } = bench();
  keep(1, T0, [plain("1")]);
  store.configs.saveRead({ device: ONE, nextMs: T0 + 60_000, readMs: T0, triedMs: T0 + 1, failures: 1, why: "no answer by https" });
  expect(await verbs["config.list"]({ device: ONE }, anybody, never)).toMatchObject({
    result: { why: "the last reading failed: no answer by https", lastRead: "2026-11-22T20:00:00.000Z" },
  });
});

test("config.list: switched off in the settings, it says that", async () => {
  const { verbs } = bench({ enabled: false });
  expect(await verbs["config.list"]({ device: ONE }, anybody, never)).toMatchObject({
    result: { why: expect.stringContaining("configWatch.enabled") },
  });
});

test("config.show: as it was then, secrets as ***", async () => {
  const { verbs, keep } = bench();
  keep(1, T0, [secret(SECRET), plain("1")]);
  keep(1, T0 + 9, [secret(SECRET), plain("2")]);
  const show = (at?: number) => verbs["config.show"]({ device: ONE, ...(at === undefined ? {} : { at }) }, anybody, never);
  expect(await show(T0 + 5)).toMatchObject({
    result: {
      lines: [
        { key: "prov.polling.period", value: "1", layer: "web" },
        { key: "reg.1.auth.password", value: "***" },
      ],
    },
  });
  expect(await show()).toMatchObject({ result: { lines: [{ value: "2" }, { value: "***" }] } });
  expect(await show(T0 - 1)).toMatchObject({
    ok: false,
    code: "nothingMatched",
    message: expect.stringContaining("first seen 2026-11-22T20:00"),
  });
});

test("config.diff: the last change by itself, between moments where they are given, nothing where nothing changed", async () => {
  const { verbs, keep } = bench();
  keep(1, T0, [secret(SECRET), plain("1")]);
  const diff = (more: object = {}) => verbs["config.diff"]({ device: ONE, ...more }, anybody, never);
  expect(await diff()).toMatchObject({ result: { changes: [] } });
  keep(1, T0 + 10, [secret(`${SECRET}2`), plain("1")]);
  keep(1, T0 + 20, [secret(`${SECRET}2`), plain("2")]);
  expect(await diff()).toMatchObject({ result: { changes: [{ key: "prov.polling.period", kind: "changed", secret: false }] } });
  const all = await diff({ from: T0 + 5 });
  expect(all).toMatchObject({
    result: {
      counts: { changed: 2 },
      changes: [{}, { key: "reg.1.auth.password", secret: true, was: [{ value: "***" }], is: [{ value: "***" }] }],
    },
  });
  expect(JSON.stringify(all)).not.toContain(SECRET);
  expect(await diff({ from: T0 + 12, to: T0 + 15 })).toMatchObject({ result: { changes: [] } });
});

test("config.diff: with another device, by the widest source both have", async () => {
  const { verbs, keep } = bench();
  keep(1, T0, [plain("1")]);
  keep(1, T0, [secret(SECRET), plain("1")], { source: "values" });
  const diff = (other: string) => verbs["config.diff"]({ device: ONE, with: other }, anybody, never);
  expect(await diff("Phone 2")).toMatchObject({
    ok: false,
    code: "nothingMatched",
    message: expect.stringContaining("no configuration of Phone 2"),
  });
  keep(2, T0, [secret(SECRET), plain("2")], { source: "values" });
  expect(await diff("Phone 2")).toMatchObject({
    result: { source: "values", a: { name: "Phone 1" }, b: { name: "Phone 2" }, changes: [{ key: "prov.polling.period" }] },
  });
  expect(await diff("nobody")).toMatchObject({ ok: false, code: "notFound" });
});

test("config.restore: the very bytes, for nobody but whoever asked", async () => {
  const document = `<PHONE_CONFIG><OVERRIDES reg.1.auth.password="${SECRET}"/></PHONE_CONFIG>`;
  const { verbs, keep } = bench();
  keep(1, T0, [secret(SECRET)], { source: "phone-overrides", document });
  const { privateKey, publicKey } = makeReceiver();
  const answer = await verbs["config.restore"]({ device: ONE, receiver: publicKey }, anybody, never);
  expect(JSON.stringify(answer)).not.toContain(SECRET);
  if (!answer.ok) throw new Error(answer.message);
  const result = answer.result as { parcel: { from: string; sealed: string }; since: string };
  expect(result).toMatchObject({
    file: "64167f000001-phone.cfg",
    secrets: 1,
    settings: 1,
    apply: expect.stringContaining("OVERRIDES_DIRECTORY"),
  });
  const about = JSON.stringify([ONE, "phone-overrides", result.since]);
  expect(unpack(result.parcel, about, privateKey)?.toString()).toBe(document);
});

test("config.restore: values asked by name are no file, and another key of the agent opens nothing", async () => {
  const { verbs, keep } = bench({ keys: OTHER_KEYS });
  const restore = (source?: SettingsSource) =>
    verbs["config.restore"](
      { device: ONE, receiver: makeReceiver().publicKey, ...(source === undefined ? {} : { source }) },
      anybody,
      never,
    );
  expect(await restore()).toMatchObject({ ok: false, code: "nothingMatched" });
  keep(1, T0, [plain("1")], { source: "values" });
  expect(await restore("values")).toMatchObject({ ok: false, code: "wrongState", message: expect.stringContaining("no file") });
  keep(1, T0, [plain("1")], { document: "<x/>" });
  expect(await restore()).toMatchObject({ ok: false, code: "faulted", message: expect.stringContaining("agent-key.json") });
});

test("config.read: the agent reads it now; what fails says why; who is not ours is not asked", async () => {
  const readings = [{ source: "backup", as: "changed", changes: 2 }] as const;
  const good = bench({ watch: { refresh: async () => ok(readings) } });
  expect(await good.verbs["config.read"]({ device: ONE }, anybody, never)).toMatchObject({ ok: true, result: { readings } });
  const bad = bench({ watch: { refresh: async () => fail({ kind: "unreachable", via: "https" }) } });
  expect(await bad.verbs["config.read"]({ device: ONE }, anybody, never)).toMatchObject({ ok: false, code: "faulted" });
  bad.store.devices.save({ ...(bad.store.devices.load(ONE) as DeviceRow), adopted: false });
  expect(await bad.verbs["config.read"]({ device: ONE }, anybody, never)).toMatchObject({ ok: false, code: "wrongState" });
  expect(await bad.verbs["config.read"]({ device: "nobody" }, anybody, never)).toMatchObject({ ok: false, code: "notFound" });
});
