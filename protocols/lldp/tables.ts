/**
 * Reads SNMP tables column by column, so that one broken or missing table does not lose the others.
 */
import type { Fault } from "../core/fault.ts";
import type { SnmpClient, SnmpTarget, SnmpValue } from "../snmp/client.ts";

/** A column's values by the rest of their OID: the row's index as dotted text. */
export type Column = ReadonlyMap<string, SnmpValue>;

/** One agent's tables, one after the other. What cannot be read is empty, and `faults` says why. */
export interface TableReader {
  readonly faults: readonly Fault[];
  /** The fault after which nothing more is asked: the agent is silent or turns us away, or we are stopped. */
  readonly ended: Fault | undefined;
  column(root: string): Promise<Column>;
  /** Single objects by their OID. */
  get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>>;
}

/** Faults of the agent itself, not of one table. */
const ENDS: readonly Fault["kind"][] = ["unreachable", "denied", "cancelled", "busy"];

export function tableReader(target: SnmpTarget, snmp: SnmpClient, signal: AbortSignal): TableReader {
  const faults: Fault[] = [];
  let ended: Fault | undefined;
  const note = (fault: Fault): void => {
    faults.push(fault);
    if (ENDS.includes(fault.kind)) ended = fault;
  };
  return {
    faults,
    get ended() {
      return ended;
    },
    async column(root) {
      const rows = new Map<string, SnmpValue>();
      if (ended !== undefined) return rows;
      const walked = await snmp.walk(target, root, signal);
      if (!walked.ok) note(walked.fault);
      else for (const { oid, value } of walked.value) rows.set(oid.slice(root.length + 1), value);
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
