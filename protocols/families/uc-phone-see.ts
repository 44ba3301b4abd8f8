/**
 * The short visit to a phone: who it is, what runs, is it in use, are its lines registered. Source: protocols/uc-phones.md 4.
 */

import type { InUse, Line } from "../core/device.ts";
import { type Fault, fail, ok, type Result, showFault } from "../core/fault.ts";
import {
  decodeCalls,
  decodeDeviceInfo,
  decodeLines,
  decodePollState,
  type Envelope,
  faultOfCode,
  type PhoneInfo,
} from "./uc-phone-answers.ts";
import { askFirst, endsVisit, type PhoneVisit } from "./uc-phone-visit.ts";

/** What a short visit learns; a longer one adds to it. */
export interface Seen {
  readonly info: PhoneInfo;
  readonly inUse: InUse;
  /** `undefined` where the phone did not tell them. */
  readonly lines: readonly Line[] | undefined;
  readonly faults: readonly Fault[];
}

/** The envelope's data, or the fault its code means. */
export function dataOf(envelope: Result<Envelope>): Result<unknown> {
  if (!envelope.ok) return envelope;
  const fault = faultOfCode(envelope.value.code);
  return fault === undefined ? ok(envelope.value.data) : fail(fault);
}

/** One connection: device/info, callStatus, lineInfo. Without device/info there is no answer. */
export async function see(visit: PhoneVisit): Promise<Result<Seen>> {
  const answer = dataOf(await askFirst(visit, ["v2/mgmt/device/info", "v1/mgmt/device/info"]));
  const info = answer.ok ? decodeDeviceInfo(answer.value) : answer;
  if (!info.ok) return info;
  const faults: Fault[] = [];
  const calls = await readCalls(visit);
  if (!calls.ok) faults.push(calls.fault);
  const inUse = gate(info.value, calls);
  if (!calls.ok && endsVisit(calls.fault)) return ok({ info: info.value, inUse, lines: undefined, faults });
  const records = dataOf(await visit.ask("v1/mgmt/lineInfo"));
  const lines = records.ok ? decodeLines(records.value, info.value.facts.model) : records;
  if (!lines.ok) faults.push(lines.fault);
  return ok({ info: info.value, inUse, lines: lines.ok ? lines.value : undefined, faults });
}

/** v2, else v1 (4007 is its idle answer), else the phone's own state. Source: protocols/uc-phones.md 4.3. */
async function readCalls(visit: PhoneVisit): Promise<Result<InUse>> {
  const list = await askFirst(visit, ["v2/webCallControl/callStatus", "v1/webCallControl/callStatus"]);
  if (list.ok && list.value.code === "4007") return ok({ state: "idle" });
  const data = dataOf(list);
  if (data.ok) return decodeCalls(data.value);
  if (data.fault.kind !== "off") return data;
  const state = dataOf(await visit.ask("v1/mgmt/pollForStatus"));
  return state.ok ? decodePollState(state.value) : state;
}

/** Calls decide; where there are none, v2's readiness flags may still object. */
function gate(info: PhoneInfo, calls: Result<InUse>): InUse {
  if (!calls.ok) return { state: "unknown", reason: `the call state cannot be read: ${showFault(calls.fault)}` };
  if (calls.value.state !== "idle") return calls.value;
  if (info.goingDown === true) return { state: "busy", reason: "the phone is about to go down by itself" };
  if (info.canShutDown === false) return { state: "busy", reason: "the phone says it cannot go down now" };
  if (info.ready === false) return { state: "unknown", reason: "the phone is still starting" };
  return calls.value;
}
