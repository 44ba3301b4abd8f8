/**
 * How a DHCP server's leases and the Lens account stand, as lines for people. Pure.
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { RecordShown } from "./results.ts";
import { counted, relative } from "./show.ts";

/** `nowMs`: where it matters when each was read. */
export function recordLines(records: readonly RecordShown[] | null | undefined, nowMs?: Ms): (readonly ["records", string])[] {
  return (records ?? []).map((record) => ["records", lineOf(record, nowMs)]);
}

function lineOf({ source, at, listed, devices, unreadable, fault, since }: RecordShown, nowMs: Ms | undefined): string {
  const when = nowMs === undefined ? "" : `, read ${relative(at, nowMs)}`;
  const failing = typeof since === "string" && nowMs !== undefined ? ` (since ${relative(since, nowMs)})` : "";
  const bad = typeof unreadable === "number" && unreadable > 0 ? `, ${counted(unreadable, "entry", "entries")} not readable` : "";
  const found = `${counted(devices, "device")} of ${listed} listed${bad}${when}`;
  return typeof fault === "string" ? `${source}: ${fault}${failing}; last ${found}` : `${source}: ${found}`;
}
