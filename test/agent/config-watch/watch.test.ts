import { expect, test } from "vitest";
import { RETRY_FIRST_MS } from "../../../agent/config-watch/schedule.ts";
import type { Snapshot } from "../../../agent/config-watch/snapshot.ts";
import { createConfigWatch, type WatchIo } from "../../../agent/config-watch/watch.ts";
import { SILENT } from "../../../agent/log.ts";
import type { OverrideRef } from "../../../agent/threads/depot-requests.ts";
import { fail, ok, type Result } from "../../../protocols/core/fault.ts";
import { DAY, HOUR, manualClock } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";
import { snapshot } from "./kit.ts";

const never = new AbortController().signal;
const ONE = deviceId(1);
const phone = (number: number, changes: Partial<DeviceRow> = {}): DeviceRow =>
  device(number, { family: "uc-phone", address: `10.0.0.${number}`, ...changes });

function bench(rows: readonly DeviceRow[] = [phone(1)]) {
  const store = temporaryStore();
  for (const row of rows) store.devices.save(row);
  const clock = manualClock(T0);
  const asked: string[] = [];
  const told: unknown[] = [];
  const noted: unknown[] = [];
  const files = new Map<string, { ref: OverrideRef; is: Result<Snapshot> }>();
  const world: { answer: (address: string) => Promise<Result<Snapshot>> } = { answer: async () => ok(snapshot()) };
  const io: WatchIo = {
    store,
    families: ["uc-phone"],
    everyMs: DAY,
    refOf: ({ address, family }) => (address === undefined || family === undefined ? undefined : { address, family }),
    read: (ref) => {
      asked.push(ref.address);
      return world.answer(ref.address);
    },
    uploads: {
      waiting: async () => [...files.values()].map(({ ref }) => ref),
      take: async ({ mac, kind }) => files.get(`${mac}${kind}`)?.is,
      async drop({ mac, kind }, original) {
        const file = files.get(`${mac}${kind}`);
        const holds = file?.is.ok === true ? file.is.value.original?.id : undefined;
        if (holds === original) files.delete(`${mac}${kind}`);
      },
    },
    tell: (event) => void told.push(event),
    noteChange: (...args) => void noted.push(args),
    clock,
    log: SILENT,
  };
  const upload = (number: number, value: string, kind: OverrideRef["kind"] = "phone.cfg"): void => {
    const ref = { mac: macOf(number), kind };
    const original = { id: value, sealed: Buffer.from(value), sizeBytes: value.length };
    files.set(`${ref.mac}${kind}`, { ref, is: ok(snapshot({ source: "phone-overrides", original }, { "a.b": value })) });
  };
  return { store, clock, asked, told, noted, files, world, upload, watch: createConfigWatch(io) };
}

test("turn(): once a day, a few at a time, and no device that cannot be asked", async () => {
  const { asked, clock, watch, store } = bench([
    ...[1, 2, 3, 4, 5].map((n) => phone(n)),
    phone(6, { family: "switch" }),
    phone(7, { adopted: false }),
  ]);
  await watch.turn(never);
  expect(asked).toHaveLength(3);
  await watch.turn(never);
  await watch.turn(never);
  expect(asked.toSorted()).toEqual([1, 2, 3, 4, 5].map((n) => `10.0.0.${n}`));
  await clock.advance(DAY);
  for (let n = 0; n < 4; n++) await watch.turn(never);
  expect(asked).toHaveLength(10);
  expect(store.configs.versions(ONE)).toMatchObject([{ sinceMs: T0, untilMs: T0 + DAY }]);
});

test("turn(): a device that fails is asked again later and later, and says why", async () => {
  const { asked, clock, watch, store, world } = bench();
  world.answer = async () => fail({ kind: "denied", via: "https", credentialId: "site" });
  await watch.turn(never);
  await watch.turn(never);
  expect(asked).toHaveLength(1);
  expect(store.configs.lastRead(ONE)).toMatchObject({
    failures: 1,
    nextMs: T0 + RETRY_FIRST_MS,
    why: expect.stringContaining('credential "site"'),
  });
  await clock.advance(RETRY_FIRST_MS);
  await watch.turn(never);
  expect(store.configs.lastRead(ONE)).toMatchObject({ failures: 2, nextMs: T0 + 3 * RETRY_FIRST_MS });
  expect(store.configs.versions(ONE)).toEqual([]);
});

test("turn(): a field thread that dies is a failure of that reading alone", async () => {
  const { watch, store, world, asked } = bench([phone(1), phone(2)]);
  world.answer = async (address) => {
    if (address === "10.0.0.1") throw new Error("thread gone");
    return ok(snapshot());
  };
  await watch.turn(never);
  expect(asked).toHaveLength(2);
  expect(store.configs.lastRead(ONE)).toMatchObject({ failures: 1 });
  expect(store.configs.versions(deviceId(2))).toHaveLength(1);
});

test("turn(): whoever says it is another device has nothing kept", async () => {
  const { watch, store, world } = bench();
  world.answer = async () => ok(snapshot({ facts: { mac: macOf(9) } }));
  await watch.turn(never);
  expect(store.configs.versions(ONE)).toEqual([]);
  expect(store.configs.lastRead(ONE)?.why).toContain(macOf(9));
});

test("turn(): a change is noted for the recorder, with the names of what changed", async () => {
  const { clock, noted, watch, world } = bench();
  await watch.turn(never);
  world.answer = async () => ok(snapshot({}, { "a.b": "2", "c.d": "1", "e.f": "1", "g.h": "1" }));
  await clock.advance(DAY);
  await watch.turn(never);
  expect(noted).toEqual([[ONE, "configuration", T0 + DAY, "settings changed: a.b, c.d, e.f and 1 more"]]);
});

test("want(), wantBefore(): read again soon; before an update only where the last reading is old", async () => {
  const { asked, clock, watch } = bench();
  await watch.turn(never);
  watch.wantBefore([ONE], "before an update");
  await watch.turn(never);
  expect(asked).toHaveLength(1);
  watch.want([ONE], "after an update");
  await watch.turn(never);
  expect(asked).toHaveLength(1);
  await clock.advance(HOUR / 60);
  await watch.turn(never);
  expect(asked).toHaveLength(2);
  await clock.advance(2 * HOUR);
  watch.wantBefore([ONE], "before an update");
  await watch.turn(never);
  expect(asked).toHaveLength(3);
});

test("turn(): an uploaded file is kept and goes; the next one is a change with its event", async () => {
  const { watch, store, upload, files, told } = bench([phone(1, { availability: "offline" })]);
  upload(1, "1");
  await watch.turn(never);
  expect([store.configs.versions(ONE).length, files.size, told.length]).toEqual([1, 0, 0]);
  upload(1, "2");
  await watch.turn(never);
  expect(store.configs.versions(ONE).map(({ original, cause }) => [original, cause.kind])).toEqual([
    ["1", "first"],
    ["2", "phone"],
  ]);
  expect(told).toMatchObject([{ source: "phone-overrides", changed: 1, cause: "phone" }]);
});

test("turn(): files of devices that are not in our care stay where they are, and keep nobody waiting", async () => {
  const { watch, store, upload, files } = bench([phone(1), phone(2, { adopted: false })]);
  upload(2, "x");
  upload(77, "x");
  upload(1, "1");
  await watch.turn(never);
  expect(files.size).toBe(2);
  expect(store.configs.versions(ONE).some(({ source }) => source === "phone-overrides")).toBe(true);
});

test("turn(): a file that is no settings goes, one that came meanwhile stays", async () => {
  const { watch, store, files, upload } = bench();
  files.set(`${macOf(1)}phone.cfg`, {
    ref: { mac: macOf(1), kind: "phone.cfg" },
    is: fail({ kind: "garbled", via: "provisioning", wanted: "settings" }),
  });
  await watch.turn(never);
  expect([files.size, store.configs.versions(ONE).filter(({ source }) => source === "phone-overrides").length]).toEqual([0, 0]);
  upload(1, "1");
  await watch.turn(never);
  expect(store.configs.latest(ONE, "phone-overrides")).toBeDefined();
});

test("turn(): a flood of uploads begins a dozen versions an hour at most, and the newest is kept in the end", async () => {
  const { watch, store, clock, upload, files } = bench([phone(1, { availability: "offline" })]);
  for (let n = 0; n < 30; n++) {
    upload(1, `${n}`);
    await clock.advance(1_000);
    await watch.turn(never);
  }
  expect(store.configs.versions(ONE)).toHaveLength(12);
  expect(files.size).toBe(1);
  await clock.advance(HOUR);
  await watch.turn(never);
  expect(store.configs.latest(ONE, "phone-overrides")?.original).toBe("29");
});

test("refresh(): at once, with what it uploaded; a device that cannot be asked says so", async () => {
  const { watch, upload, store } = bench([phone(1), phone(2, { family: "switch" })]);
  upload(1, "1");
  const row = (number: number) => store.devices.load(deviceId(number)) ?? expect.fail("no row");
  expect(await watch.refresh(row(1), never)).toEqual({
    ok: true,
    value: [
      { source: "phone-overrides", as: "first", changes: 0 },
      { source: "values", as: "first", changes: 0 },
    ],
  });
  expect(await watch.refresh(row(2), never)).toMatchObject({ ok: false, fault: { kind: "off" } });
});

test("turn(): a device that was merged away while it was asked leaves nothing behind", async () => {
  const { watch, store, world } = bench([phone(1), phone(2, { availability: "offline" })]);
  world.answer = async () => {
    store.devices.rename(ONE, deviceId(2));
    return ok(snapshot());
  };
  await watch.turn(never);
  expect([store.configs.versions(ONE), store.configs.lastRead(ONE)]).toEqual([[], undefined]);
});

test("takeUploads(), take(): what a phone uploaded, and what somebody else read of it, are versions like any other", async () => {
  const { watch, upload, store, files, noted } = bench([phone(1), phone(2)]);
  upload(1, "1");
  upload(2, "2");
  await watch.takeUploads(macOf(1));
  // The other's lies where it came.
  expect([files.size, store.configs.versions(ONE).length]).toEqual([1, 1]);
  watch.take(ONE, snapshot({ source: "web-overrides" }, { "a.b": "2" }));
  watch.take(ONE, snapshot({ source: "web-overrides" }, { "a.b": "3" }));
  expect(store.configs.versions(ONE).map(({ source }) => source)).toEqual(["phone-overrides", "web-overrides", "web-overrides"]);
  expect(noted).toHaveLength(1);
});
