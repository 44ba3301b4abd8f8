/**
 * Writes what was decided, and tells it: each change and its event in one transaction. A storm is written in pieces, so that
 * nobody waits for it; whatever was written, the next decision goes on from there.
 */
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

/** Changes of one transaction: some 20 ms. */
const PIECE = 20;

/**
 * A cause and the incidents that go into it are one piece: torn apart, these would have no condition left and end as if it had
 * never been.
 *
 * @param open what is open before the changes
 */
export function piecesOf(changes: readonly Change[], open: readonly IncidentRow[], nowMs: Ms): readonly (readonly Change[])[] {
  const counted = open.flatMap((row): Change[] => (isDueToTell(row, nowMs) ? [{ do: "tell", id: row.id }] : []));
  const pieces: Change[][] = [];
  for (const change of [...changes, ...counted]) {
    const last = pieces.at(-1);
    if (last === undefined || (last.length >= PIECE && change.do !== "fold")) pieces.push([change]);
    else last.push(change);
  }
  return pieces;
}

export function applyPiece(piece: readonly Change[], io: ApplyIo, nowMs: Ms): void {
  io.store.transaction(() => {
    for (const change of piece) applyOne(change, io, nowMs);
  });
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
      incidents.joinAll(change.id, change.join);
      incidents.update(change.id, change.facts);
      tell("opened", change.id, io, nowMs);
      return;
    case "keep": {
      const before = incidents.load(change.id);
      incidents.joinAll(change.id, change.join);
      incidents.update(change.id, change.facts);
      if (before === undefined || isNews(before, change.facts)) tell("changed", change.id, io, nowMs);
      return;
    }
    case "tell": {
      const row = incidents.load(change.id);
      if (row?.state === "open" && isDueToTell(row, nowMs)) tell("changed", change.id, io, nowMs);
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
