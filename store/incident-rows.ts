/** One cause, one incident: what it is, which conditions it holds, how it ended. */
import { Bug } from "../protocols/core/fault.ts";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { type CauseClass, CLASSES, SEVERITIES, type Severity } from "./incidents.ts";
import { decoder, maybeText, maybeWhole, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type IncidentState = "open" | "ended" | "partOf";

/** What an incident says of its cause. */
export interface IncidentFacts {
  /** Unique among open incidents. */
  readonly cause: string;
  readonly kind: string;
  /** What it is about: a device, a switch's address, a service. */
  readonly scope: string;
  readonly causeClass: CauseClass;
  readonly severity: Severity;
  readonly title: string;
  /** Why we think so. */
  readonly why: string;
  /** What a person can do. */
  readonly advice: string;
  readonly service?: string;
  /** Devices concerned, of how many that could be. */
  readonly affected: number;
  readonly total: number;
}

export interface IncidentRow extends IncidentFacts {
  readonly id: number;
  readonly state: IncidentState;
  readonly sinceMs: Ms;
  /** Absent while it is open. */
  readonly untilMs?: Ms;
  /** The incident it went into, where its state is `partOf`. */
  readonly parent?: number;
  readonly reopened: number;
  /** Counts what was told of it. */
  readonly revision: number;
  readonly toldMs: Ms;
  readonly toldAffected: number;
  /** Ids of its conditions, ended ones too. */
  readonly conditions: readonly number[];
}

/** An incident that ended lately, and whom it was about. */
export interface EndedIncident extends Omit<IncidentRow, "conditions"> {
  readonly untilMs: Ms;
  readonly devices: readonly DeviceId[];
}

export interface Incidents {
  /** Joins the conditions to the open incident of this cause, or makes one. */
  open(incident: Pick<IncidentRow, "cause" | "sinceMs" | "conditions"> & Partial<Omit<IncidentFacts, "cause">>): IncidentRow;
  /** Puts the condition into this incident, out of any other that is open. */
  join(id: number, condition: number): void;
  joinAll(id: number, conditions: readonly number[]): void;
  /** Writes what is known of its cause now; its cause may be another than before. */
  update(id: number, facts: IncidentFacts): void;
  /** Opens an ended one again, without its conditions that went on meanwhile: whose they are now is decided anew. */
  reopen(id: number): void;
  /** Counts a telling. */
  told(id: number, atMs: Ms, affected: number): void;
  /** With `parent` it goes into that one. False where it is unknown or over. */
  close(id: number, untilMs: Ms, parent?: number): boolean;
  load(id: number): IncidentRow | undefined;
  /** Oldest first. */
  listOpen(): readonly IncidentRow[];
  /** Newest first. */
  list(limit: number): readonly IncidentRow[];
  /** Those that ended at that time or later. */
  endedSince(sinceMs: Ms): readonly EndedIncident[];
}

const STATES = { open: true, ended: true, partOf: true } satisfies { [at in IncidentState]: true };

const readPlain = decoder("incidents", "id", (row: Row) =>
  present({
    id: whole(row, "id"),
    cause: text(row, "cause"),
    kind: text(row, "kind"),
    scope: text(row, "scope"),
    causeClass: oneOf<CauseClass>(row, "cause_class", CLASSES),
    severity: oneOf<Severity>(row, "severity", SEVERITIES),
    title: text(row, "title"),
    why: text(row, "why"),
    advice: text(row, "advice"),
    service: maybeText(row, "service"),
    affected: whole(row, "affected"),
    total: whole(row, "total"),
    state: oneOf<IncidentState>(row, "state", STATES),
    sinceMs: whole(row, "since_ms"),
    untilMs: maybeWhole(row, "until_ms"),
    parent: maybeWhole(row, "parent"),
    reopened: whole(row, "reopened"),
    revision: whole(row, "revision"),
    toldMs: whole(row, "told_ms"),
    toldAffected: whole(row, "told_affected"),
  }),
);

const UPDATE = `update incidents set cause = @cause, kind = @kind, scope = @scope, cause_class = @causeClass, severity = @severity,
  title = @title, why = @why, advice = @advice, service = @service, affected = @affected, total = @total where id = @id`;

const NO_FACTS: Omit<IncidentFacts, "cause"> = {
  kind: "other",
  scope: "",
  causeClass: "configuration",
  severity: "warning",
  title: "",
  why: "",
  advice: "",
  affected: 0,
  total: 0,
};

export function incidentsIn(sql: Sql): Incidents {
  /** Rows with their conditions, in two statements whatever their number. */
  const withConditions = (rows: readonly Row[]): readonly IncidentRow[] => {
    const plain = rows.map(readPlain);
    const held = new Map<number, number[]>(plain.map(({ id }) => [id, []]));
    const ids = toJson(plain.map(({ id }) => id));
    const members = sql.all(
      `select incident, condition from incident_conditions where incident in (select value from json_each(@ids))
        order by incident, condition`,
      { ids },
    );
    for (const member of members) held.get(whole(member, "incident"))?.push(whole(member, "condition"));
    return plain.map((row) => ({ ...row, conditions: held.get(row.id) ?? [] }));
  };
  const load = (id: number): IncidentRow | undefined => withConditions(sql.all("select * from incidents where id = @id", { id }))[0];
  const joinAll = (id: number, conditions: readonly number[]): void => {
    const list = { id, list: toJson(conditions) };
    sql.run(
      `delete from incident_conditions where condition in (select value from json_each(@list)) and incident <> @id
        and (select until_ms is null from incidents where id = incident_conditions.incident)`,
      list,
    );
    sql.run(
      `insert into incident_conditions (incident, condition) select @id, value from json_each(@list) where true on conflict do nothing`,
      list,
    );
  };
  return {
    open: ({ cause, sinceMs, conditions, ...facts }) =>
      sql.transaction(() => {
        const known = sql.one("select id from incidents where cause = @cause and until_ms is null", { cause });
        const id =
          known === undefined
            ? sql.run("insert into incidents (cause, since_ms) values (@cause, @sinceMs)", { cause, sinceMs }).lastId
            : whole(known, "id");
        if (known === undefined) sql.run(UPDATE, { id, service: undefined, ...NO_FACTS, ...facts, cause });
        joinAll(id, conditions);
        const made = load(id);
        if (made === undefined) throw new Bug(`Incident ${id} is gone within its own transaction`);
        return made;
      }),
    join: (id, condition) => sql.transaction(() => joinAll(id, [condition])),
    joinAll: (id, conditions) => sql.transaction(() => joinAll(id, conditions)),
    update(id, facts) {
      const { cause, kind, scope, causeClass, severity, title, why, advice, service, affected, total } = facts;
      sql.run(UPDATE, { id, cause, kind, scope, causeClass, severity, title, why, advice, service, affected, total });
    },
    reopen: (id) =>
      sql.transaction(() => {
        sql.run(
          `delete from incident_conditions where incident = @id
            and condition in (select id from conditions where until_ms is null)`,
          { id },
        );
        sql.run("update incidents set state = 'open', until_ms = null, parent = null, reopened = reopened + 1 where id = @id", { id });
      }),
    told: (id, atMs, affected) =>
      void sql.run("update incidents set revision = revision + 1, told_ms = @atMs, told_affected = @affected where id = @id", {
        id,
        atMs,
        affected,
      }),
    close: (id, untilMs, parent) =>
      sql.run("update incidents set until_ms = @untilMs, state = @state, parent = @parent where id = @id and until_ms is null", {
        id,
        untilMs,
        parent,
        state: parent === undefined ? "ended" : "partOf",
      }).changes > 0,
    load,
    listOpen: () => withConditions(sql.all("select * from incidents where until_ms is null order by since_ms, id")),
    list: (limit) => withConditions(sql.all("select * from incidents order by since_ms desc, id desc limit @limit", { limit })),
    endedSince(sinceMs) {
      const rows = sql.all("select * from incidents where until_ms >= @sinceMs order by until_ms, id", { sinceMs }).map(readPlain);
      const devices = new Map<number, DeviceId[]>();
      for (const row of sql.all(
        `select distinct ic.incident as incident, c.device as device from incidents i join incident_conditions ic on ic.incident = i.id
          join conditions c on c.id = ic.condition where i.until_ms >= @sinceMs and c.device is not null order by 1, 2`,
        { sinceMs },
      )) {
        const id = whole(row, "incident");
        devices.set(id, [...(devices.get(id) ?? []), text(row, "device") as DeviceId]);
      }
      return rows.flatMap((row) =>
        row.untilMs === undefined ? [] : [{ ...row, untilMs: row.untilMs, devices: devices.get(row.id) ?? [] }],
      );
    },
  };
}
