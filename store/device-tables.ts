/**
 * What becomes of the rows of each table where a device gets another name, two become one, or a person undoes that. A test
 * holds it against the schema: a table that is not here, or whose device column is forgotten, fails it.
 */

export type Fate =
  /** Rows with a key of their own: they change hands, and go back by that key. */
  | { readonly how: "own"; readonly key: string }
  /** Rows of moments: those of both stay, in order; of two of one moment the other's comes a millisecond later. */
  | { readonly how: "timed"; readonly within: readonly string[]; readonly at: string; readonly until?: string }
  /** How things stand, per group of the device: one word is left (`merge-states.ts`), and both get theirs back. */
  | { readonly how: "state"; readonly group: readonly string[] }
  /** The device is one of several in something: named once where both were. */
  | { readonly how: "member"; readonly of: readonly string[] }
  /** Names the device in other ways than a column `device`: handled by `file`. */
  | { readonly how: "byHand"; readonly file: "merge.ts" | "rejoin.ts" | "history/readings.ts" }
  | { readonly how: "left"; readonly why: string };

/** Tables of the main file that name a device, in whatever way. */
export const DEVICE_TABLES = {
  devices: { how: "byHand", file: "merge.ts" },
  /** On undo put together anew from both and from what was seen since (`rejoin.ts`). */
  facts: { how: "state", group: ["field", "source"] },
  sightings: { how: "own", key: "seq" },
  tasks: { how: "own", key: "id" },
  reservations: { how: "own", key: "token" },
  update_settings: { how: "own", key: "token" },
  conditions: { how: "own", key: "id" },
  coverage_history: { how: "own", key: "seq" },
  registrations: { how: "own", key: "key" },
  availability_changes: { how: "timed", within: [], at: "at_ms" },
  config_versions: { how: "timed", within: ["source"], at: "since_ms", until: "until_ms" },
  coverage: { how: "state", group: [] },
  coverage_notices: { how: "state", group: ["until_day", "days"] },
  device_flaps: { how: "state", group: [] },
  rule_memory: { how: "state", group: ["rule"] },
  services: { how: "state", group: ["role"] },
  config_reads: { how: "state", group: [] },
  looks: { how: "state", group: [] },
  ticket_devices: { how: "member", of: ["key", "generation"] },
  conflict_devices: { how: "member", of: ["conflict"] },
  /** Open ones name both sides. */
  conflicts: { how: "byHand", file: "merge.ts" },
  decisions: { how: "byHand", file: "merge.ts" },
  /** Of one device. */
  maintenances: { how: "byHand", file: "merge.ts" },
  /** By MAC: the place of the one that has none. */
  places: { how: "byHand", file: "rejoin.ts" },
  tenures: { how: "left", why: "hardware by its MAC, as it served then" },
  place_usages: { how: "left", why: "learned anew within a day" },
  pins: { how: "left", why: "what stands behind one MAC: another one's host key must not be trusted for it" },
  refusals: { how: "left", why: "by MAC or address, as the doors know it; what is forgotten is tried once more" },
  voices: { how: "left", why: "a word given for one device must not count for another; they end within the hour" },
  commands: { how: "left", why: "what was asked, in the words of who asked" },
  audit: { how: "left", why: "append-only: it says what was done to whom, as they were called then" },
  plans: { how: "left", why: "the plan is what was approved, to the byte; its tasks carry the present name" },
  held_back: { how: "left", why: "whom the plan leaves out, as it calls them" },
  campaign_history: { how: "left", why: "how its campaign stood then" },
  task_history: { how: "left", why: "names the task, whose id stays" },
  task_windows: { how: "left", why: "names the task, whose id stays" },
  wave_judgements: { how: "left", why: "what was seen of a wave then, of devices as they were called then" },
  attempts: { how: "left", why: "names the task, whose id stays" },
  incident_conditions: { how: "left", why: "names conditions, whose ids stay" },
  incidents: { how: "left", why: "cause and scope are said anew from its conditions with the next look" },
  tickets: { how: "left", why: "the document is written anew where it changes; what the desk has cannot be unsaid" },
  outbox: { how: "left", why: "what happened under the old name; its retained document is cleared by who renames" },
  outbox_waiting: { how: "left", why: "names rows of the outbox" },
} as const satisfies { readonly [table: string]: Fate };

/** Tables of the main file that know nothing of devices. */
export const OTHER_TABLES = [
  ...["meta", "counters", "migrations", "catalogues", "releases", "images", "campaigns", "waves", "approvals", "rosters", "audit_head"],
  /** By source, serial and MAC, as the lists have them; of switches by address; texts that any device may have. */
  ...["entitlement_imports", "entitlements", "entitlement_changes", "attestations", "switch_ports", "config_texts", "config_originals"],
  "key_codes",
  "kills",
  ...["sweeps", "outbox_load", "room_calendars"],
  /** Of firmware: sources and files, whatever device they are for. */
  ...["source_readings", "offerings", "quarantine", "verdicts"],
] as const;

/** The history file: devices are named in `refs` alone, everything else goes by the reference. */
export const HISTORY_TABLES = {
  refs: { how: "byHand", file: "history/readings.ts" },
  latest: { how: "left", why: "by reference" },
  changes: { how: "left", why: "by reference" },
  recorded: { how: "left", why: "by change" },
  rolled: { how: "left", why: "by day" },
} as const satisfies { readonly [table: string]: Fate };

export const OTHER_HISTORY_TABLES = ["meta", "migrations", "names"] as const;

export type DeviceTable = keyof typeof DEVICE_TABLES;
type TablesThat<H extends Fate["how"]> = {
  [table in DeviceTable]: (typeof DEVICE_TABLES)[table]["how"] extends H ? table : never;
}[DeviceTable];

/** The tables of one fate. */
export function tablesThat<H extends Fate["how"]>(how: H): readonly (readonly [TablesThat<H>, Extract<Fate, { readonly how: H }>])[] {
  return Object.entries(DEVICE_TABLES).filter(([, fate]) => fate.how === how) as never;
}
