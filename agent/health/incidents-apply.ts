/** Writes what was decided, and tells it, in one transaction. */
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { IncidentFacts, IncidentRow } from "../../store/incident-rows.ts";
import type { Store } from "../../store/store.ts";
import type { Change } from "./causes/decide.ts";

export interface ApplyIo {
  readonly store: Pick<Store, "transaction" | "incidents">;
  /** Inside the transaction. */
  onIncident(what: "opened" | "changed" | "closed", row: IncidentRow): void;
}

/** News that only count how many more it holds are told so often: a switch takes its phones one after the other. */
const COUNT_TOLD_EVERY_MS: Ms = MINUTE;

/** @returns how many rows changed */
export function applyChanges(changes: readonly Change[], io: ApplyIo, nowMs: Ms): number {
  const { incidents } = io.store;
  const uncounted = incidents.listOpen().some((row) => isDueToTell(row, nowMs));
  if (changes.length === 0 && !uncounted) return 0;
  io.store.transaction(() => {
    for (const change of changes) applyOne(change, io, nowMs);
    for (const row of incidents.listOpen()) if (isDueToTell(row, nowMs)) tell("changed", row.id, io, nowMs);
  });
  return changes.length;
}

const isDueToTell = ({ affected, toldAffected, toldMs, kind }: IncidentRow, nowMs: Ms): boolean =>
  kind !== "other" && kind !== "coverage" && affected !== toldAffected && nowMs - toldMs >= COUNT_TOLD_EVERY_MS;

function applyOne(change: Change, io: ApplyIo, nowMs: Ms): void {
  const { incidents } = io.store;
  switch (change.do) {
    case "open": {
      const { facts, sinceMs, join } = change;
      tell("opened", incidents.open({ ...facts, sinceMs, conditions: join }).id, io, nowMs);
      return;
    }
    case "reopen":
      incidents.reopen(change.id);
      for (const condition of change.join) incidents.join(change.id, condition);
      incidents.update(change.id, change.facts);
      tell("opened", change.id, io, nowMs);
      return;
    case "keep": {
      const before = incidents.load(change.id);
      for (const condition of change.join) incidents.join(change.id, condition);
      incidents.update(change.id, change.facts);
      if (before === undefined || isNews(before, change.facts)) tell("changed", change.id, io, nowMs);
      return;
    }
    case "fold":
    case "end":
      if (incidents.close(change.id, nowMs, change.do === "fold" ? change.into : undefined)) tell("closed", change.id, io, nowMs);
  }
}

const NEWS = ["cause", "kind", "causeClass", "severity", "service"] as const;

function isNews(row: IncidentRow, facts: IncidentFacts): boolean {
  return NEWS.some((name) => row[name] !== facts[name]);
}

function tell(what: "opened" | "changed" | "closed", id: number, io: ApplyIo, nowMs: Ms): void {
  const { incidents } = io.store;
  const row = incidents.load(id);
  if (row === undefined) return;
  incidents.told(id, nowMs, row.affected);
  io.onIncident(what, { ...row, revision: row.revision + 1 });
}
