/**
 * Which version somebody means. Pure.
 */
import type { Ms } from "../../protocols/core/time.ts";
import { SETTING_SOURCES, type SettingsSource } from "../../protocols/families/settings.ts";
import type { ConfigVersion } from "../../store/configs.ts";

/** The more of the device a source shows, the earlier it comes. */
const ORDER: readonly SettingsSource[] = ["backup", "export", "values", "phone-overrides", "web-overrides"];

export const SOURCE_WORDS: Readonly<Record<SettingsSource, string>> = {
  "phone-overrides": "uploaded file of changes made on the phone",
  "web-overrides": "uploaded file of changes made on its web page",
  backup: "all its settings, from its own page",
  values: "settings asked by name",
  export: "all its settings, as the system writes them",
};

export function parseSource(text: string): SettingsSource | undefined {
  return SETTING_SOURCES.find((source) => source === text);
}

/** Oldest first, of one source. */
export function ofSource(versions: readonly ConfigVersion[], source: SettingsSource): readonly ConfigVersion[] {
  return versions.filter((version) => version.source === source).toSorted((a, b) => a.sinceMs - b.sinceMs);
}

/** The one that shows most. */
export function widest(versions: readonly ConfigVersion[]): SettingsSource | undefined {
  return ORDER.find((source) => versions.some((version) => version.source === source));
}

/** The one that shows most among those both have. */
export function widestOfBoth(a: readonly ConfigVersion[], b: readonly ConfigVersion[]): SettingsSource | undefined {
  return ORDER.find((source) => [a, b].every((versions) => versions.some((version) => version.source === source)));
}

/** Where the newest change was seen, else the widest. */
export function lastChanged(versions: readonly ConfigVersion[]): SettingsSource | undefined {
  const changed = versions.filter(({ cause }) => cause.kind !== "first" && cause.kind !== "key");
  return changed.toSorted((a, b) => a.sinceMs - b.sinceMs).at(-1)?.source ?? widest(versions);
}

/** What was known to be so at that moment: the newest that had begun. `undefined` before the first. */
export function versionAt(versions: readonly ConfigVersion[], atMs: Ms): ConfigVersion | undefined {
  return versions.findLast(({ sinceMs }) => sinceMs <= atMs);
}
