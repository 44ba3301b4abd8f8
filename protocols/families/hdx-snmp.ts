/**
 * The objects of an HDX beside its system group. Source: protocols/snmp.md 4.2.
 */

import type { Evidence } from "../core/device.ts";
import type { Reading } from "../core/reading.ts";
import type { Ms } from "../core/time.ts";
import { numberOf, type SnmpValue, textOf } from "../snmp/values.ts";

export const HDX_OBJECTS = {
  phoneNumber: "1.3.6.1.4.1.2684.1.1.2.0",
  /** Percent, of H.323 calls. */
  packetLoss: "1.3.6.1.4.1.2684.1.1.21.0",
  /** Milliseconds. */
  jitter: "1.3.6.1.4.1.2684.1.1.22.0",
  /** Its unit is not stated anywhere. */
  latency: "1.3.6.1.4.1.2684.1.1.23.0",
} as const;

/** Real numbers are under 64 characters. */
const NUMBER_CHARS = 64;

/** A number as such, or written as text. */
function amountOf(value: SnmpValue | undefined): number | undefined {
  const text = textOf(value);
  const amount = numberOf(value) ?? (text !== undefined && /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined);
  return amount === undefined || amount < 0 ? undefined : amount;
}

/** Loss and jitter in our units; number and latency as the agent gives them, for people. */
export function hdxObjects(values: ReadonlyMap<string, SnmpValue>, atMs: Ms): { reading: Reading; evidence: readonly Evidence[] } {
  const lossPercent = amountOf(values.get(HDX_OBJECTS.packetLoss));
  const jitterMs = amountOf(values.get(HDX_OBJECTS.jitter));
  const latency = amountOf(values.get(HDX_OBJECTS.latency));
  const number = textOf(values.get(HDX_OBJECTS.phoneNumber))?.slice(0, NUMBER_CHARS);
  const said = [...(number === undefined ? [] : [`number ${number}`]), ...(latency === undefined ? [] : [`latency ${latency}`])];
  return {
    reading: {
      ...(lossPercent === undefined || lossPercent > 100 ? {} : { packetLossRatio: lossPercent / 100 }),
      ...(jitterMs === undefined ? {} : { jitterSeconds: jitterMs / 1000 }),
    },
    evidence: said.length === 0 ? [] : [{ via: "snmp", what: said.join(", "), atMs }],
  };
}
