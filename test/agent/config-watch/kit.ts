/** Settings with planted secrets, and a store with devices to keep them in. */
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { textOf } from "../../../agent/config-watch/canonical.ts";
import { type WatchKeys, watchKeysFrom } from "../../../agent/config-watch/keys.ts";
import { type Snapshot, snapshotOfUpload } from "../../../agent/config-watch/snapshot.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { LAYERS_KNOWN, type Setting } from "../../../protocols/families/settings.ts";
import { device, T0, temporaryStore } from "../../store/temporary.ts";

export const KEYS: WatchKeys = watchKeysFrom(generateKeyPairSync("ed25519").privateKey);
export const OTHER_KEYS: WatchKeys = watchKeysFrom(generateKeyPairSync("ed25519").privateKey);

/** Longer than anything that could be in a text by chance. */
export const canary = fc.string({
  minLength: 12,
  maxLength: 24,
  unit: fc.constantFrom(..."bcdghjkmnpqrtvwxyzBCDGHJKMNPQRTVWXYZ23456789!$%&/()=?"),
});

const word = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."abcdefgstuvxABC129") }).map((text) => `x${text}`);
const plainKey = fc.array(word, { minLength: 2, maxLength: 4 }).map((words) => words.join("."));
const secretEnd = fc.constantFrom(
  "password",
  "Password",
  "secret",
  "authKey",
  "optionKey",
  "softupdatekey",
  "userPin",
  "pin",
  "token",
  "accessToken",
  "community",
  "passphrase",
  "psk",
);
const secretKey = fc.tuple(plainKey, secretEnd).map(([key, end]) => `${key}.${end}`);
const layer = fc.option(fc.constantFrom(...LAYERS_KNOWN), { nil: undefined });
const withLayer = ([key, value, at]: readonly [string, string, Setting["layer"] | undefined]): Setting =>
  at === undefined ? { key, value } : { key, value, layer: at };

export const plainSetting = fc.tuple(plainKey, fc.string({ maxLength: 40 }), layer).map(withLayer);

export interface Planted {
  readonly settings: readonly Setting[];
  readonly canaries: readonly string[];
}

const plant = fc.oneof(
  fc.tuple(secretKey, canary, layer).map(([key, secret, at]) => ({ setting: withLayer([key, secret, at]), secret })),
  fc
    .tuple(
      plainKey,
      canary.filter((text) => !/[/@&;"]/.test(text)),
      layer,
    )
    .map(([key, secret, at]) => ({ setting: withLayer([key, `https://user:${secret}@prov.example/path`, at]), secret })),
  fc
    .tuple(
      plainKey,
      canary.filter((text) => !/[&;"]/.test(text)),
      layer,
    )
    .map(([key, secret, at]) => ({ setting: withLayer([key, `https://prov.example/p?x=1&token=${secret}`, at]), secret })),
);

/** Settings among which secrets are: by name, in an address, in what an address asks for. */
export const planted: fc.Arbitrary<Planted> = fc
  .tuple(fc.array(plainSetting, { maxLength: 12 }), fc.array(plant, { minLength: 1, maxLength: 8 }))
  .map(([plain, plants]) => ({
    settings: [...plain, ...plants.map(({ setting }) => setting)],
    canaries: plants.map(({ secret }) => secret),
  }));

export function snapshot(changes: Partial<Snapshot> = {}, values: Readonly<Record<string, string>> = { "a.b": "1" }): Snapshot {
  const lines = Object.entries(values).map(([key, value]) => ({ key, value }));
  return { source: "values", text: textOf(lines), settings: lines.length, facts: {}, ...changes };
}

export const OVERRIDES: Buffer = Buffer.from('<PHONE_CONFIG><OVERRIDES reg.1.auth.password="canary-1" a.b="1"/></PHONE_CONFIG>');

/** Device 1, a phone, with one uploaded file of overrides in the store. */
export function storeWithOverrides(kind: "phone.cfg" | "web.cfg", sealedAs?: { readonly id: string; readonly sealed: Uint8Array }) {
  const store = temporaryStore();
  store.devices.save(device(1));
  const made = snapshotOfUpload("64167f000001" as Mac, kind, OVERRIDES, KEYS);
  if (made === undefined || !made.ok || made.value.original === undefined) throw new Error("no settings");
  const { source, text, settings, original } = made.value;
  const id = device(1).id;
  store.configs.begin({ device: id, source, atMs: T0, text, settings, original: { ...original, ...sealedAs }, cause: { kind: "first" } });
  return store;
}
