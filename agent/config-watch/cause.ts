/**
 * Who is behind a change, as far as rows and the layer that changed say so. Pure.
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { SettingsSource } from "../../protocols/families/settings.ts";
import type { Touched } from "../../store/config-reads.ts";
import type { ConfigCause } from "../../store/configs.ts";
import type { KeyChange } from "./compare.ts";

export interface CauseInput {
  readonly source: SettingsSource;
  readonly changes: readonly KeyChange[];
  /** When it was last seen as it was. */
  readonly sinceMs: Ms;
  readonly nowMs: Ms;
  readonly touched: readonly Touched[];
}

/**
 * A campaign that touched the device in between comes first: an update may write settings of its own. Else the layer says whose hand
 * it was: the phone's menu writes `local`, its web page `web`. Source: protocols/uc-phones.md 4.7; protocols/provisioning.md 10.
 */
export function causeOf({ source, changes, sinceMs, nowMs, touched }: CauseInput): ConfigCause {
  const by = touched.filter(({ fromMs, untilMs }) => fromMs <= nowMs && (untilMs ?? nowMs) >= sinceMs).at(-1);
  if (by !== undefined) return { kind: "campaign", campaign: by.campaign, task: by.task };
  if (source === "phone-overrides") return { kind: "phone" };
  if (source === "web-overrides") return { kind: "web" };
  const layers = new Set(changes.flatMap(({ was, is }) => changedLayers(was, is)));
  if (layers.size === 1 && layers.has("local")) return { kind: "phone" };
  if (layers.size === 1 && layers.has("web")) return { kind: "web" };
  return { kind: "unknown" };
}

/** The layers whose value is another one, was not there, or is gone; where a layer takes over from the default, that layer alone. */
function changedLayers(was: KeyChange["was"], is: KeyChange["is"]): readonly string[] {
  const text = (lines: KeyChange["was"]): ReadonlyMap<string, string> => new Map(lines.map(({ layer, value }) => [layer ?? "", value]));
  const [before, after] = [text(was), text(is)];
  const all = new Set([...before.keys(), ...after.keys()]);
  const changed = [...all].filter((layer) => before.get(layer) !== after.get(layer));
  const withoutDefault = changed.filter((layer) => layer !== "default");
  return withoutDefault.length === 0 ? changed : withoutDefault;
}
