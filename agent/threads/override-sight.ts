/**
 * What is known of one override file of a phone, as the main thread may hear it: its settings in the forms they are kept in, never its bytes. Pure.
 */
import type { Mac } from "../../protocols/core/ids.ts";
import type { OverrideName } from "../../protocols/provisioning/phone-habits.ts";
import type { OverridesSeen } from "../../protocols/provisioning/responder.ts";
import type { WatchKeys } from "../config-watch/keys.ts";
import { snapshotOfUpload } from "../config-watch/snapshot.ts";
import type { OverrideSight } from "./depot-requests.ts";

export function sightOf(
  seen: OverridesSeen,
  which: OverrideName,
  { mac, watch }: { readonly mac: Mac; readonly watch: WatchKeys },
): OverrideSight {
  const { [which]: found } = seen;
  const old = seen.old.includes(which);
  if (found.kind === "absent") return found;
  if (found.kind === "hidden") return { ...found, old };
  const snapshot = snapshotOfUpload(mac, `${which}.cfg`, found.bytes, watch);
  return snapshot?.ok === true
    ? { kind: "there", snapshot: snapshot.value }
    : { kind: "hidden", why: "what it gives does not read as settings", old };
}
