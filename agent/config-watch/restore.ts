/**
 * The original of a version as a file for whoever asked, and how it is put back. Prepared, never sent.
 */
import { isoOf } from "../../protocols/core/time.ts";
import type { SettingsSource } from "../../protocols/families/settings.ts";
import type { ConfigVersion } from "../../store/configs.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import { parseLines } from "./canonical.ts";
import { keyIdsIn, type WatchKeys } from "./keys.ts";
import { pack, unseal } from "./seal.ts";

/** How it goes back. Source: protocols/provisioning.md 1, 5, 10 and 11; protocols/uc-phones.md 5; protocols/video.md 2.5. */
const APPLY: Readonly<Record<SettingsSource, string>> = {
  "phone-overrides":
    "Put it under this name into OVERRIDES_DIRECTORY of the provisioning server the phone asks (its root where that is empty), then restart the phone. The agent's own endpoint gives no overrides back.",
  "web-overrides":
    "Put it under this name into OVERRIDES_DIRECTORY of the provisioning server the phone asks (its root where that is empty), then restart the phone. The agent's own endpoint gives no overrides back.",
  backup:
    "No document says that a phone takes this file back as a whole: copy the settings you need into a configuration file that CONFIG_FILES of its master file names.",
  export:
    "Name it in CONFIG_FILES of the master file the system asks for, after taking out what reads REMOVED_SECURE_CONTENT: those secrets are not in it.",
  values: "",
};

/** Bound into the parcel: what it is, and of when. */
export const aboutOf = (device: string, source: string, since: string): string => JSON.stringify([device, source, since]);

/** @param receiver the public key of whoever asked: nobody on the way, the record of answers included, can open what comes */
export function restoreFile(
  row: DeviceRow,
  version: ConfigVersion,
  receiver: string,
  { store, keys }: { readonly store: Pick<Store, "configs">; readonly keys: WatchKeys },
): VerbOutcome {
  const { original, source, sinceMs } = version;
  const sealed = original === undefined ? undefined : store.configs.sealed(original);
  if (original === undefined || sealed === undefined) {
    const message = `These settings of ${row.name} were asked by name and are no file: look at them with "groundswell device config show"`;
    return { ok: false, code: "wrongState", message };
  }
  const document = unseal(sealed, original, keys);
  if (document === undefined) {
    const message = "It was sealed with another key of the agent and cannot be opened: restore agent-key.json of that time beside the data";
    return { ok: false, code: "faulted", message };
  }
  const since = isoOf(sinceMs);
  const parcel = pack(document, aboutOf(row.id, source, since), receiver);
  if (parcel === undefined) return { ok: false, code: "wrongState", message: "The command names no key to send the file to" };
  const lines = parseLines(store.configs.text(version.hash));
  return {
    ok: true,
    result: {
      schema: "groundswell.config-restore/1",
      device: row.id,
      name: row.name,
      source,
      since,
      until: isoOf(version.untilMs),
      file: fileName(row, source),
      sizeBytes: document.length,
      settings: lines.length,
      secrets: lines.filter(({ value }) => keyIdsIn(value).length > 0).length,
      apply: APPLY[source],
      parcel,
    },
  };
}

function fileName({ id, mac }: DeviceRow, source: SettingsSource): string {
  const owner = mac ?? id;
  if (source === "phone-overrides") return `${owner}-phone.cfg`;
  return source === "web-overrides" ? `${owner}-web.cfg` : `${owner}-${source}.xml`;
}
