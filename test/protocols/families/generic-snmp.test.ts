import { expect, test } from "vitest";
import { genericSnmp } from "../../../protocols/families/generic-snmp.ts";

const confidence = (sysObjectId: string | undefined): number | undefined =>
  genericSnmp.recognise({ snmp: sysObjectId === undefined ? {} : { sysObjectId } }, 1)?.confidence;

test("recognise(): an agent that states another maker is none of ours, so likely generic", () => {
  expect(confidence("1.3.6.1.4.1.99999.1")).toBe(0.5);
});

test("recognise(): a number that may be of a device of ours, or none at all, is only a hint", () => {
  for (const object of ["1.3.6.1.4.1.13885.101", "1.3.6.1.4.1.2684.1.1", "1.3.6.1.4.1.8072.3.2.10", undefined]) {
    expect([object, confidence(object)]).toEqual([object, 0.2]);
  }
});

test("recognise(): a server of ours by its number is likely enough to be read", () => {
  for (const rest of ["13885.9.1.10.1", "13885.102", "13885.13"]) expect([rest, confidence(`1.3.6.1.4.1.${rest}`)]).toEqual([rest, 0.8]);
});

test("recognise(): without an SNMP answer it is nobody's", () => {
  expect(genericSnmp.recognise({ sip: { userAgent: "x" } }, 1)).toBeUndefined();
});

test("recognise(): other Polycom infrastructure is named as far as it names itself", () => {
  expect(genericSnmp.recognise({ snmp: { sysDescr: "RMX.8.4.0.100", sysObjectId: "1.3.6.1.4.1.13885.9.1.10.1" } }, 3)).toMatchObject({
    facts: { family: "generic-snmp", vendor: "Polycom", model: "RMX", running: { application: "8.4.0.100" } },
    evidence: [{ via: "snmp", atMs: 3 }],
  });
});
