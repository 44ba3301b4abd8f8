import { expect, test } from "vitest";
import { type BeforeUpdateIo, beforeUpdate, judgeSight } from "../../../agent/config-watch/before-update.ts";
import { originalIdOf } from "../../../agent/config-watch/keys.ts";
import { seal } from "../../../agent/config-watch/seal.ts";
import { snapshotOfUpload } from "../../../agent/config-watch/snapshot.ts";
import { takeSnapshot } from "../../../agent/config-watch/take.ts";
import { ThreadGone } from "../../../agent/threads/channel.ts";
import type { OverrideSight } from "../../../agent/threads/depot-requests.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { Store } from "../../../store/store.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";
import { KEYS, OTHER_KEYS, OVERRIDES, storeWithOverrides } from "./kit.ts";

const ONE = deviceId(1);
const never = new AbortController().signal;
const ABSENT: OverrideSight = { kind: "absent" };
const hidden = (why = "it does not let the agent see it (401)", old = false): OverrideSight => ({ kind: "hidden", why, old });

function there(kind: "phone.cfg" | "web.cfg" = "phone.cfg"): OverrideSight {
  const made = snapshotOfUpload(macOf(1), kind, OVERRIDES, KEYS);
  if (made?.ok !== true) throw new Error("no settings");
  return { kind: "there", snapshot: made.value };
}

interface Bench {
  readonly said: string[];
  readonly looked: unknown[];
  readonly store: Store;
  go(withoutBackup?: boolean): ReturnType<typeof beforeUpdate>;
}

function bench(
  mode: BeforeUpdateIo["mode"],
  sights: { phone?: OverrideSight; web?: OverrideSight } = {},
  changes: Partial<BeforeUpdateIo> = {},
): Bench {
  const store = (changes.store as Store | undefined) ?? temporaryStore();
  const row: DeviceRow = device(1, { family: "uc-phone", model: "VVX 450", address: "10.0.0.1", ...store.devices.load(ONE) });
  store.devices.save({ ...row, family: row.family ?? "uc-phone" });
  const said: string[] = [];
  const looked: unknown[] = [];
  const io: BeforeUpdateIo = {
    ...{ store, keys: KEYS, mode },
    look: async (phone) => {
      looked.push(phone);
      return { phone: ABSENT, web: ABSENT, ...sights };
    },
    takeUploads: async () => undefined,
    take: (id, snapshot) => void takeSnapshot(id, snapshot, T0, { store, tell: () => undefined }),
    say: (what) => void said.push(what),
    ...changes,
  };
  return { said, looked, store, go: (withoutBackup = false) => beforeUpdate(ONE, { withoutBackup }, io, never) };
}

test("beforeUpdate(), own: what never came here is nowhere; its update goes on, and that is said", async () => {
  const { go, said, looked } = bench("own");
  expect(await go()).toBeUndefined();
  expect(said).toEqual(["no overrides of the phone are known: its update goes on without a copy of them"]);
  expect(looked).toEqual([]);
});

test("beforeUpdate(), own: a copy that cannot be given back holds the update; a plan may go on without", async () => {
  const id = originalIdOf(OVERRIDES, KEYS);
  const store = storeWithOverrides("web.cfg", { id, sealed: seal(OVERRIDES, id, OTHER_KEYS) });
  const { go, said } = bench("own", {}, { store });
  expect(await go()).toMatchObject({ why: expect.stringMatching(/^the copy of its web-overrides cannot be given back: /) });
  expect(said).toEqual([]);
  expect(await go(true)).toBeUndefined();
  expect(said).toEqual([expect.stringMatching(/goes on without a copy of its overrides, as the plan says: the copy of its web-overrides/)]);
});

test("beforeUpdate(), overlay: the phone's files are asked of the customer's server as this phone's, kept, and then it goes on", async () => {
  const { go, said, looked, store } = bench("overlay", { phone: there(), web: there("web.cfg") });
  expect(await go()).toBeUndefined();
  expect([said, looked]).toEqual([[], [{ mac: macOf(1), model: "VVX 450", address: "10.0.0.1" }]]);
  expect(store.configs.versions(ONE).map(({ source }) => source)).toEqual(["phone-overrides", "web-overrides"]);
});

test("beforeUpdate(), overlay: none there is a verified empty backup", async () => {
  const { go, said, store } = bench("overlay");
  expect([await go(), said, store.configs.versions(ONE)]).toEqual([undefined, [], []]);
});

test("beforeUpdate(), overlay: a file that cannot be seen holds the update and says who can end that; a plan may go on without", async () => {
  const { go, said } = bench("overlay", { web: hidden() });
  expect(await go()).toEqual({
    why: "its web-overrides cannot be seen on the customer's boot server: it does not let the agent see it (401)",
    endedBy: expect.stringMatching(/a restart of the phone .*withoutBackup/),
  });
  expect(await go(true)).toBeUndefined();
  expect(said).toHaveLength(1);
});

test("beforeUpdate(), overlay: where it cannot be seen the newest that passed stands in, unless something newer passed that was not kept", async () => {
  const store = storeWithOverrides("phone.cfg");
  const kept = bench("overlay", { phone: hidden() }, { store });
  expect(await kept.go()).toBeUndefined();
  expect(kept.said).toEqual([
    "its phone-overrides cannot be seen now, and the newest that passed is kept: it does not let the agent see it (401)",
  ]);
  const older = bench("overlay", { phone: hidden("it answers 500", true) }, { store });
  expect(await older.go()).toMatchObject({ why: expect.stringMatching(/it answers 500, and the copy kept here is older/) });
});

test("beforeUpdate(), overlay: an upload that still lies where it came is taken in before it is judged", async () => {
  const store = temporaryStore();
  const sight = there();
  if (sight.kind !== "there") throw new Error("no sight");
  const takeUploads = async (): Promise<void> => void takeSnapshot(ONE, sight.snapshot, T0, { store, tell: () => undefined });
  expect(await bench("overlay", { phone: hidden() }, { store, takeUploads }).go()).toBeUndefined();
});

test("beforeUpdate(), overlay: a depot thread that dies holds the update", async () => {
  const { go } = bench("overlay", {}, { look: () => Promise.reject(new ThreadGone("the depot thread ended")) });
  expect(await go()).toMatchObject({ why: expect.stringMatching(/cannot be seen .*: the depot thread ended/) });
});

test("beforeUpdate(), image-only: they cannot be seen; it says so, and what a technician can do", async () => {
  const { go, said, looked } = bench("image-only");
  expect(await go()).toEqual({
    why: expect.stringMatching(/cannot be seen from here: in mode image-only/),
    endedBy: expect.stringMatching(/mode overlay.*saved.*withoutBackup/),
  });
  expect(await go(true)).toBeUndefined();
  expect([said.length, looked]).toEqual([1, []]);
});

test.each(["overlay", "image-only", "own"] as const)("beforeUpdate(), %s: a room keeps no overrides there", async (mode) => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "video-os" }));
  const { go, said, looked } = bench(mode, { phone: hidden() }, { store });
  expect([await go(), said, looked]).toEqual([undefined, [], []]);
});

const KEPT = { kind: "kept" } as const;
const NONE = { kind: "none" } as const;
const BAD = { kind: "unreadable", why: "damaged" } as const;
test.each([
  ["absent", ABSENT, NONE, "goes on"],
  ["absent, whatever was kept once", ABSENT, BAD, "goes on"],
  ["there and kept", there(), KEPT, "goes on"],
  ["there and not kept", there(), NONE, "waits"],
  ["there, and its copy does not open", there(), BAD, "waits"],
  ["hidden, never passed", hidden(), NONE, "waits"],
  ["hidden, and its copy does not open", hidden(), BAD, "waits"],
  ["hidden, passed and kept", hidden(), KEPT, "says"],
  ["hidden, passed and kept, then passed again", hidden("no", true), KEPT, "waits"],
] as const)("judgeSight(): %s", (_what, sight, copy, wanted) => {
  const judged = judgeSight("phone-overrides", sight, copy);
  expect(judged === undefined ? "goes on" : "say" in judged ? "says" : "waits").toBe(wanted);
});
