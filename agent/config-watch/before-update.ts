/**
 * Before each update: what the phone was set to by hand is kept here and could be given back, or the update waits and says why.
 */
import type { BackupTrouble } from "../../firmware/waves/ports.ts";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { SettingsSource } from "../../protocols/families/settings.ts";
import type { OverrideName } from "../../protocols/provisioning/phone-habits.ts";
import type { OverridesOf } from "../../protocols/provisioning/read-overrides.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { ThreadGone } from "../threads/channel.ts";
import type { OverrideSight } from "../threads/depot-requests.ts";
import { type OverrideBackup, overrideBackup } from "./backup.ts";
import type { WatchKeys } from "./keys.ts";
import type { Snapshot } from "./snapshot.ts";

export interface BeforeUpdateIo {
  readonly store: Pick<Store, "configs" | "devices">;
  readonly keys: WatchKeys;
  /** Of the provisioning endpoint; absent where there is none. */
  readonly mode: "own" | "overlay" | "image-only" | undefined;
  /** What the customer's server has of the phone; `undefined` where nobody can ask it. Rejects with `ThreadGone`. */
  look(phone: OverridesOf, signal: AbortSignal): Promise<Readonly<Record<OverrideName, OverrideSight>> | undefined>;
  /** Takes in what was uploaded and still lies where it came. */
  takeUploads(mac: Mac): Promise<void>;
  /** Takes in a file that the customer's server has. */
  take(device: DeviceId, snapshot: Snapshot): void;
  /** Told, in words, where an update goes on without a copy. */
  say(what: string, device: DeviceId): void;
}

const SOURCES: Readonly<Record<OverrideName, SettingsSource>> = { phone: "phone-overrides", web: "web-overrides" };
const NAMES = Object.keys(SOURCES) as readonly OverrideName[];
const ANYWAY = "a plan made with the policy withoutBackup, or a person who skips the phone";

/** Why the update of this device has to wait; `undefined` where it may go on. */
export async function beforeUpdate(
  device: DeviceId,
  { withoutBackup }: { readonly withoutBackup: boolean },
  io: BeforeUpdateIo,
  signal: AbortSignal,
): Promise<BackupTrouble | undefined> {
  const row = io.store.devices.load(device);
  if (row === undefined || !keepsOverrides(row)) return undefined;
  const trouble = await troubleOf(row, io, signal);
  if (trouble === undefined || !withoutBackup) return trouble;
  io.say(`its update goes on without a copy of its overrides, as the plan says: ${trouble.why}`, device);
  return undefined;
}

/** Phones that take their image from a master file keep what they are set to on the same server. Source: protocols/provisioning.md 1 and 10. */
function keepsOverrides({ family }: DeviceRow): boolean {
  const recipe = family === undefined ? undefined : familyOf(family)?.update;
  return recipe !== undefined && recipe.offer !== "updateServer";
}

async function troubleOf(row: DeviceRow, io: BeforeUpdateIo, signal: AbortSignal): Promise<BackupTrouble | undefined> {
  switch (io.mode) {
    case "image-only":
      return {
        why: "its overrides cannot be seen from here: in mode image-only they pass between the phone and its boot server alone",
        endedBy: `mode overlay in the settings, or, once somebody has saved the phone's override files on that server: ${ANYWAY}`,
      };
    case "overlay":
      return troubleBehind(row, io, signal);
    default:
      return ownTrouble(row, io);
  }
}

/** We are its boot server, or it has none that is known: what never came here is nowhere. */
function ownTrouble({ id }: DeviceRow, io: BeforeUpdateIo): BackupTrouble | undefined {
  const copies = NAMES.map((name) => overrideBackup(id, SOURCES[name], io));
  for (const [i, copy] of copies.entries()) {
    if (copy.kind === "unreadable") return unreadable(SOURCES[NAMES[i] as OverrideName], copy.why);
  }
  if (copies.every(({ kind }) => kind === "none")) {
    io.say("no overrides of the phone are known: its update goes on without a copy of them", id);
  }
  return undefined;
}

function unreadable(source: SettingsSource, why: string): BackupTrouble {
  return {
    why: `the copy of its ${source} cannot be given back: ${why}`,
    endedBy: `the phone uploading its overrides again, the agent's key of that time put back, ${ANYWAY}`,
  };
}

async function troubleBehind(row: DeviceRow, io: BeforeUpdateIo, signal: AbortSignal): Promise<BackupTrouble | undefined> {
  const { id, mac, model, address } = row;
  if (mac === undefined) return undefined;
  const sights = await look({ mac, model, address }, io, signal);
  await io.takeUploads(mac);
  for (const name of NAMES) {
    const sight = sights[name];
    if (sight.kind === "there") io.take(id, sight.snapshot);
    const judged = judgeSight(SOURCES[name], sight, overrideBackup(id, SOURCES[name], io));
    if (judged !== undefined && "endedBy" in judged) return judged;
    if (judged !== undefined) io.say(judged.say, id);
  }
  return undefined;
}

/**
 * Trouble, or what to say where the update goes on all the same.
 * @param copy  what is kept here, what the sight brought included
 */
export function judgeSight(
  source: SettingsSource,
  sight: OverrideSight,
  copy: OverrideBackup,
): BackupTrouble | { readonly say: string } | undefined {
  if (sight.kind === "absent") return undefined;
  if (copy.kind === "unreadable") return unreadable(source, copy.why);
  if (sight.kind === "there") return copy.kind === "kept" ? undefined : unreadable(source, "it was not kept");
  if (copy.kind === "kept" && !sight.old)
    return { say: `its ${source} cannot be seen now, and the newest that passed is kept: ${sight.why}` };
  const older = copy.kind === "kept" ? ", and the copy kept here is older than what passed since" : "";
  return {
    why: `its ${source} cannot be seen on the customer's boot server: ${sight.why}${older}`,
    endedBy: `that server giving it to the agent, a restart of the phone (what it reads then is kept here), ${ANYWAY}`,
  };
}

async function look(phone: OverridesOf, io: BeforeUpdateIo, signal: AbortSignal): Promise<Readonly<Record<OverrideName, OverrideSight>>> {
  const hidden = (why: string): OverrideSight => ({ kind: "hidden", why, old: false });
  try {
    const seen = await io.look(phone, signal);
    return seen ?? { phone: hidden("nobody can ask it"), web: hidden("nobody can ask it") };
  } catch (error) {
    if (!(error instanceof ThreadGone)) throw error;
    return { phone: hidden(error.message), web: hidden(error.message) };
  }
}
