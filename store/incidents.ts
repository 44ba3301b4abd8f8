/** What is wrong, from when until when, with evidence. What holds such conditions together: `incident-rows.ts`. */

import type { Evidence } from "../protocols/core/device.ts";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { evidenceCheck } from "./devices.ts";
import { decoder, json, maybeText, maybeWhole, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type Severity = "info" | "warning" | "error" | "critical";
export type CauseClass = "hardware" | "software" | "network" | "power" | "cloud" | "configuration";

export interface ConditionRow {
  readonly id: number;
  /** Absent where it is not about one device. */
  readonly deviceId?: DeviceId;
  readonly kind: string;
  readonly severity: Severity;
  readonly causeClass: CauseClass;
  readonly sinceMs: Ms;
  /** Absent while it lasts. */
  readonly untilMs?: Ms;
  readonly evidence: readonly Evidence[];
}

export type NewCondition = Omit<ConditionRow, "id" | "untilMs">;

/** An open condition as far as its cause is decided by it. */
export type OpenCondition = Omit<ConditionRow, "untilMs" | "evidence">;

export interface Conditions {
  open(condition: NewCondition): ConditionRow;
  /** Opens it unless the device already has an open one of this kind, which is given back as it is. */
  openOnce(condition: NewCondition): { readonly condition: ConditionRow; readonly opened: boolean };
  /** Adds the evidence to what was there. False where it is unknown or over. */
  close(id: number, untilMs: Ms, evidence?: readonly Evidence[]): boolean;
  load(id: number): ConditionRow | undefined;
  /** Oldest first. */
  listOpen(filter?: { readonly deviceId?: DeviceId; readonly kind?: string }): readonly ConditionRow[];
  /** Open ones of one device, without their evidence: cheap enough for every ask. */
  openOf(deviceId: DeviceId): readonly { readonly id: number; readonly kind: string }[];
  /** As `listOpen`, without evidence: for those who look at all of them often. */
  listOpenBriefly(): readonly OpenCondition[];
  /** Those of an incident, oldest first. */
  ofIncident(incident: number): readonly ConditionRow[];
  /** Newest first, ended ones too. */
  ofDevice(deviceId: DeviceId, limit: number): readonly ConditionRow[];
}

export const SEVERITIES = { info: true, warning: true, error: true, critical: true } satisfies { [at in Severity]: true };
export const CLASSES = { hardware: true, software: true, network: true, power: true, cloud: true, configuration: true } satisfies {
  [name in CauseClass]: true;
};

const openFields = (row: Row) => ({
  id: whole(row, "id"),
  deviceId: maybeText(row, "device") as DeviceId | undefined,
  kind: text(row, "kind"),
  severity: oneOf<Severity>(row, "severity", SEVERITIES),
  causeClass: oneOf<CauseClass>(row, "cause_class", CLASSES),
  sinceMs: whole(row, "since_ms"),
});

const readOpen = decoder("conditions", "id", (row: Row): OpenCondition => present(openFields(row)));

const readCondition = decoder(
  "conditions",
  "id",
  (row: Row): ConditionRow =>
    present({ ...openFields(row), untilMs: maybeWhole(row, "until_ms"), evidence: json(row, "evidence", evidenceCheck) }),
);

export function conditionsIn(sql: Sql): Conditions {
  const load = (id: number): ConditionRow | undefined => {
    const row = sql.one("select * from conditions where id = @id", { id });
    return row === undefined ? undefined : readCondition(row);
  };
  const open = ({ deviceId, kind, severity, causeClass, sinceMs, evidence }: NewCondition): ConditionRow => {
    const row = sql.one(
      `insert into conditions (device, kind, severity, cause_class, since_ms, evidence)
        values (@deviceId, @kind, @severity, @causeClass, @sinceMs, @evidence) returning *`,
      { deviceId, kind, severity, causeClass, sinceMs, evidence: toJson(evidence) },
    );
    return readCondition(row ?? {});
  };
  return {
    open,
    openOnce: (condition) =>
      sql.transaction(() => {
        const known = sql.one("select * from conditions where device is @deviceId and kind = @kind and until_ms is null order by id", {
          deviceId: condition.deviceId,
          kind: condition.kind,
        });
        return known === undefined ? { condition: open(condition), opened: true } : { condition: readCondition(known), opened: false };
      }),
    close: (id, untilMs, evidence = []) =>
      sql.transaction(() => {
        const known = load(id);
        if (known === undefined || known.untilMs !== undefined) return false;
        sql.run("update conditions set until_ms = @untilMs, evidence = @evidence where id = @id", {
          id,
          untilMs,
          evidence: toJson([...known.evidence, ...evidence]),
        });
        return true;
      }),
    load,
    listOpen: ({ deviceId, kind } = {}) =>
      sql
        .all(
          `select * from conditions where until_ms is null and (@deviceId is null or device = @deviceId)
            and (@kind is null or kind = @kind) order by since_ms, id`,
          { deviceId, kind },
        )
        .map(readCondition),
    openOf: (deviceId) =>
      sql
        .all("select id, kind from conditions where device = @deviceId and until_ms is null order by id", { deviceId })
        .map((row) => ({ id: whole(row, "id"), kind: text(row, "kind") })),
    listOpenBriefly: () =>
      sql
        .all("select id, device, kind, severity, cause_class, since_ms from conditions where until_ms is null order by since_ms, id")
        .map(readOpen),
    ofIncident: (incident) =>
      sql
        .all(
          `select c.* from incident_conditions ic join conditions c on c.id = ic.condition where ic.incident = @incident
            order by c.since_ms, c.id`,
          { incident },
        )
        .map(readCondition),
    ofDevice: (deviceId, limit) =>
      sql
        .all("select * from conditions where device = @deviceId order by since_ms desc, id desc limit @limit", { deviceId, limit })
        .map(readCondition),
  };
}
