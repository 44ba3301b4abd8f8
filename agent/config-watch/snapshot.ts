/**
 * A reading of a device's settings as it leaves the thread that read it: canonical, masked, its document sealed. What is secret in it
 * goes no further.
 */
import type { DeviceFacts } from "../../protocols/core/device.ts";
import type { Fault, Result } from "../../protocols/core/fault.ts";
import { ok } from "../../protocols/core/fault.ts";
import type { Mac } from "../../protocols/core/ids.ts";
import { type DeviceSettings, decodeSettings, type Setting, type SettingsSource } from "../../protocols/families/settings.ts";
import type { UploadKind } from "../../protocols/provisioning/uploads.ts";
import { linesOf, textOf } from "./canonical.ts";
import { originalIdOf, type WatchKeys } from "./keys.ts";
import { seal } from "./seal.ts";

export interface Snapshot {
  readonly source: SettingsSource;
  /** Canonical. */
  readonly text: string;
  readonly settings: number;
  readonly original?: SealedOriginal;
  readonly facts: DeviceFacts;
}

export interface SealedOriginal {
  readonly id: string;
  readonly sealed: Uint8Array;
  readonly sizeBytes: number;
}

/** The files that are settings; logs are none. */
export const OVERRIDE_SOURCES: Readonly<Partial<Record<UploadKind, SettingsSource>>> = {
  "phone.cfg": "phone-overrides",
  "web.cfg": "web-overrides",
};

export function snapshotOf(read: DeviceSettings, keys: WatchKeys): Snapshot {
  return { ...canonical(read.source, read.settings, keys), facts: read.facts, ...sealed(read.document, keys) };
}

/** Of an uploaded file. The path alone says whose it is: a name that anybody could have given. */
export function snapshotOfUpload(mac: Mac, kind: UploadKind, body: Buffer, keys: WatchKeys): Result<Snapshot, Fault> | undefined {
  const source = OVERRIDE_SOURCES[kind];
  if (source === undefined) return undefined;
  const settings = decodeSettings(body, "provisioning");
  return settings.ok ? ok({ ...canonical(source, settings.value, keys), facts: { mac }, ...sealed(body, keys) }) : settings;
}

function canonical(source: SettingsSource, settings: readonly Setting[], keys: WatchKeys) {
  const lines = linesOf(settings, keys);
  return { source, text: textOf(lines), settings: lines.length };
}

function sealed(document: Buffer | undefined, keys: WatchKeys): { readonly original?: SealedOriginal } {
  if (document === undefined) return {};
  const id = originalIdOf(document, keys);
  return { original: { id, sealed: seal(document, id, keys), sizeBytes: document.length } };
}
