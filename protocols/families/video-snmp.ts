/**
 * The SNMP side of video endpoints: hardware health and a hint of use. Identity, version and lines come from REST or SSH.
 * Source: protocols/snmp.md 4.1 (centreon common::polycom::endpoint); the same layout on VideoOS is expected, not confirmed.
 */

import type { Evidence, InUse } from "../core/device.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Reading } from "../core/reading.ts";
import type { Clock } from "../core/time.ts";
import { type TableReader, tableReader } from "../lldp/tables.ts";
import type { SnmpClient, SnmpTarget } from "../snmp/client.ts";

import { ENDPOINT } from "../snmp/oids.ts";
import { numberOf, textOf } from "../snmp/values.ts";

export interface VideoSnmp {
  readonly reading: Reading;
  /** Names of failed parts. */
  readonly failed: readonly string[];
  readonly inUse: InUse;
  readonly evidence: readonly Evidence[];
  /** Tables that could not be read. */
  readonly faults: readonly Fault[];
}

/** 1 is disabled, which is no fault: an absent microphone reads so. 2 is ok. */
const FAILED = 3;
const TABLES = [
  { what: "microphone", name: ENDPOINT.microphoneName, status: ENDPOINT.microphoneStatus },
  { what: "camera", name: ENDPOINT.cameraName, status: ENDPOINT.cameraStatus },
  { what: "network interface", name: ENDPOINT.nicName, status: ENDPOINT.nicStatus },
] as const;
const SINGLES = [
  { what: "touch panel", status: ENDPOINT.ptcStatus },
  { what: "UC board", status: ENDPOINT.ucBoardStatus },
] as const;

async function failedInTables(read: TableReader): Promise<string[]> {
  const failed: string[] = [];
  for (const table of TABLES) {
    const broken = [...(await read.column(table.status))].filter(([, value]) => numberOf(value) === FAILED);
    if (broken.length === 0) continue;
    const names = await read.column(table.name);
    failed.push(...broken.map(([row]) => textOf(names.get(row)) ?? `${table.what} ${row}`));
  }
  return failed;
}

function hardwareWords(failed: readonly string[], counted: boolean): string {
  if (failed.length > 0) return `failed: ${failed.join(", ")}`;
  return counted ? "reports no failure" : "states could not all be read";
}

function inUseOf(conferences: number | undefined): InUse {
  if (conferences === undefined) return { state: "unknown", reason: "SNMP does not count conferences" };
  return conferences === 0 ? { state: "idle" } : { state: "busy", reason: `${conferences} conference${conferences === 1 ? "" : "s"}` };
}

/**
 * Reads hardware states and the number of conferences.
 *
 * @returns `off` where the agent answers but has none of these objects; else the agent's own faults
 */
export async function readVideoSnmp(
  target: SnmpTarget,
  io: { readonly snmp: SnmpClient; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Result<VideoSnmp>> {
  const { overallStatus, activeConferences } = ENDPOINT;
  const got = await io.snmp.get(target, [overallStatus, activeConferences, ...SINGLES.map(({ status }) => status)], signal);
  if (!got.ok) return got;
  const overall = numberOf(got.value.get(overallStatus));
  const conferences = numberOf(got.value.get(activeConferences));
  if (overall === undefined && conferences === undefined) return fail({ kind: "off", via: "snmp", detail: "no endpoint objects" });
  const read = tableReader(target, io.snmp, signal);
  const failed = await failedInTables(read);
  failed.push(...SINGLES.filter(({ status }) => numberOf(got.value.get(status)) === FAILED).map(({ what }) => what));
  if (overall === FAILED && failed.length === 0) failed.push("hardware");
  const counted = overall !== undefined && read.faults.length === 0;
  return ok({
    // From half the tables "none" proves nothing and is absent; what was found failed still counts.
    reading: {
      ...(counted || failed.length > 0 ? { componentsFailed: failed.length } : {}),
      ...(conferences === undefined ? {} : { inCall: conferences > 0 ? 1 : 0 }),
    },
    failed,
    inUse: inUseOf(conferences),
    evidence: [{ via: "snmp", what: `hardware ${hardwareWords(failed, counted)}`, atMs: io.clock.nowMs() }],
    faults: read.faults,
  });
}
