/** Puts together what one decision sees, from rows. */
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { SwitchPortRow } from "../../store/looks.ts";
import type { MaintenanceRow } from "../../store/maintenances.ts";
import type { Store } from "../../store/store.ts";
import { LOOK_BACK_MS } from "./causes/decide.ts";
import { type Dark, GRACE_MS, OFFLINE, type Picture, portKey } from "./causes/picture.ts";
import { allBelow, type Site } from "./causes/site.ts";

export type PictureTables = Pick<Store, "conditions" | "looks" | "devices" | "history" | "maintenances" | "reservations" | "attempts">;

/** Contracts have an incident of their own making, see `coverage/judge.ts`. */
const ELSEWHERE: readonly string[] = ["notCovered", "coverageLapsed"];

/** @param portsOf ports of a switch, which are many: kept by the caller */
export function pictureOf(tables: PictureTables, site: Site, portsOf: (address: string) => readonly SwitchPortRow[], nowMs: Ms): Picture {
  const conditions = tables.conditions.listOpenBriefly().filter(({ kind }) => !ELSEWHERE.includes(kind));
  const offline = conditions.flatMap(({ kind, deviceId }) => (kind === OFFLINE && deviceId !== undefined ? [deviceId] : []));
  const servers = new Set([...site.services.values()].flatMap(({ server }) => server ?? []));
  const parents = offline.filter((id) => site.devices.get(id)?.family === "switch" || site.panels.has(id) || servers.has(id));
  const addresses = new Set(offline.flatMap((id) => site.devices.get(id)?.port?.switchAddress ?? []));
  return {
    site,
    conditions,
    lastHeardMs: new Map(parents.flatMap((id) => heard(id, tables))),
    looks: new Map(tables.looks.since(nowMs - LOOK_BACK_MS).map((look) => [look.device, look])),
    ports: new Map([...addresses].flatMap(portsOf).map((row) => [portKey(row.switchAddress, row.port), row])),
    darks: darksOf(tables, site, nowMs),
  };
}

/** Its last reading is its own word; others may name it long after it went. */
function heard(id: DeviceId, { history, devices }: PictureTables): [DeviceId, Ms][] {
  const atMs = history.latest(id)?.atMs ?? devices.load(id)?.lastSeenMs;
  return atMs === undefined ? [] : [[id, atMs]];
}

export function darksOf(tables: Pick<PictureTables, "maintenances" | "reservations" | "attempts">, site: Site, nowMs: Ms): readonly Dark[] {
  const planned = tables.maintenances.lasting(nowMs - GRACE_MS).map(
    (row): Dark => ({
      devices: devicesOf(row, site),
      fromMs: row.fromMs,
      untilMs: Math.min(row.untilMs, row.endedMs ?? row.untilMs),
      why: `maintenance ${row.id}: ${row.reason}`,
    }),
  );
  const updating = tables.reservations.all().map(
    ({ device, task, atMs }): Dark => ({
      devices: new Set([device]),
      fromMs: tables.attempts.ofTask(task)[0]?.reservedAtMs ?? atMs,
      why: "it is being updated: its campaign watches it",
    }),
  );
  return [...planned, ...updating];
}

export function devicesOf({ scopeKind, scope }: Pick<MaintenanceRow, "scopeKind" | "scope">, site: Site): Dark["devices"] {
  switch (scopeKind) {
    case "site":
      return "all";
    case "device":
      return new Set([scope as DeviceId]);
    case "room":
      return new Set([...site.devices.values()].filter(({ room }) => room === scope).map(({ id }) => id));
    case "switch": {
      const own = site.switches.get(scope)?.device;
      const under = [...site.switches.values()]
        .filter(({ address }) => isUnder(address, scope, site))
        .flatMap(({ device }) => device ?? []);
      return new Set([...allBelow(site, scope), ...under, ...(own === undefined ? [] : [own])]);
    }
  }
}

/** Does the switch hang on the other, at whatever distance? */
function isUnder(address: string, other: string, site: Site): boolean {
  const seen = new Set<string>();
  let at = site.switches.get(address)?.above?.address;
  while (at !== undefined && !seen.has(at)) {
    if (at === other) return true;
    seen.add(at);
    at = site.switches.get(at)?.above?.address;
  }
  return false;
}
