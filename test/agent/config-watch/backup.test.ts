import { expect, test } from "vitest";
import { backupTrouble, overrideBackup } from "../../../agent/config-watch/backup.ts";
import { originalIdOf } from "../../../agent/config-watch/keys.ts";
import { seal } from "../../../agent/config-watch/seal.ts";
import { snapshotOfUpload } from "../../../agent/config-watch/snapshot.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { KEYS, OTHER_KEYS } from "./kit.ts";

const ONE = deviceId(1);
const FILE = Buffer.from('<PHONE_CONFIG><OVERRIDES reg.1.auth.password="canary-1" a.b="1"/></PHONE_CONFIG>');

function stored(kind: "phone.cfg" | "web.cfg", sealedAs?: { readonly id: string; readonly sealed: Uint8Array }) {
  const store = temporaryStore();
  store.devices.save(device(1));
  const made = snapshotOfUpload("64167f000001" as Mac, kind, FILE, KEYS);
  if (made === undefined || !made.ok || made.value.original === undefined) throw new Error("no settings");
  const { source, text, settings, original } = made.value;
  store.configs.begin({ device: ONE, source, atMs: T0, text, settings, original: { ...original, ...sealedAs }, cause: { kind: "first" } });
  return store;
}

test("overrideBackup(): an uploaded file that opens and reads is kept", () => {
  expect(overrideBackup(ONE, { store: stored("phone.cfg"), keys: KEYS })).toEqual({ kind: "kept", sources: ["phone-overrides"] });
  expect(overrideBackup(ONE, { store: stored("web.cfg"), keys: KEYS })).toEqual({ kind: "kept", sources: ["web-overrides"] });
});

test("overrideBackup(): a phone that never uploaded any has none; its update goes on, and that is said", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  const said: string[] = [];
  expect(overrideBackup(ONE, { store, keys: KEYS })).toEqual({ kind: "none" });
  expect(backupTrouble(ONE, { store, keys: KEYS, say: (what) => said.push(what) })).toBeUndefined();
  expect(said).toEqual(["no overrides of the phone are known: its update goes on without a copy of them"]);
});

const id = originalIdOf(FILE, KEYS);
const other = Buffer.from("<PHONE_CONFIG><OVERRIDES a.b='2'/></PHONE_CONFIG>");
const noSettings = Buffer.from("no settings at all");
test.each([
  ["another key", { id, sealed: seal(FILE, id, OTHER_KEYS) }, /another key/],
  ["a cut seal", { id, sealed: seal(FILE, id, KEYS).subarray(0, 40) }, /another key of the agent, or is damaged/],
  ["another file", { id, sealed: seal(other, id, KEYS) }, /not what the phone uploaded/],
  ["no settings", { id: originalIdOf(noSettings, KEYS), sealed: seal(noSettings, originalIdOf(noSettings, KEYS), KEYS) }, /does not read/],
] as const)("overrideBackup(): %s: unreadable, and the update waits", (_what, original, why) => {
  const store = stored("phone.cfg", original);
  const said: string[] = [];
  expect(overrideBackup(ONE, { store, keys: KEYS })).toMatchObject({
    kind: "unreadable",
    source: "phone-overrides",
    why: expect.stringMatching(why),
  });
  expect(backupTrouble(ONE, { store, keys: KEYS, say: (what) => said.push(what) })).toMatch(
    /^the copy of its phone-overrides cannot be given back: /,
  );
  expect(said).toEqual([]);
});
