/** Pictures without a store, and incidents as plain rows, for what is pure. */

import { assign, viewOf } from "../../../../agent/health/causes/assign.ts";
import { heldBy, isGroup } from "../../../../agent/health/causes/dark.ts";
import type { Cause, Dark, Picture } from "../../../../agent/health/causes/picture.ts";
import { portKey } from "../../../../agent/health/causes/picture.ts";
import { type Site, type SiteDevice, type SiteSwitch, siteBuilder } from "../../../../agent/health/causes/site.ts";
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import type { Ms } from "../../../../protocols/core/time.ts";
import type { EndedIncident, IncidentRow, Incidents } from "../../../../store/incident-rows.ts";
import type { CauseClass, OpenCondition } from "../../../../store/incidents.ts";
import type { LookRow, SwitchPortRow } from "../../../../store/looks.ts";

export const T0 = Date.UTC(2026, 10, 22, 20);
export const id = (name: string): DeviceId => `d-${name}` as DeviceId;

export function phone(name: string, changes: Partial<SiteDevice> = {}): SiteDevice {
  return { id: id(name), name, family: "uc-phone", model: "VVX 411", running: "6.4.6", adopted: true, services: {}, ...changes };
}

/** A device of the family switch, and its node. */
export function aSwitch(name: string, above?: SiteSwitch["above"]): { device: SiteDevice; node: SiteSwitch } {
  return {
    device: { id: id(name), name, family: "switch", address: name, adopted: true, services: {} },
    node: { address: name, device: id(name), ...(above === undefined ? {} : { above }) },
  };
}

export const onPort = (switchAddress: string, name: string, powered = true): Pick<SiteDevice, "port"> => ({
  port: { switchAddress, name, powered },
});

export function siteWith(devices: readonly SiteDevice[], switches: readonly SiteSwitch[] = []): Site {
  const builder = siteBuilder(switches, (name) => name.startsWith("10."));
  for (const device of devices) builder.add(device);
  return builder.done();
}

const CLASSES: Readonly<Record<string, CauseClass>> = {
  partMissing: "hardware",
  certificateEnds: "configuration",
  provisioningFailed: "configuration",
  crashes: "software",
};
let count = 0;

export function condition(name: string, kind = "deviceOffline", sinceMs: Ms = T0): OpenCondition {
  count++;
  return { id: count, deviceId: id(name), kind, severity: "error", causeClass: CLASSES[kind] ?? "network", sinceMs };
}

export function pictureWith(
  site: Site,
  conditions: readonly OpenCondition[],
  more: {
    readonly heard?: Readonly<Record<string, Ms>>;
    readonly looks?: readonly LookRow[];
    readonly ports?: readonly SwitchPortRow[];
    readonly darks?: readonly Dark[];
    readonly lookingAt?: readonly string[];
  } = {},
): Picture {
  return {
    site,
    conditions,
    lastHeardMs: new Map(Object.entries(more.heard ?? {}).map(([name, atMs]) => [id(name), atMs])),
    looks: new Map((more.looks ?? []).map((look) => [look.device, look])),
    ports: new Map((more.ports ?? []).map((row) => [portKey(row.switchAddress, row.port), row])),
    darks: more.darks ?? [],
    lookingAt: new Set((more.lookingAt ?? []).map(id)),
  };
}

/** What is assigned where nothing was before: `cause`, `waits: why`, `muted: why` by the device's name and kind. */
export function assigned(picture: Picture, nowMs: Ms): Readonly<Record<string, string>> {
  const held = heldBy([], [], nowMs);
  const found = assign(viewOf(picture, held, nowMs), held);
  return Object.fromEntries(
    picture.conditions.map(({ id: number, deviceId, kind }) => {
      const name = `${deviceId?.slice(2) ?? "site"} ${kind}`;
      const [wait, muted] = [found.waits.get(number), found.muted.get(number)];
      if (wait !== undefined) return [name, `waits: ${wait.why}`];
      return [name, muted === undefined ? (found.causes.get(number)?.key ?? "none") : `muted: ${muted.why}`];
    }),
  );
}

/** Each cause once; where a device is the cause of others, as that. */
export function causesOf(picture: Picture, nowMs: Ms): readonly Cause[] {
  const held = heldBy([], [], nowMs);
  const found = [...assign(viewOf(picture, held, nowMs), held).causes.values()];
  return [
    ...new Map(found.toSorted((a, b) => Number(isGroup(a.kind)) - Number(isGroup(b.kind))).map((cause) => [cause.key, cause])).values(),
  ];
}

/** The rows of incidents in memory, by the same rules as the store's. */
export interface MemoryRows {
  readonly incidents: Incidents;
  readonly rows: Map<number, IncidentRow>;
  endedSince(sinceMs: Ms, deviceOf: (condition: number) => DeviceId | undefined): readonly EndedIncident[];
}

export function memoryRows(isOpenNow: (condition: number) => boolean): MemoryRows {
  const rows = new Map<number, IncidentRow>();
  const change = (number: number, by: Partial<IncidentRow>): void => {
    const row = rows.get(number);
    if (row !== undefined) rows.set(number, { ...row, ...by });
  };
  const isOpen = ({ untilMs }: IncidentRow): boolean => untilMs === undefined;
  const joinOne = (number: number, one: number): void => {
    for (const row of rows.values())
      if (row.id !== number && isOpen(row)) change(row.id, { conditions: row.conditions.filter((other) => other !== one) });
    const row = rows.get(number);
    if (row !== undefined && !row.conditions.includes(one)) change(number, { conditions: [...row.conditions, one] });
  };
  const incidents: Incidents = {
    open({ cause, sinceMs, conditions, ...facts }) {
      if ([...rows.values()].some((row) => isOpen(row) && row.cause === cause)) throw new Error(`twice open: ${cause}`);
      const row: IncidentRow = {
        ...{ kind: "other", scope: "", causeClass: "network", severity: "error", title: "", why: "", advice: "", affected: 0, total: 0 },
        ...facts,
        ...{ id: rows.size + 1, cause, sinceMs, state: "open", reopened: 0, revision: 1, toldMs: 0, toldAffected: 0, conditions: [] },
      };
      rows.set(row.id, row);
      for (const one of conditions) joinOne(row.id, one);
      return rows.get(row.id) ?? row;
    },
    join: joinOne,
    joinAll(number, list) {
      for (const one of list) joinOne(number, one);
    },
    update(number, facts) {
      if ([...rows.values()].some((row) => row.id !== number && isOpen(row) && row.cause === facts.cause))
        throw new Error(`twice open: ${facts.cause}`);
      change(number, facts);
    },
    reopen(number) {
      const row = rows.get(number);
      if (row === undefined) return;
      const { untilMs: _until, parent: _parent, ...rest } = row;
      const conditions = row.conditions.filter((one) => !isOpenNow(one));
      rows.set(number, { ...rest, conditions, state: "open", reopened: row.reopened + 1 });
    },
    told: (number, atMs, affected) => change(number, { toldMs: atMs, toldAffected: affected }),
    close(number, untilMs, parent) {
      change(number, { untilMs, ...(parent === undefined ? { state: "ended" } : { state: "partOf", parent }) });
      return true;
    },
    load: (number) => rows.get(number),
    listOpen: () => [...rows.values()].filter(isOpen),
    list: () => [...rows.values()],
    endedSince: () => [],
  };
  return {
    incidents,
    rows,
    endedSince: (sinceMs, deviceOf) =>
      [...rows.values()].flatMap((row) =>
        row.untilMs === undefined || row.untilMs < sinceMs
          ? []
          : [{ ...row, untilMs: row.untilMs, devices: [...new Set(row.conditions.flatMap((one) => deviceOf(one) ?? []))] }],
      ),
  };
}
