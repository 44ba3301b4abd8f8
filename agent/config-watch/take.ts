/**
 * Takes in one reading of a device's settings: the same again, or a new version with its event, in one transaction.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { type ChangeCounts, type ConfigCause, type ConfigVersion, hashOf } from "../../store/configs.ts";
import { present } from "../../store/row.ts";
import type { Store } from "../../store/store.ts";
import type { EventData } from "../feed/events.ts";
import { causeOf } from "./cause.ts";
import { type Comparison, compareTexts, countsOf, type KeyChange } from "./compare.ts";
import { withoutMarks } from "./keys.ts";
import type { Snapshot } from "./snapshot.ts";

export interface TakeIo {
  readonly store: Pick<Store, "transaction" | "configs">;
  /** Inside the transaction. */
  tell(event: EventData<"config.changed">): void;
  /** For whoever keeps a closer record around changes; inside the transaction. */
  noteChange?(device: DeviceId, what: "config", atMs: Ms): void;
}

/** `first`: nothing to compare with yet. */
export type Taken = { readonly as: "first" | "same" } | { readonly as: "changed"; readonly changes: readonly KeyChange[] };

export function takeSnapshot(device: DeviceId, snapshot: Snapshot, atMs: Ms, io: TakeIo): Taken {
  const { configs } = io.store;
  return io.store.transaction(() => {
    const before = configs.latest(device, snapshot.source);
    const begin = (cause: ConfigCause, counts?: ChangeCounts): void => {
      const { source, text, settings, original } = snapshot;
      configs.begin({ device, source, atMs, text, settings, cause, ...present({ original, counts }) });
    };
    if (before === undefined) {
      begin({ kind: "first" });
      return { as: "first" };
    }
    const same = before.hash === hashOf(snapshot.text);
    const { changes, incomparable } = same ? NO_CHANGE : compareTexts(configs.text(before.hash), snapshot.text);
    if (changes.length === 0) {
      // Secrets whose marks are of another key: from now on they are compared with these.
      if (incomparable.length > 0) begin({ kind: "key" });
      else configs.seen(before, atMs, snapshot.original);
      return { as: "same" };
    }
    const touched = configs.touched(device);
    const cause = causeOf({ source: snapshot.source, changes, sinceMs: before.untilMs, nowMs: atMs, touched });
    begin(cause, countsOf(changes));
    io.tell(eventOf(before, changes, cause));
    io.noteChange?.(device, "config", atMs);
    return { as: "changed", changes };
  });
}

const NO_CHANGE: Comparison = { changes: [], incomparable: [] };

/** Of the event: the document of the portal is no place for a whole configuration. */
const SETTINGS_TOLD_MAX = 50;
const VALUE_TOLD_CHARS = 120;

function eventOf(
  { device, source, untilMs }: ConfigVersion,
  changes: readonly KeyChange[],
  cause: ConfigCause,
): EventData<"config.changed"> {
  const { kind, campaign, task } = cause;
  return {
    device,
    source,
    ...countsOf(changes),
    unchangedUntil: isoOf(untilMs),
    cause: kind === "campaign" || kind === "phone" || kind === "web" ? kind : "unknown",
    ...(campaign === undefined ? {} : { campaign }),
    ...(task === undefined ? {} : { task }),
    settings: changes.slice(0, SETTINGS_TOLD_MAX).map(({ key, was, is }) => ({
      key: key.slice(0, VALUE_TOLD_CHARS),
      ...(was.length === 0 ? {} : { was: valueText(was).slice(0, VALUE_TOLD_CHARS) }),
      ...(is.length === 0 ? {} : { is: valueText(is).slice(0, VALUE_TOLD_CHARS) }),
    })),
  };
}

/** `1001`, or with layers `1001 (config), 1002 (web)`; secrets as `***`. */
export function valueText(lines: KeyChange["was"]): string {
  return lines.map(({ layer, value }) => `${withoutMarks(value)}${layer === undefined ? "" : ` (${layer})`}`).join(", ");
}
