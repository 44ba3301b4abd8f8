/** What is wrong at the site while a wave is judged: open incidents, as the gates see them. */
import type { SiteIncident } from "../../firmware/waves/gates/gate.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Severity } from "../../store/incidents.ts";
import type { Store } from "../../store/store.ts";
import type { CauseKind } from "../health/causes/picture.ts";

/** Trouble of the site spoils what devices show; a build or a device is judged by itself. */
const ABOUT: Readonly<Record<CauseKind, SiteIncident["about"]>> = {
  power: "site",
  switch: "site",
  uplink: "site",
  addresses: "site",
  internet: "site",
  cloud: "site",
  server: "site",
  site: "site",
  release: "build",
  coupled: "device",
  device: "device",
};
/** A certificate that runs out in a month is no reason to stop a wave. */
const SERIOUS: ReadonlySet<Severity> = new Set(["error", "critical"]);

/** @param mine the wave's devices */
export function siteIncidents(
  { incidents, conditions }: Pick<Store, "incidents" | "conditions">,
  mine: ReadonlySet<DeviceId>,
): SiteIncident[] {
  return incidents.listOpen().flatMap(({ id, kind, title, severity, sinceMs }) => {
    // Kinds of other makers, such as a contract that runs out, are none of a wave's.
    const about = Object.hasOwn(ABOUT, kind) ? ABOUT[kind as CauseKind] : undefined;
    if (about === undefined || !SERIOUS.has(severity)) return [];
    const open = conditions.ofIncident(id).filter(({ untilMs }) => untilMs === undefined);
    const touches = [...new Set(open.flatMap(({ deviceId }) => (deviceId !== undefined && mine.has(deviceId) ? [deviceId] : [])))];
    return about === "site" || touches.length > 0 ? [{ id, title, sinceMs, about, touches }] : [];
  });
}
