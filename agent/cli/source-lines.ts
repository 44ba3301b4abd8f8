/** How each source of firmware stands, as lines for people. Pure. */
import type { Ms } from "../../protocols/core/time.ts";
import type { SourceShown } from "./firmware-results.ts";
import { counted, momentOf, relative } from "./show.ts";

/** `nowMs`: where it matters when each was read. */
export function sourceLine({ source, rank, at, listed, waiting, good, fault, since }: SourceShown, nowMs: Ms | undefined): string {
  const when = (iso: string | null | undefined): string =>
    nowMs === undefined || momentOf(iso) === undefined ? "" : relative(iso ?? "", nowMs);
  const files = waiting === 0 ? "" : `, ${counted(waiting, "file")} in quarantine  →  groundswell firmware quarantine`;
  const named = `${source} (rank ${rank})`;
  if (typeof fault !== "string") return `${named}: ${counted(listed, "entry", "entries")}, read ${when(at) || "now"}${files}`;
  const last = typeof good === "string" ? `; last read ${when(good) || good}, ${counted(listed, "entry", "entries")}` : "; never read yet";
  return `${named}: ${fault}${typeof since === "string" && when(since) !== "" ? ` (since ${when(since)})` : ""}${last}${files}`;
}
