/**
 * Where lists of entitlements come from by themselves: each is asked, and gives its whole list or says why not.
 */
import { showFault } from "../../protocols/core/fault.ts";
import type { EntitlementSource } from "../../store/entitlements.ts";
import type { Thread } from "../threads/channel.ts";
import type { FieldRequests } from "../threads/requests.ts";
import type { Line } from "./list.ts";
import { CSV_BYTES_MAX, readEntitlementCsv } from "./list-csv.ts";
import { linesOf } from "./list-lens.ts";
import type { Portal } from "./portal.ts";

export type ReadList =
  | { readonly ok: true; readonly name: string; readonly lines: readonly Line[]; readonly note?: string }
  | { readonly ok: false; readonly why: string };

export interface SourcesIo {
  readonly field: Pick<Thread<FieldRequests>, "ask">;
  readonly portal?: { readonly adapter: Portal; readonly url: string };
  readonly zone: string;
}

/** Lens knowing devices and not one contract is more likely a right that the account lacks. Source: protocols/lens-and-portal.md 2, uncertain. */
const LENS_SILENT = "Lens names no contract of any device: whether this account is told of them is not sure, so it is not taken as a list";

export async function readLensList(io: SourcesIo, signal: AbortSignal): Promise<ReadList> {
  const told = await io.field.ask("lensEntitlements", null, signal);
  if (!told.ok) return { ok: false, why: showFault(told.fault) };
  if (typeof told.value === "string") return { ok: false, why: told.value };
  const { entitlements, devices } = told.value;
  if (entitlements.length === 0) return { ok: false, why: LENS_SILENT };
  const { lines, unreadable } = linesOf(entitlements, io.zone);
  const note = unreadable === 0 ? {} : { note: `${unreadable} of ${entitlements.length} entitlements name no device and are left out` };
  return { ok: true, name: `Lens account, ${devices} devices`, lines, ...note };
}

export async function readPortalList(io: SourcesIo, signal: AbortSignal): Promise<ReadList> {
  if (io.portal === undefined) return { ok: false, why: "no portal is configured: give coverage.portal in the settings" };
  const read = await io.portal.adapter.entitlements(signal);
  return read.ok ? { ok: true, name: io.portal.url, lines: read.value } : { ok: false, why: showFault(read.fault) };
}

/** Problems told at once; the rest are counted. */
const PROBLEMS_SHOWN = 20;

export function readCsvList(name: string, text: string): ReadList {
  if (Buffer.byteLength(text) > CSV_BYTES_MAX) return { ok: false, why: `"${name}" is larger than ${CSV_BYTES_MAX} bytes` };
  const { lines, problems } = readEntitlementCsv(text);
  if (problems.length === 0) return { ok: true, name, lines };
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ line, what }) => `line ${line}: ${what}`);
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : [];
  return { ok: false, why: `"${name}" is not taken in, nothing is changed:\n${[...shown, ...more].join("\n")}` };
}

export const SOURCE_NAMES: Readonly<Record<EntitlementSource, string>> = { csv: "the file", lens: "Lens", portal: "the portal" };
