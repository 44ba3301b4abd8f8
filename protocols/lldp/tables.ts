/**
 * Reads SNMP tables column by column, so that one broken or missing table does not lose the others.
 */

/** A column's values by the rest of their OID: the row's index as dotted text. */

const ENDS                           = ["unreachable", "denied", "cancelled", "busy"];

export function tableReader(target            , snmp            , signal             )              {
  const faults          = [];
  let ended                   ;
  const note = (fault       )       => {
    faults.push(fault);
    if (ENDS.includes(fault.kind)) ended = fault;
  };
  return {
    faults,
    get ended() {
      return ended;
    },
    async column(root) {
      const rows = new Map                   ();
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
export function indexOf(row        )                    {
  return row.split(".").map(Number);
}

