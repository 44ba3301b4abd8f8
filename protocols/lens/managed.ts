/**
 * The signs that somebody else manages a device. One reading of them for every family. Pure.
 * Source: protocols/lens-and-portal.md 5 and 12; protocols/uc-phones.md 4.5.
 */
import type { ManagedBy } from "../core/device.ts";
import { ENTERPRISE, isUnder } from "../snmp/oids.ts";

/** Absent is not asked or not answered; an empty text is an answer. */
export interface ManagementSigns {
  /** Servers a device takes settings or software from, as it states them: `ProvServerAddress`, `device.prov.serverName`. */
  readonly servers?: readonly string[];
  /** VideoOS `upgrade.auto.server.type`. */
  readonly upgradeServerType?: string;
  /** Group `management.provisioning.*`. */
  readonly provisioning?: { readonly enabled: boolean; readonly serverType: string };
  /** `provisioningEnabled` of Lens's inventory. */
  readonly lensProvisions?: boolean;
  /** `sysObjectID` of servers that answer SNMP on the site; a Resource Manager among them may own updates. */
  readonly siteObjectIds?: readonly string[];
}

/** `lens.poly.com` or a host below it, in any form a device states its server: address alone, with a scheme, user or path. */
export function isLensServer(server: string): boolean {
  const host = /^(?:[a-z]+:\/\/)?(?:[^@/]*@)?([^/:?#]+)/i.exec(server.trim())?.[1]?.toLowerCase().replace(/\.$/, "") ?? "";
  return host === "lens.poly.com" || host.endsWith(".lens.poly.com");
}

/** @returns `undefined` where there is no sign to judge by; `unknown` where a manager is on the site that may have this device, too */
export function managerOf(signs: ManagementSigns): ManagedBy | undefined {
  const { servers, upgradeServerType, provisioning, lensProvisions, siteObjectIds } = signs;
  // The software's own setting first: a room may take its settings from Lens and its software from Teams.
  if (upgradeServerType?.trim().toLowerCase() === "microsoft_teams_device_management") return "teams";
  if (lensProvisions === true || servers?.some(isLensServer) === true) return "lens";
  if (provisioning?.enabled === true && provisioning.serverType.trim().toUpperCase() === "DMS") return "rprm";
  if (siteObjectIds?.some((oid) => isUnder(oid, ENTERPRISE.polycomRprm)) === true) return "unknown";
  // Lens not having it is no word on anybody else.
  const asked = servers !== undefined || upgradeServerType !== undefined || provisioning !== undefined;
  return asked ? "none" : lensProvisions === false ? "unknown" : undefined;
}
