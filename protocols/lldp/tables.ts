/**
 * Reads SNMP tables column by column, so that one broken or missing table does not lose the others.
 */
import { type Fault, ok, type Result } from "../core/fault.ts";
import type { SnmpClient, SnmpTarget, SnmpValue } from "../snmp/client.ts";

/** A column's values by the rest of their OID: the row's index as dotted text. */
export type Column = ReadonlyMap<string, SnmpValue>;

/** One agent's tables, one after the other. What cannot be read is empty, and `faults` says why. */
export interface TableReader {
  readonly faults: readonly Fault[];
  /** The fault after which nothing more is asked: the agent is silent or turns us away, or we are stopped. */
  readonly ended: Fault | undefined;
  column(root: string): Promise<Column>;
  /** As `column`; where it has more rows than one ask may bring, piece by piece: `firsts` gives the first numbers of its rows. */
  longColumn(root: string, firsts: () => Promise<readonly number[]>): Promise<Column>;
  /** Single objects by their OID. */
  get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>>;
}

/** Pieces of one long column: VLANs or interfaces of a core switch. Rows of all of them: the MACs of a site of our size, twice over. */
const MAX_PIECES = 512;
const MAX_ROWS = 40_000;

/** Faults of the agent itself, not of one table. */
const ENDS: readonly Fault["kind"][] = ["unreachable", "denied", "cancelled", "busy"];

export function tableReader(target: SnmpTarget, snmp: SnmpClient, signal: AbortSignal): TableReader {
  const faults: Fault[] = [];
  let ended: Fault | undefined;
  const note = (fault: Fault): void => {
    faults.push(fault);
    if (ENDS.includes(fault.kind)) ended = fault;
  };
  /** Rows below `under`, named by what follows `root`. */
  const walk = async (under: string, root: string): Promise<Result<Map<string, SnmpValue>>> => {
    if (ended !== undefined) return ok(new Map());
    const walked = await snmp.walk(target, under, signal);
    return walked.ok ? ok(new Map(walked.value.map(({ oid, value }) => [oid.slice(root.length + 1), value]))) : walked;
  };
  return {
    faults,
    get ended() {
      return ended;
    },
    async column(root) {
      const rows = await walk(root, root);
      if (rows.ok) return rows.value;
      note(rows.fault);
      return new Map();
    },
    async longColumn(root, firsts) {
      const whole = await walk(root, root);
      if (whole.ok) return whole.value;
      if (whole.fault.kind !== "overBudget" || whole.fault.budget !== "items") {
        note(whole.fault);
        return new Map();
      }
      const rows = new Map<string, SnmpValue>();
      const pieces = [...new Set(await firsts())].slice(0, MAX_PIECES);
      // Nothing to split it by: the column is missing, and that is why.
      if (pieces.length === 0) note(whole.fault);
      for (const first of pieces) {
        const piece = await walk(`${root}.${first}`, root);
        if (!piece.ok) note(piece.fault);
        else for (const [row, value] of piece.value) if (rows.size < MAX_ROWS) rows.set(row, value);
      }
      return rows;
    },
    async get(oids) {
      if (ended !== undefined) return new Map();
      const got = await snmp.get(target, oids, signal);
      if (got.ok) return got.value;
      note(got.fault);
      return new Map();
    },
  };
}

/** The numbers of a row's index. */
export function indexOf(row: string): readonly number[] {
  return row.split(".").map(Number);
}
