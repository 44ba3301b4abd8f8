import { expect, test } from "vitest";
import type { Change } from "../../../agent/health/causes/decide.ts";
import { type ApplyIo, applyPiece, piecesOf } from "../../../agent/health/incidents-apply.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import type { IncidentFacts, IncidentRow } from "../../../store/incident-rows.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const facts = (cause: string, affected = 1): IncidentFacts => ({
  ...{ cause, kind: "switch", scope: "sw", causeClass: "network", severity: "error" },
  ...{ title: cause, why: "", advice: "", affected, total: 9 },
});

function bench() {
  const store = temporaryStore();
  const told: string[] = [];
  const io: ApplyIo = { store, onIncident: (what, { id, revision }) => void told.push(`${what} ${id} r${revision}`) };
  return { store, told, io };
}

const open = (cause: string): Change => ({ do: "open", facts: facts(cause), sinceMs: T0, join: [] });

test("applyPiece(): each change and its telling, or none of a piece", () => {
  const { store, told, io } = bench();
  applyPiece([open("a"), open("b")], io, T0);
  applyPiece(
    [
      { do: "fold", id: 2, into: 1 },
      { do: "end", id: 1 },
    ],
    io,
    T0 + 1,
  );
  applyPiece([{ do: "reopen", id: 1, facts: facts("a"), join: [] }], io, T0 + 2);
  expect(told).toEqual(["opened 1 r2", "opened 2 r2", "closed 2 r3", "closed 1 r3", "opened 1 r4"]);
  expect(store.incidents.list(9).map(({ id, state, parent, reopened }) => [id, state, parent, reopened])).toEqual([
    [2, "partOf", 1, 0],
    [1, "open", undefined, 1],
  ]);
  const failing: ApplyIo = {
    store,
    onIncident: () => {
      throw new Error("killed");
    },
  };
  expect(() => applyPiece([open("c")], failing, T0)).toThrow("killed");
  expect(store.incidents.list(9)).toHaveLength(2);
});

test("applyPiece(): another cause or severity is news at once, a count after a minute", () => {
  const { store, told, io } = bench();
  applyPiece([open("a")], io, T0);
  applyPiece([{ do: "keep", id: 1, facts: facts("a", 5), join: [] }], io, T0 + 1);
  expect([told, store.incidents.load(1)?.affected]).toEqual([["opened 1 r2"], 5]);
  const due = (nowMs: number): readonly (readonly Change[])[] => piecesOf([], store.incidents.listOpen(), nowMs);
  expect(due(T0 + MINUTE - 1)).toEqual([]);
  for (const piece of due(T0 + MINUTE)) applyPiece(piece, io, T0 + MINUTE);
  expect([told.at(-1), due(T0 + 9 * MINUTE)]).toEqual(["changed 1 r3", []]);
  applyPiece([{ do: "keep", id: 1, facts: { ...facts("b", 5), severity: "critical" }, join: [] }], io, T0 + MINUTE + 1);
  expect(told.at(-1)).toBe("changed 1 r4");
});

test("piecesOf(): twenty and twenty, but what goes into a cause stays with it", () => {
  const folds = Array.from({ length: 30 }, (_, index): Change => ({ do: "fold", id: index + 2, into: 1 }));
  const keep: Change = { do: "keep", id: 1, facts: facts("a"), join: [] };
  expect(piecesOf([keep, ...folds, open("x")], [], T0).map((piece) => piece.length)).toEqual([31, 1]);
  expect(
    piecesOf(
      Array.from({ length: 45 }, (_, index) => open(`c${index}`)),
      [],
      T0,
    ).map((piece) => piece.length),
  ).toEqual([20, 20, 5]);
  const contracts = { kind: "coverage", affected: 0, toldAffected: 3, toldMs: 0 } as unknown as IncidentRow;
  expect(piecesOf([], [contracts], T0)).toEqual([]);
});
