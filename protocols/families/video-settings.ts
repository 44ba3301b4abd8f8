/**
 * What a room system is set to: VideoOS writes a file of everything, a Group says it name by name.
 * Source: protocols/video.md 2.5, 3, 4.1; protocols/snmp.md 2.
 */
import { ok, type Result } from "../core/fault.ts";
import type { FamilyIo, Target } from "./family.ts";
import { type DeviceSettings, decodeSettings, type Setting } from "./settings.ts";
import { decodeSystem } from "./video-answers.ts";
import { decodeConfig, PROVISIONING_NAMES } from "./video-config.ts";
import { type Ask, visitVideo } from "./video-visit.ts";

/** Real time of one session with two asks. A guess. */
const SETTINGS_MS = 20_000;

/** Names on the wire that are on record for a Group; the new tree of names is never mixed in. */
const GROUP_NAMES: readonly string[] = [
  ...PROVISIONING_NAMES,
  ...["management.snmp.enabled", "management.snmp.versionone", "management.snmp.versiontwo", "management.snmp.versionthree"],
  ...["management.snmp.admin", "management.snmp.location", "management.snmp.systemdesc", "management.snmp.listeningport"],
  ...["management.snmp.transportprotocol", "management.snmp.legacynotification.enabled", "management.snmp.newnotification.enabled"],
  ...["softupdate.url", "softupdate.maintwindow.enabled", "softupdate.maintwindow.starttime", "softupdate.maintwindow.duration"],
  ...["softupdate.downgrade.minversionsupported", "comm.nics.sipnic.sipusername"],
];

/** One session; `facts` are what the system says of itself in it. */
export async function readVideoSettings(
  family: "video-os" | "group",
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<DeviceSettings>> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(SETTINGS_MS)]);
  return visitVideo(family, place, limited, async ({ ask }) => {
    const answer = await ask("system");
    const system = answer.ok ? decodeSystem(answer.value) : answer;
    if (!system.ok) return system;
    const read = family === "video-os" ? await exported(ask) : await byName(ask);
    return read.ok ? ok({ ...read.value, facts: system.value.facts }) : read;
  });
}

type Read = Omit<DeviceSettings, "facts">;

async function exported(ask: Ask): Promise<Result<Read>> {
  const answer = await ask("provisioning/config");
  if (!answer.ok) return answer;
  const settings = decodeSettings(answer.value, "https");
  return settings.ok ? ok({ source: "export", settings: settings.value, document: Buffer.from(answer.value) }) : settings;
}

async function byName(ask: Ask): Promise<Result<Read>> {
  const answer = await ask("config", { names: GROUP_NAMES });
  const values = answer.ok ? decodeConfig(answer.value) : answer;
  if (!values.ok) return values;
  const settings = GROUP_NAMES.flatMap((key): Setting[] => {
    const found = values.value.values.get(key);
    return found?.known === true ? [{ key, value: found.value ?? "" }] : [];
  });
  return ok({ source: "values", settings });
}
