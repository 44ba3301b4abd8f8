/**
 * Sources of firmware, what they offer and what waits in quarantine, as people see them. Pure over the rows.
 */
import { type Disagreement, disagreementText } from "../../firmware/sources/agree.ts";
import { fileContradictions } from "../../firmware/sources/contradictions.ts";
import { rankOf, type SourceKind } from "../../firmware/sources/source.ts";
import type { Inside } from "../../firmware/staging/inside.ts";
import { isoOf } from "../../protocols/core/time.ts";
import { modelOfPartNumber } from "../../protocols/families/part-numbers.ts";
import type { SourceReading } from "../../store/offerings.ts";
import type { QuarantineRow } from "../../store/quarantine.ts";
import type { Store } from "../../store/store.ts";
import type { Fetching } from "../firmware/fetches.ts";
import { sourceTrouble } from "../firmware/source-words.ts";

/** How a source stands. `waiting`: files of it that nobody decided on. */
export function sourceView({ source, atMs, listed, goodAtMs, fault, failingSinceMs }: SourceReading, tables: Pick<Store, "quarantine">) {
  return {
    source,
    rank: rankOf(source, false),
    at: isoOf(atMs),
    listed,
    waiting: tables.quarantine.waiting(source),
    ...(goodAtMs === undefined ? {} : { good: isoOf(goodAtMs) }),
    ...(fault === undefined ? {} : { fault: sourceTrouble(source, fault) }),
    ...(failingSinceMs === undefined ? {} : { since: isoOf(failingSinceMs) }),
  };
}

const isWaiting = ({ verdict, goneAtMs }: QuarantineRow): boolean => verdict === undefined && goneAtMs === undefined;

export function disagreementView(one: Disagreement) {
  const side = ({ source, accepted, name, sha256, sizeBytes, revoked }: Disagreement["used"]) => ({
    ...{ source, rank: rankOf(source, accepted), name, revoked },
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  });
  const { about, version, hardware, used, other } = one;
  return { about, version, hardware, used: side(used), other: side(other), text: disagreementText(one) };
}

/** @param all  those that were decided on and those that are gone, too */
export function quarantineView(all: boolean, tables: Pick<Store, "quarantine">) {
  const rows = tables.quarantine.list().filter((row) => all || isWaiting(row));
  return { schema: "groundswell.quarantine/1" as const, files: rows.map(fileView) };
}

function fileView(row: QuarantineRow) {
  const { source, name, sha256, sizeBytes, hint, listed, inside, foundAtMs, goneAtMs, verdict } = row;
  const version = listed?.version ?? hint.version;
  return {
    ...{ source, name, sha256, sizeBytes },
    state: verdict?.verdict ?? "quarantined",
    found: isoOf(foundAtMs),
    ...(goneAtMs === undefined ? {} : { gone: isoOf(goneAtMs) }),
    ...(version === undefined ? {} : { version }),
    ...(hint.partNumber === undefined ? {} : { partNumber: hint.partNumber }),
    ...(inside === undefined ? {} : { inside: insideView(inside) }),
    contradictions: fileContradictions(row),
    ...(verdict === undefined ? {} : { by: verdict.person, decided: isoOf(verdict.atMs) }),
    ...(verdict === undefined || verdict.reason === "" ? {} : { reason: verdict.reason }),
    ...(verdict?.release === undefined ? {} : { release: verdict.release }),
  };
}

/** Models are those the public table of part numbers names: most newer boards are not in it. */
export function insideView(inside: Inside) {
  if (inside.kind !== "release") return inside;
  const images = inside.images.map((image) => {
    const model = image.partNumber === undefined ? undefined : modelOfPartNumber(image.partNumber);
    return { ...image, ...(model === undefined ? {} : { model }) };
  });
  return { ...inside, images };
}

export function fetchingView(fetching: readonly Fetching[]) {
  return fetching.map(({ sinceMs, ...one }) => ({ ...one, since: isoOf(sinceMs) }));
}

/** More than a person reads, and than one answer over MQTT should hold. */
const OFFERS_SHOWN = 500;

export function offersView(
  { source, model }: { readonly source?: SourceKind | undefined; readonly model?: string | undefined },
  tables: Pick<Store, "offerings">,
) {
  const wanted = model?.trim().toLowerCase();
  const fits = tables.offerings
    .list()
    .filter((one) => source === undefined || one.source === source)
    .filter(({ models }) => wanted === undefined || models.some((each) => each.toLowerCase() === wanted));
  return {
    schema: "groundswell.firmware-offers/1" as const,
    offers: fits.slice(0, OFFERS_SHOWN).map((one) => ({ ...one, rank: rankOf(one.source, false) })),
    left: Math.max(0, fits.length - OFFERS_SHOWN),
  };
}
