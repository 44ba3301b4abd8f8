/** A client that answers from recorded values, in the order of their OIDs. */
import { type Fault, fail, ok } from "../../../protocols/core/fault.ts";
import type { SnmpClient, SnmpRow, SnmpValue } from "../../../protocols/snmp/client.ts";
import { compareOids, isUnder, parseOid } from "../../../protocols/snmp/oids.ts";

export type Recording = Record<string, SnmpValue>;

export const text = (value: string): SnmpValue => ({ type: "octets", value: Buffer.from(value) });
export const hex = (value: string): SnmpValue => ({ type: "octets", value: Buffer.from(value.replaceAll(/[: ]/g, ""), "hex") });
export const number = (value: number): SnmpValue => ({ type: "integer", value });
export const object = (value: string): SnmpValue => ({ type: "oid", value });
export const ticks = (value: number): SnmpValue => ({ type: "ticks", value });

export interface FakeSnmp extends SnmpClient {
  readonly asked: string[];
}

export function fakeSnmp(recording: Recording, faults: Readonly<Record<string, Fault>> = {}): FakeSnmp {
  const rows: SnmpRow[] = Object.entries(recording)
    .map(([oid, value]) => ({ oid, value }))
    .sort((a, b) => compareOids(parseOid(a.oid) ?? [], parseOid(b.oid) ?? []));
  const asked: string[] = [];
  return {
    asked,
    async get(_target, oids) {
      asked.push(...oids);
      const fault = oids.map((oid) => faults[oid]).find((one) => one !== undefined);
      if (fault !== undefined) return fail(fault);
      return ok(new Map(oids.map((oid): [string, SnmpValue] => [oid, recording[oid] ?? { type: "absent", why: "noSuchObject" }])));
    },
    async walk(_target, root) {
      asked.push(root);
      const fault = faults[root];
      return fault === undefined ? ok(rows.filter((row) => isUnder(row.oid, root) && row.oid !== root)) : fail(fault);
    },
    close: async () => undefined,
  };
}
