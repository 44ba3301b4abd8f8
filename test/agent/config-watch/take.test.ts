import { expect, test } from "vitest";
import { linesOf, textOf } from "../../../agent/config-watch/canonical.ts";
import { type TakeIo, takeSnapshot, valueText } from "../../../agent/config-watch/take.ts";
import { eventSchemas } from "../../../agent/feed/events.ts";
import type { Setting } from "../../../protocols/families/settings.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { KEYS, OTHER_KEYS, snapshot } from "./kit.ts";

const ONE = deviceId(1);

function bench() {
  const store = temporaryStore();
  store.devices.save(device(1));
  const told: unknown[] = [];
  const noted: unknown[] = [];
  const io: TakeIo = {
    store,
    tell: (event) => void told.push(eventSchemas["config.changed"].parse(event)),
    noteChange: (...args) => void noted.push(args),
  };
  const take = (settings: readonly Setting[], atMs: number, keys = KEYS) =>
    takeSnapshot(ONE, snapshot({ source: "backup", text: textOf(linesOf(settings, keys)), settings: settings.length }), atMs, io);
  return { store, told, noted, take };
}

test("takeSnapshot(): the first is nothing new to anybody", () => {
  const { store, told, noted, take } = bench();
  expect(take([{ key: "a.b", value: "1" }], T0)).toEqual({ as: "first" });
  expect(store.configs.versions(ONE)).toMatchObject([{ cause: { kind: "first" }, sinceMs: T0 }]);
  expect([told, noted]).toEqual([[], []]);
});

test("takeSnapshot(): the same in another order and spelling is the same, seen again", () => {
  const { store, told, take } = bench();
  take(
    [
      { key: "a.b", value: "True" },
      { key: "c.d", value: "x" },
    ],
    T0,
  );
  expect(
    take(
      [
        { key: "c.d", value: "x " },
        { key: "a.b", value: "true" },
      ],
      T0 + 60,
    ),
  ).toEqual({ as: "same" });
  expect(store.configs.versions(ONE)).toMatchObject([{ sinceMs: T0, untilMs: T0 + 60 }]);
  expect(told).toEqual([]);
});

test("takeSnapshot(): a change is a version, one event with masked values, and a note for the recorder", () => {
  const { store, told, noted, take } = bench();
  take(
    [
      { key: "reg.1.auth.password", value: "canary-one" },
      { key: "a.b", value: "1", layer: "web" },
    ],
    T0,
  );
  take(
    [
      { key: "reg.1.auth.password", value: "canary-one" },
      { key: "a.b", value: "1", layer: "web" },
    ],
    T0 + 5,
  );
  take(
    [
      { key: "reg.1.auth.password", value: "canary-two" },
      { key: "a.b", value: "2", layer: "web" },
      { key: "c.d", value: "" },
    ],
    T0 + 60,
  );
  expect(store.configs.versions(ONE).map(({ sinceMs, untilMs }) => [sinceMs - T0, untilMs - T0])).toEqual([
    [0, 5],
    [60, 60],
  ]);
  expect(told).toEqual([
    {
      device: ONE,
      source: "backup",
      added: 1,
      removed: 0,
      changed: 2,
      unchangedUntil: "2026-11-22T20:00:00.005Z",
      cause: "unknown",
      settings: [
        { key: "a.b", was: "1 (web)", is: "2 (web)" },
        { key: "c.d", is: "" },
        { key: "reg.1.auth.password", was: "***", is: "***" },
      ],
    },
  ]);
  expect(noted).toEqual([[ONE, "config", T0 + 60]]);
});

test("takeSnapshot(): an event has room for fifty settings and says how many there were", () => {
  const { told, take } = bench();
  take([], T0);
  take(
    Array.from({ length: 300 }, (_, n) => ({ key: `a.b${n}`, value: "x".repeat(2_000) })),
    T0 + 1,
  );
  expect(told).toMatchObject([{ added: 300 }]);
  expect((told as { settings: unknown[] }[])[0]?.settings).toHaveLength(50);
});

test("takeSnapshot(): after the agent's key changed secrets are no change, and are compared under the new one from then on", () => {
  const { store, told, take } = bench();
  const settings = (value: string) => [{ key: "reg.1.auth.password", value }];
  take(settings("one"), T0);
  expect(take(settings("one"), T0 + 1, OTHER_KEYS)).toEqual({ as: "same" });
  expect(store.configs.versions(ONE).map(({ cause }) => cause.kind)).toEqual(["first", "key"]);
  expect(told).toEqual([]);
  expect(take(settings("two"), T0 + 2, OTHER_KEYS)).toMatchObject({ as: "changed" });
});

test("takeSnapshot(): no version without its event", () => {
  const { store, take } = bench();
  take([{ key: "a.b", value: "1" }], T0);
  const io: TakeIo = {
    store,
    tell: () => {
      throw new Error("the outbox is full");
    },
  };
  expect(() => takeSnapshot(ONE, snapshot({ source: "backup" }, { "a.b": "2" }), T0 + 1, io)).toThrow("full");
  expect(store.configs.versions(ONE)).toHaveLength(1);
});

test("valueText(): layers in words, marks as ***", () => {
  expect(
    valueText([
      { key: "a", value: "1", layer: "config" },
      { key: "a", value: "2", layer: "web" },
    ]),
  ).toBe("1 (config), 2 (web)");
});
