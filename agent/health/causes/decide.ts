/**
 * What becomes of incidents: from open conditions and what is known of the site to the changes of rows. Pure. The same picture
 * and the same rows give the same changes, and once these are made, none.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { EndedIncident, IncidentFacts, IncidentRow } from "../../../store/incident-rows.ts";
import type { OpenCondition, Severity } from "../../../store/incidents.ts";
import { assign, viewOf } from "./assign.ts";
import { heldBy, isGroup, type Muted } from "./dark.ts";
import { type Cause, FLAPPING, MANY, OFFLINE, type Picture, REOPEN_MS, type Waits } from "./picture.ts";

export interface Before {
  readonly open: readonly IncidentRow[];
  /** Those that ended within the reopen window. */
  readonly ended: readonly EndedIncident[];
}

/** In the order they are made: conditions move before the incidents they leave are folded, and these before others end. */
export type Change =
  | { readonly do: "open"; readonly facts: IncidentFacts; readonly sinceMs: Ms; readonly join: readonly number[] }
  | { readonly do: "reopen" | "keep"; readonly id: number; readonly facts: IncidentFacts; readonly join: readonly number[] }
  | { readonly do: "fold"; readonly id: number; readonly into: number }
  /** `tell`: its row stands; how many it holds is not told yet. */
  | { readonly do: "end" | "tell"; readonly id: number };

export interface Decision {
  readonly changes: readonly Change[];
  /** Possible parents to ask now. */
  readonly looks: readonly DeviceId[];
  readonly waiting: readonly (Waits & { readonly condition: OpenCondition })[];
  readonly muted: readonly (Muted & { readonly condition: OpenCondition })[];
  /** Held by the incident of a parent. */
  readonly held: ReadonlySet<DeviceId>;
}

interface Wanted {
  readonly facts: IncidentFacts;
  readonly sinceMs: Ms;
  readonly conditions: readonly OpenCondition[];
}

export function decideCauses(picture: Picture, before: Before, nowMs: Ms): Decision {
  const held = heldBy(before.open, before.ended, nowMs);
  const view = viewOf(picture, held, nowMs);
  const assigned = assign(view, held);
  const groups = new Map<string, { causes: Cause[]; conditions: OpenCondition[] }>();
  const about = <T extends object>(found: ReadonlyMap<number, T>) =>
    picture.conditions.flatMap((condition) => {
      const one = found.get(condition.id);
      return one === undefined ? [] : [{ ...one, condition }];
    });
  for (const condition of picture.conditions) {
    const cause = assigned.causes.get(condition.id);
    if (cause === undefined) continue;
    const group = groups.get(cause.key) ?? { causes: [], conditions: [] };
    group.causes.push(cause);
    group.conditions.push(condition);
    groups.set(cause.key, group);
  }
  const wanted = new Map([...groups].map(([key, { causes, conditions }]) => [key, wantedOf(causes, conditions)]));
  const waiting = about(assigned.waits);
  return {
    changes: changesBetween(wanted, before, picture.conditions),
    looks: [...new Set([...waiting.flatMap(({ look }) => look), ...view.lookFirst])],
    waiting,
    muted: about(assigned.muted),
    held: new Set(
      picture.conditions.flatMap(({ id, deviceId }) => {
        const cause = assigned.causes.get(id);
        const isSwitch = deviceId !== undefined && picture.site.devices.get(deviceId)?.family === "switch";
        return cause === undefined || deviceId === undefined || isSwitch || !suppresses(cause, deviceId) ? [] : [deviceId];
      }),
    ),
  };
}

/** A bad release is the device's own trouble: its timers go on. So do those of switches: by their return the parent's end is known. */
function suppresses({ kind, culprit }: Cause, device: DeviceId): boolean {
  return isGroup(kind) && kind !== "release" && culprit !== device;
}

const WEIGHT = { info: 0, warning: 1, error: 2, critical: 3 } satisfies Record<Severity, number>;
const SEVEREST: readonly Severity[] = ["info", "warning", "error", "critical"];

/** Which of several conditions of one device names its trouble. */
const rankOf = ({ kind, severity }: OpenCondition): number => (kind === FLAPPING ? 9 : kind === OFFLINE ? 8 : WEIGHT[severity]);

function wantedOf(causes: readonly Cause[], conditions: readonly OpenCondition[]): Wanted {
  if (conditions.length === 1 && !isGroup(causes[0]?.kind ?? "")) return wantedOfOne(causes[0] as Cause, conditions[0] as OpenCondition);
  const order = conditions
    .map((condition, index) => ({ condition, cause: causes[index] as Cause }))
    .toSorted((a, b) => rankOf(b.condition) - rankOf(a.condition) || (a.condition.kind < b.condition.kind ? -1 : 1));
  const cause = order.find(({ cause: one }) => isGroup(one.kind))?.cause ?? (order[0]?.cause as Cause);
  const devices = new Set(conditions.flatMap(({ deviceId }) => (deviceId === undefined || deviceId === cause.culprit ? [] : [deviceId])));
  const affected = devices.size;
  const worst = Math.max(...conditions.map(({ severity }) => WEIGHT[severity]));
  const { key, kind, scope, causeClass, service, total } = cause;
  return {
    facts: {
      cause: key,
      kind,
      scope,
      causeClass,
      severity: affected >= MANY && worst >= WEIGHT.error ? "critical" : (SEVEREST[worst] ?? "warning"),
      ...cause.words(affected),
      ...(service === undefined ? {} : { service }),
      affected,
      total,
    },
    sinceMs: Math.min(...conditions.map(({ sinceMs }) => sinceMs)),
    conditions,
  };
}

/** Most incidents are one condition of one device. */
function wantedOfOne(cause: Cause, condition: OpenCondition): Wanted {
  const { key, kind, scope, causeClass, total } = cause;
  const affected = condition.deviceId === undefined ? 0 : 1;
  const { severity, sinceMs } = condition;
  const facts = { cause: key, kind, scope, causeClass, severity, ...cause.words(affected), affected, total };
  return { facts, sinceMs, conditions: [condition] };
}

function changesBetween(wanted: ReadonlyMap<string, Wanted>, before: Before, conditions: readonly OpenCondition[]): readonly Change[] {
  const isOpen = new Set(conditions.map(({ id }) => id));
  const keyOf = new Map([...wanted].flatMap(([key, { conditions: own }]) => own.map(({ id }) => [id, key] as const)));
  const byCause = new Map(before.open.map((row) => [row.cause, row]));
  const ended = new Map(before.ended.filter(({ state }) => state === "ended").map((row) => [row.cause, row]));
  /** Whose conditions all went to one other cause. */
  const movers = Map.groupBy(
    before.open.filter(({ cause }) => !wanted.has(cause)),
    (row) => onlyKey(row.conditions.filter((id) => isOpen.has(id)).map((id) => keyOf.get(id))) ?? "",
  );
  const changes: Change[] = [];
  const folded = new Set<number>();
  for (const [key, { facts, sinceMs, conditions: own }] of wanted) {
    const known = byCause.get(key);
    const old = ended.get(key);
    const leaving = movers.get(key) ?? [];
    const survivor = leaving.find(({ kind }) => isGroup(facts.kind) || !isGroup(kind));
    const row = known ?? (old === undefined ? survivor : undefined);
    const members = new Set(row?.conditions);
    const join = own.flatMap(({ id }) => (members.has(id) ? [] : [id]));
    if (row !== undefined) {
      if (join.length > 0 || differs(row, facts)) changes.push({ do: "keep", id: row.id, facts, join });
    } else if (old !== undefined) changes.push({ do: "reopen", id: old.id, facts, join });
    else changes.push({ do: "open", facts, sinceMs, join });
    const into = row?.id ?? old?.id;
    if (into === undefined) continue;
    // Right behind it: the two belong together.
    for (const { id } of leaving) if (id !== into) changes.push({ do: "fold", id, into });
    for (const { id } of leaving) folded.add(id);
  }
  for (const { id } of [...movers.values()].flat()) if (!folded.has(id)) changes.push({ do: "end", id });
  return changes;
}

/** The one key they share; `undefined` where they are none, differ, or one has no cause now. */
function onlyKey(keys: readonly (string | undefined)[]): string | undefined {
  return keys.every((key) => key === keys[0]) ? keys[0] : undefined;
}

const FACTS = ["cause", "kind", "scope", "causeClass", "severity", "title", "why", "advice", "service", "affected", "total"] as const;

function differs(row: IncidentRow, facts: IncidentFacts): boolean {
  return FACTS.some((name) => row[name] !== facts[name]);
}

/** How long ended incidents and looks are of use to a decision. */
export const LOOK_BACK_MS = REOPEN_MS;
