/**
 * What people ask of settings: which there are, what they say, what changed, a file to put them back. Nothing is ever sent to a device.
 */
import { showFault } from "../../protocols/core/fault.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { SettingsSource } from "../../protocols/families/settings.ts";
import type { ConfigVersion } from "../../store/configs.ts";
import type { DeviceRow } from "../../store/devices.ts";
import { present } from "../../store/row.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import type { Verbs } from "../commands/handle.ts";
import { findDevice } from "../views/devices.ts";
import { parseLines } from "./canonical.ts";
import { lastChanged, ofSource, SOURCE_WORDS, versionAt, widest, widestOfBoth } from "./choose.ts";
import { type Comparison, compareTexts, countsOf, type KeyChange, kindOf } from "./compare.ts";
import { keyIdsIn, type WatchKeys, withoutMarks } from "./keys.ts";
import { restoreFile } from "./restore.ts";
import type { ConfigWatch } from "./watch.ts";

export interface ConfigVerbsIo {
  readonly store: Pick<Store, "devices" | "configs" | "decisions">;
  readonly watch: ConfigWatch;
  readonly keys: WatchKeys;
  /** `false` where the settings of the agent switch it off. */
  readonly enabled: boolean;
}

export type ConfigVerb = "config.list" | "config.show" | "config.diff" | "config.restore" | "config.read";

const none = (message: string): VerbOutcome => ({ ok: false, code: "notFound", message });
const done = (result: unknown, message?: string): VerbOutcome => ({ ok: true, result, ...(message === undefined ? {} : { message }) });

export function configVerbs(io: ConfigVerbsIo): Pick<Verbs, ConfigVerb> {
  const { devices, configs } = io.store;
  const withDevice = (name: string, run: (row: DeviceRow) => VerbOutcome): Promise<VerbOutcome> => {
    const row = findDevice(name, io.store);
    return Promise.resolve(row === undefined ? none(`No device "${name}"`) : run(row));
  };
  return {
    "config.list": (args) => withDevice(args.device, (row) => done(listOf(row, io))),
    "config.show": (args) => withDevice(args.device, (row) => show(row, args, io)),
    "config.diff": (args) => withDevice(args.device, (row) => diff(row, args, io)),
    "config.restore": (args) =>
      withDevice(args.device, (row) => {
        const version = pick(row, args.source ?? restorable(configs.versions(row.id)), args.at, io);
        return "ok" in version ? version : restoreFile(row, version, args.receiver, io);
      }),
    "config.read": async (args, _subject, signal) => {
      const row = findDevice(args.device, io.store);
      if (row === undefined) return none(`No device "${args.device}"`);
      if (row.ignoredAtMs !== undefined || !row.adopted) {
        return { ok: false, code: "wrongState", message: `${row.name} is not in our care: adopt it first, with "groundswell inbox adopt"` };
      }
      const read = await io.watch.refresh(row, signal);
      if (!read.ok) return { ok: false, code: "faulted", message: `The settings of ${row.name} were not read: ${showFault(read.fault)}` };
      return done({ ...listOf(devices.load(row.id) ?? row, io), schema: "groundswell.config-read/1", readings: read.value });
    },
  };
}

const nameOf = ({ id, name, model }: DeviceRow) => ({ device: id, name, ...(model === undefined ? {} : { model }) });

function listOf(row: DeviceRow, io: ConfigVerbsIo) {
  const { configs } = io.store;
  const versions = configs.versions(row.id).toSorted((a, b) => b.sinceMs - a.sinceMs);
  const read = configs.lastRead(row.id);
  const why = versions.length > 0 && read?.why === undefined ? undefined : whyNot(row, io);
  return {
    schema: "groundswell.configs/1",
    ...nameOf(row),
    versions: versions.map(viewOf),
    ...(read?.readMs === undefined ? {} : { lastRead: isoOf(read.readMs) }),
    ...(read === undefined || !io.enabled ? {} : { nextRead: isoOf(read.nextMs) }),
    ...(why === undefined ? {} : { why }),
  };
}

function viewOf({ source, sinceMs, untilMs, settings, originalBytes, cause, counts }: ConfigVersion) {
  return {
    source,
    what: SOURCE_WORDS[source],
    since: isoOf(sinceMs),
    until: isoOf(untilMs),
    settings,
    restorable: originalBytes !== undefined,
    cause: cause.kind,
    ...present({ campaign: cause.campaign, changes: counts }),
  };
}

/** Why nothing is there yet, or nothing newer, and what to do. */
function whyNot(row: DeviceRow, { store, enabled, watch }: ConfigVerbsIo): string | undefined {
  if (!row.adopted) return `it is not in our care, and so not read: adopt it with "groundswell inbox adopt ${row.id}"`;
  if (!enabled) return "the agent's settings switch it off (configWatch.enabled): read it once with --read";
  const read = store.configs.lastRead(row.id);
  if (read?.why !== undefined) return `the last reading failed: ${read.why}`;
  if (row.family === undefined || !watch.asks(row.family)) {
    return `no document says how to ask ${row.family ?? "a device of unknown family"}; files it uploads to the agent's provisioning endpoint are kept`;
  }
  if (row.availability !== "online") return `it is ${row.availability}, and is read when it answers again`;
  return read?.readMs === undefined ? "it has not been its turn yet: read it now with --read" : undefined;
}

function comparison(a: ConfigVersion, b: ConfigVersion, { store }: ConfigVerbsIo): Comparison {
  return compareTexts(store.configs.text(a.hash), store.configs.text(b.hash));
}

/** A version, or why there is none. */
function pick(row: DeviceRow, source: SettingsSource | undefined, atMs: Ms | undefined, io: ConfigVerbsIo): ConfigVersion | VerbOutcome {
  const versions = io.store.configs.versions(row.id);
  const wanted = source ?? widest(versions);
  const all = wanted === undefined ? [] : ofSource(versions, wanted);
  const first = all[0];
  if (wanted === undefined || first === undefined) {
    const which = source === undefined ? "no configuration" : `no ${SOURCE_WORDS[source]}`;
    return {
      ok: false,
      code: "nothingMatched",
      message: `${which} of ${row.name} seen yet: ${whyNot(row, io) ?? "it is kept as soon as it comes"}`,
    };
  }
  const found = versionAt(all, atMs ?? Number.POSITIVE_INFINITY);
  return found ?? { ok: false, code: "nothingMatched", message: `${row.name} was first seen ${isoOf(first.sinceMs)}, after that moment` };
}

/** Whose original is kept; an uploaded file before all others, because it is what a phone takes back. */
function restorable(versions: readonly ConfigVersion[]): SettingsSource | undefined {
  const kept = versions.filter(({ original }) => original !== undefined);
  const uploaded = (["phone-overrides", "web-overrides"] as const).find((source) => kept.some((version) => version.source === source));
  return uploaded ?? widest(kept);
}

/** More lines are no reading for people, and an answer over MQTT has room for no more. */
const LINES_MAX = 4_000;

function show(row: DeviceRow, { source, at }: ArgsOf<"config.show">, io: ConfigVerbsIo): VerbOutcome {
  const version = pick(row, source, at, io);
  if ("ok" in version) return version;
  const lines = parseLines(io.store.configs.text(version.hash));
  return done({
    schema: "groundswell.config/1",
    ...nameOf(row),
    ...viewOf(version),
    lines: lines.slice(0, LINES_MAX).map((line) => ({ ...line, value: withoutMarks(line.value) })),
    ...(lines.length > LINES_MAX ? { left: lines.length - LINES_MAX } : {}),
  });
}

type Sides = { readonly a: readonly [DeviceRow, ConfigVersion]; readonly b: readonly [DeviceRow, ConfigVersion] };

function diff(row: DeviceRow, args: ArgsOf<"config.diff">, io: ConfigVerbsIo): VerbOutcome {
  const sides = args.with === undefined ? overTime(row, args, io) : withOther(row, { ...args, with: args.with }, io);
  if ("ok" in sides) return sides;
  const { changes, incomparable } = comparison(sides.a[1], sides.b[1], io);
  const shown = changes.slice(0, CHANGES_MAX);
  const sideOf = ([device, version]: Sides["a"]) => ({ ...nameOf(device), since: isoOf(version.sinceMs), until: isoOf(version.untilMs) });
  return done({
    schema: "groundswell.config-diff/1",
    source: sides.b[1].source,
    what: SOURCE_WORDS[sides.b[1].source],
    a: sideOf(sides.a),
    b: sideOf(sides.b),
    counts: countsOf(changes),
    changes: shown.map(changeView),
    incomparable,
    ...(changes.length > shown.length ? { left: changes.length - shown.length } : {}),
  });
}

const CHANGES_MAX = 2_000;

function changeView(change: KeyChange) {
  const { key, was, is } = change;
  const plain = (lines: KeyChange["was"]) =>
    lines.map(({ layer, value }) => ({ ...(layer === undefined ? {} : { layer }), value: withoutMarks(value) }));
  const secret = [...was, ...is].some(({ value }) => keyIdsIn(value).length > 0);
  return { key, kind: kindOf(change), secret, was: plain(was), is: plain(is) };
}

/** Without moments: the last change. With one: from then until now. */
function overTime(row: DeviceRow, { source, from, to }: ArgsOf<"config.diff">, io: ConfigVerbsIo): Sides | VerbOutcome {
  const versions = io.store.configs.versions(row.id);
  const after = pick(row, source ?? lastChanged(versions), to, io);
  if ("ok" in after) return after;
  const all = ofSource(versions, after.source);
  const before =
    from === undefined
      ? (all[all.indexOf(all.find(({ sinceMs }) => sinceMs === after.sinceMs) ?? after) - 1] ?? after)
      : versionAt(all, from);
  // Before anything was seen: the first is all that can be compared with.
  return { a: [row, before ?? all[0] ?? after], b: [row, after] };
}

function withOther(row: DeviceRow, args: ArgsOf<"config.diff"> & { readonly with: string }, io: ConfigVerbsIo): Sides | VerbOutcome {
  const other = findDevice(args.with, io.store);
  if (other === undefined) return none(`No device "${args.with}"`);
  const { configs } = io.store;
  const source = args.source ?? widestOfBoth(configs.versions(row.id), configs.versions(other.id));
  if (source === undefined) {
    // Says which of the two lacks what.
    for (const each of [row, other]) if (configs.versions(each.id).length === 0) return pick(each, undefined, undefined, io) as VerbOutcome;
    return {
      ok: false,
      code: "nothingMatched",
      message: `Nothing of ${row.name} and ${other.name} is of one kind: look at "groundswell device config list"`,
    };
  }
  const a = pick(row, source, args.from, io);
  const b = pick(other, source, args.to, io);
  if ("ok" in a) return a;
  return "ok" in b ? b : { a: [row, a], b: [other, b] };
}
