/**
 * Can what a phone was set to by hand be given back, if an update takes it away? Of what is kept here alone.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { decodeSettings, type SettingsSource } from "../../protocols/families/settings.ts";
import type { Store } from "../../store/store.ts";
import { originalIdOf, type WatchKeys } from "./keys.ts";
import { unseal } from "./seal.ts";

export type OverrideBackup =
  /** The newest opens, is what it was when it came, and reads as settings. */
  | { readonly kind: "kept" }
  /** None ever came. */
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly why: string };

export function overrideBackup(
  device: DeviceId,
  source: SettingsSource,
  { store, keys }: { readonly store: Pick<Store, "configs">; readonly keys: WatchKeys },
): OverrideBackup {
  const original = store.configs.latest(device, source)?.original;
  if (original === undefined) return { kind: "none" };
  const sealed = store.configs.sealed(original);
  const document = sealed === undefined ? undefined : openedBy(sealed, original, keys);
  if (document === undefined) return { kind: "unreadable", why: "it was sealed with another key of the agent, or is damaged" };
  if (originalIdOf(document, keys) !== original) return { kind: "unreadable", why: "it is not what the phone uploaded" };
  return decodeSettings(document, "provisioning").ok ? { kind: "kept" } : { kind: "unreadable", why: "it does not read as settings" };
}

/** A seal that opens to what is no packed document is as bad as one that does not open. */
function openedBy(sealed: Uint8Array, original: string, keys: WatchKeys): Buffer | undefined {
  try {
    return unseal(sealed, original, keys);
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) return undefined;
    throw error;
  }
}
