/**
 * What a visit found, as the document `groundswell.probe/1` (design 14, kept stable for scripts) and for people. Pure.
 */

import type { FamilyId } from "../../protocols/core/device.ts";
import { type Fault, showFault } from "../../protocols/core/fault.ts";
import { showMac } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { Identified } from "../../protocols/families/identify.ts";
import { type Health, safeText, showState } from "./output.ts";
import { facts as factLines } from "./show.ts";

/** Only what is known stands in it. */
export interface ProbeDocument {
  readonly schema: "groundswell.probe/1";
  readonly address: string;
  readonly [field: string]: unknown;
}

export function probeDocument(address: string, identified: Identified): ProbeDocument {
  const { family, vendor, model, partNumber, mac, serial, running, managedBy } = identified.facts;
  const known = { family, vendor, model, partNumber, mac, serial, running, inUse: identified.inUse, managedBy };
  return {
    schema: "groundswell.probe/1",
    address,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    lines: identified.lines.map(({ address: line, registered }) => ({ address: line, registered })),
    readings: identified.reading,
    evidence: identified.evidence.map(({ via, what, atMs }) => ({ via, what, at: isoOf(atMs) })),
    faults: identified.faults.map((fault) => ({
      ...("via" in fault ? { via: fault.via } : {}),
      kind: fault.kind,
      detail: showFault(fault),
    })),
  };
}

/** Families by the words people use. */
const FAMILY_WORDS: Readonly<Record<FamilyId, string>> = {
  "uc-phone": "phone",
  soundpoint: "SoundPoint phone",
  "video-os": "room system",
  group: "Group room system",
  hdx: "HDX room system",
  "lens-only": "Lens-managed device",
  switch: "switch",
  "generic-snmp": "SNMP device",
};

const USE: Readonly<Record<string, Health>> = { idle: "ok", busy: "warning", unknown: "unknown" };

export function probeText(address: string, identified: Identified, colour: boolean): string {
  const { facts, inUse, lines, evidence, faults } = identified;
  const { family, vendor, model, mac, serial, partNumber, running, managedBy, name } = facts;
  const what = [vendor, model ?? (family === undefined ? undefined : FAMILY_WORDS[family])].filter((part) => part !== undefined).join(" ");
  const head = [address, what === "" ? "not identified" : what, name].filter((part) => part !== undefined).join(" · ");
  const use = inUse === undefined ? undefined : showState(USE[inUse.state] ?? "unknown", { colour, word: inUse.state });
  const registered = lines.filter((line) => line.registered).length;
  const rows = factLines([
    ["kind", family === undefined ? undefined : `${FAMILY_WORDS[family]} (${family})`],
    ["MAC", mac === undefined ? undefined : showMac(mac)],
    ["serial", safe(serial)],
    ["part number", safe(partNumber)],
    ["firmware", safe(running?.application)],
    ["updater", safe(running?.updater)],
    ["managed by", managedBy === "none" ? undefined : managedBy],
    ["in use", use === undefined || inUse === undefined || inUse.state === "idle" ? use : `${use}: ${safeText(inUse.reason)}`],
    ["lines", lines.length === 0 ? undefined : `${registered} of ${lines.length} registered`],
  ]);
  return [
    `${safeText(head)}\n${rows}`,
    section(
      "lines",
      lines.map((line) => `${line.address}  ${line.registered ? "registered" : "not registered"}`),
    ),
    section(
      "readings",
      Object.entries(identified.reading).map(([reading, value]) => `${reading}  ${value}`),
    ),
    section(
      "evidence",
      evidence.map(({ via, what: seen }) => `${via}  ${seen}`),
    ),
    section("faults", doors(faults)),
  ].join("");
}

function safe(text: string | undefined): string | undefined {
  return text === undefined ? undefined : safeText(text);
}

/** A door that is shut by everybody is told once. */
function doors(faults: readonly Fault[]): string[] {
  return [...new Set(faults.map(showFault))];
}

function section(title: string, rows: readonly string[]): string {
  return rows.length === 0 ? "" : `  ${title}\n${rows.map((row) => `    ${safeText(row)}\n`).join("")}`;
}
