/**
 * Can what a phone was set to by hand be given back, if an update takes it away? Asked before each update, of what is kept here alone.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { decodeSettings, type SettingsSource } from "../../protocols/families/settings.ts";
import type { Store } from "../../store/store.ts";
import { originalIdOf, type WatchKeys } from "./keys.ts";
import { unseal } from "./seal.ts";
import { OVERRIDE_SOURCES } from "./snapshot.ts";

export type OverrideBackup =
  /** The newest of each file opens, is what it was when it came, and reads as settings. */
  | { readonly kind: "kept"; readonly sources: readonly SettingsSource[] }
  /** The phone never uploaded any: nothing was set by hand there, or it uploads elsewhere. */
  | { readonly kind: "none" }
  | { readonly kind: "unreadable"; readonly source: SettingsSource; readonly why: string };

export function overrideBackup(
  device: DeviceId,
  { store, keys }: { readonly store: Pick<Store, "configs">; readonly keys: WatchKeys },
): OverrideBackup {
  const sources: SettingsSource[] = [];
  for (const source of Object.values(OVERRIDE_SOURCES)) {
    const original = store.configs.latest(device, source)?.original;
    if (original === undefined) continue;
    const sealed = store.configs.sealed(original);
    const document = sealed === undefined ? undefined : openedBy(sealed, original, keys);
    if (document === undefined) return { kind: "unreadable", source, why: "it was sealed with another key of the agent, or is damaged" };
    if (originalIdOf(document, keys) !== original) return { kind: "unreadable", source, why: "it is not what the phone uploaded" };
    if (!decodeSettings(document, "provisioning").ok) return { kind: "unreadable", source, why: "it does not read as settings" };
    sources.push(source);
  }
  return sources.length === 0 ? { kind: "none" } : { kind: "kept", sources };
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

/** For the drive: why an update has to wait. @param say told, in words, where it goes on without a backup */
export function backupTrouble(
  device: DeviceId,
  io: { readonly store: Pick<Store, "configs">; readonly keys: WatchKeys; readonly say: (what: string) => void },
): string | undefined {
  const backup = overrideBackup(device, io);
  if (backup.kind === "none") io.say("no overrides of the phone are known: its update goes on without a copy of them");
  return backup.kind === "unreadable" ? `the copy of its ${backup.source} cannot be given back: ${backup.why}` : undefined;
}
