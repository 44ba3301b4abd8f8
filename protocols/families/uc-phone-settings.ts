/**
 * What a phone is set to: its own backup page, which holds every layer; where that is not to be had, values by name over REST,
 * which knows no call for "all of them". Source: protocols/uc-phones.md 4.7 and 5.
 */
import { fail, ok, type Result } from "../core/fault.ts";
import type { FamilyIo, Target } from "./family.ts";
import { readPage } from "./phone-web.ts";
import { type DeviceSettings, decodeSettings, type Layer, type Setting } from "./settings.ts";
import { type ConfigAnswer, type ConfigSource, readConfig } from "./uc-phone-config.ts";
import { visitPhone } from "./uc-phone-visit.ts";

const BACKUP_PAGE = "/Utilities/configuration/phoneBackup";
/** Real time of one visit: a page with a log-in, or three asks. A guess. */
const SETTINGS_MS = 20_000;

/**
 * Asked over REST, at most 20 in one ask: what decides whom the phone obeys, where it registers, what it lets in and what it
 * uploads. Names without a document are not asked. Source: protocols/uc-phones.md 1, 3, 5 to 8; protocols/provisioning.md 2, 3, 7, 9.
 */
export const SETTING_NAMES: readonly string[] = [
  ...["apps.push.messageType", "apps.push.secureTunnelRequired", "apps.push.username", "apps.restapi.enabled"],
  ...["apps.restapi.sipNotify.enabled", "apps.statePolling.responseMode", "apps.statePolling.username"],
  ...["apps.telNotification.URL", "device.baseProfile", "device.dhcp.bootSrvOpt", "device.dhcp.bootSrvUseOpt"],
  ...["device.dhcp.option60Type", "device.prov.redunAttemptLimit", "device.prov.serverName", "device.prov.serverType"],
  ...["device.prov.tagSerialNo", "device.prov.upgradeServer", "device.prov.user", "device.prov.ztpEnabled"],
  ...["diags.telnetd.enabled", "dir.local.readonly", "httpd.cfg.enabled", "httpd.cfg.secureTunnelPort"],
  ...["httpd.cfg.secureTunnelRequired", "log.render.file.upload.period", "prov.polling.enabled", "prov.polling.mode"],
  ...["prov.polling.period", "prov.polling.time", "prov.polling.timeRandomEnd", "prov.scheduledReboot.enabled"],
  ...["prov.scheduledReboot.periodDays", "prov.scheduledReboot.time", "prov.startupCheck.enabled", "prov.userControl.enabled"],
  ...["reg.1.address", "reg.2.address", "reg.3.address", "reg.4.address", "sec.tagSerialNo", "upgrade.custom.server.url"],
  ...["upgrade.plcm.server.url", "voIpProt.SIP.requestValidation.1.method", "voIpProt.SIP.requestValidation.1.request"],
  ...["voIpProt.SIP.specialEvent.checkSync.alwaysReboot", "voIpProt.server.1.address"],
];

const LAYER_OF: Readonly<Partial<Record<ConfigSource, Layer>>> = {
  default: "default",
  config: "config",
  web: "web",
  local: "local",
  device: "device",
};

/** `off` where neither is to be had; the faults of both asks otherwise. */
export async function readPhoneSettings(
  family: "uc-phone" | "soundpoint",
  { target, io }: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<DeviceSettings>> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(SETTINGS_MS)]);
  const backup = await readBackup(family, { target, io }, limited);
  // A page that is off, that shows something else or that needs a password of its own leaves REST; anything else ends the visit.
  if (backup.ok || family === "soundpoint" || !["off", "garbled", "refused"].includes(backup.fault.kind)) return backup;
  const values = await visitPhone(target, io, limited, (visit) => readConfig(visit, SETTING_NAMES));
  return values.ok ? ok(settingsOf(values.value, target)) : values;
}

async function readBackup(
  family: "uc-phone" | "soundpoint",
  { target, io }: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<DeviceSettings>> {
  const page = await readPage(
    { target, family, io },
    BACKUP_PAGE,
    (body, via) => {
      const settings = decodeSettings(body, via);
      return settings.ok ? ok({ settings: settings.value, document: Buffer.from(body) }) : settings;
    },
    signal,
  );
  if (!page.ok) return page;
  // Without TLS nothing proves whose settings these are.
  if (page.value.via !== "https") return fail({ kind: "off", via: "https", detail: "its page is only shown in clear" });
  return ok({ source: "backup", ...page.value.value, facts: factsOf(target) });
}

/** The certificate's subject was held against the MAC before anything was asked. */
const factsOf = ({ expectMac }: Target): DeviceSettings["facts"] => (expectMac === undefined ? {} : { mac: expectMac });

function settingsOf({ values }: ConfigAnswer, target: Target): DeviceSettings {
  const settings = SETTING_NAMES.flatMap((key): Setting[] => {
    const found = values.get(key.toLowerCase());
    if (found === undefined) return [];
    const layer = LAYER_OF[found.source];
    return [layer === undefined ? { key, value: found.value } : { key, value: found.value, layer }];
  });
  return { source: "values", settings, facts: factsOf(target) };
}
