import { expect, test } from "vitest";
import { HDX_OBJECTS, hdxObjects } from "../../../protocols/families/hdx-snmp.ts";
import { number, text } from "../lldp/fake-snmp.ts";

test("hdxObjects(): loss in percent is a ratio, jitter in milliseconds is seconds; number and latency are for people [snmp 4.2.1] [snmp 4.2.2] [snmp 4.2.3] [snmp 4.2.4]", () => {
  const values = new Map([
    [HDX_OBJECTS.phoneNumber, text("5551234")],
    [HDX_OBJECTS.packetLoss, number(3)],
    [HDX_OBJECTS.jitter, number(12)],
    [HDX_OBJECTS.latency, number(40)],
  ]);
  expect(hdxObjects(values, 7)).toEqual({
    reading: { packetLossRatio: 0.03, jitterSeconds: 0.012 },
    evidence: [{ via: "snmp", what: "number 5551234, latency 40", atMs: 7 }],
  });
});

test("hdxObjects(): numbers written as text are read, nonsense and absence are absent", () => {
  const odd = new Map([
    [HDX_OBJECTS.packetLoss, text("0.5")],
    [HDX_OBJECTS.jitter, text("n/a")],
  ]);
  expect(hdxObjects(odd, 7)).toEqual({ reading: { packetLossRatio: 0.005 }, evidence: [] });
  expect(hdxObjects(new Map([[HDX_OBJECTS.packetLoss, number(250)]]), 7)).toEqual({ reading: {}, evidence: [] });
});
