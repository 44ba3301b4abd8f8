/** A store with phones of a site, releases at hand, and what people ask of them. */
import { generateKeyPairSync } from "node:crypto";
import { adviceVerbs } from "../../../agent/firmware/advice-verbs.ts";
import { keyCodeKeysFrom } from "../../../agent/firmware/key-seal.ts";
import type { Release } from "../../../firmware/release.ts";
import { DAY } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { release, sha } from "../../firmware/waves/builders.ts";
import { device, T0, temporaryStore } from "../../store/temporary.ts";
import { author } from "../campaigns/kit.ts";
import { KEYS } from "../config-watch/kit.ts";

export const BOARD = "3111-48450-001";

export function vvx(number: number, changes: Partial<DeviceRow> = {}): DeviceRow {
  return device(number, {
    ...{ family: "uc-phone", model: "VVX 411", partNumber: BOARD, running: "5.5.2.8571", updater: "5.7.2.21547" },
    ...{ serial: `serial-${number}`, address: `127.1.0.${number}` },
    ...changes,
  });
}

/** For a VVX 411, from a range. */
export function to(version: string, fromMin: string, fromMax: string, changes: Partial<Release> = {}): Release {
  const models = changes.models ?? ["VVX 411"];
  return release({
    id: `ucs-${version}`,
    title: `UC Software ${version}`,
    version,
    edges: [{ ...release().edges[0], models, fromMin, fromMax }],
    images: [{ target: `${version}.ld`, partNumbers: [BOARD], sizeBytes: 1, sha256: sha("a") }],
    ...changes,
    models,
  });
}

export const R573 = to("5.7.3.1797", "5.5.2", "5.7.2.99999");
export const R598 = to("5.9.8.5760", "5.5.2", "5.9.7.99999");

export function adviceBench(releases: readonly Release[], devices: readonly DeviceRow[]) {
  const store = temporaryStore();
  for (const row of devices) store.devices.save(row);
  if (releases.length > 0) store.releases.saveCatalogue({ version: 3, expiresAtMs: T0 + 30 * DAY, releases }, T0);
  const keyCodeKeys = keyCodeKeysFrom(generateKeyPairSync("ed25519").privateKey);
  const verbs = adviceVerbs({ store, keyCodeKeys, watchKeys: KEYS, nowMs: () => T0 });
  const never = new AbortController().signal;
  return {
    store,
    keyCodeKeys,
    path: (name: string, id: string) => verbs["firmware.path"]({ device: name, release: id }, author, never),
    advisories: async (advisory?: string) => {
      const outcome = await verbs["firmware.advisories"](advisory === undefined ? {} : { advisory }, author, never);
      if (!outcome.ok) throw new Error(outcome.message);
      return outcome.result as { readonly looked: number; readonly advisories: readonly Record<string, unknown>[] };
    },
    verbs,
  };
}
