/**
 * What a device is set to, as its documents say it: names and values, before anything is masked or put in order. Pure.
 *
 * Source: protocols/provisioning.md 5 (`polycomConfig` or `PHONE_CONFIG`; attributes are parameters, the elements that group them
 * are free); protocols/uc-phones.md 5 (`PHONE_BACKUP`), 4.7 (layers); protocols/video.md 2.5 (`provisioning/config`).
 */
import type { DeviceFacts } from "../core/device.ts";
import { fail, ok, type Result, type Transport } from "../core/fault.ts";
import { parseXml, XML_CHARS_MAX, type XmlElement } from "../core/xml.ts";

/** Where a value stands, weakest to strongest: a value of a stronger layer hides the one below it. `device` is flash, outside that order. */
export const LAYERS_KNOWN = ["default", "config", "web", "local", "device"] as const;
export type Layer = (typeof LAYERS_KNOWN)[number];

export interface Setting {
  readonly key: string;
  readonly value: string;
  /** Absent where the document does not say. */
  readonly layer?: Layer;
}

/**
 * `phone-overrides`, `web-overrides`: files the phone uploads; `backup`: all layers, from a page of the phone; `values`: asked
 * one by one by name; `export`: the file a room system writes.
 */
export const SETTING_SOURCES = ["phone-overrides", "web-overrides", "backup", "values", "export"] as const;
export type SettingsSource = (typeof SETTING_SOURCES)[number];

export interface DeviceSettings {
  readonly source: SettingsSource;
  readonly settings: readonly Setting[];
  /** The document itself, where there is one. */
  readonly document?: Buffer;
  /** What the device said of itself in the same visit. */
  readonly facts: DeviceFacts;
}

/** More than any document on record: a complete Trio parameter file has some thousands. */
export const SETTINGS_MAX = 20_000;

/** Elements of `PHONE_BACKUP` and of `config/export`. Source: protocols/uc-phones.md 5. */
const LAYERS: Readonly<Record<string, Layer>> = {
  CONFIG_FILES: "config",
  WEB: "web",
  PHONE_LOCAL: "local",
  DEVICE_SETTINGS: "device",
};
const ROOTS = new Set(["PHONE_CONFIG", "POLYCOMCONFIG", "PHONE_BACKUP"]);
/** A parameter has a dot in its name; what has none (`xmlns`, `version`) belongs to the document. */
const PARAMETER = /^[A-Za-z_][\w-]*(?:\.[\w[\]-]+)+$/;

/** Reads a settings document. `garbled` where it is none, `overBudget` where it is too large. */
export function decodeSettings(body: Buffer, via: Transport): Result<readonly Setting[]> {
  const text = body.toString("utf8");
  const root = parseXml(text, via);
  if (root.ok) return ROOTS.has(root.value.name.toUpperCase()) ? bounded(settingsIn(root.value, undefined), via) : notSettings(via);
  if (root.fault.kind !== "garbled") return root;
  return scan(text, via);
}

function settingsIn(element: XmlElement, above: Layer | undefined): readonly Setting[] {
  const layer = LAYERS[element.name.toUpperCase()] ?? above;
  const own = [...element.attributes].filter(([key]) => PARAMETER.test(key)).map(([key, value]) => settingOf(key, value, layer));
  return [...own, ...element.children.flatMap((child) => settingsIn(child, layer))];
}

function settingOf(key: string, value: string, layer: Layer | undefined): Setting {
  return layer === undefined ? { key, value } : { key, value, layer };
}

function notSettings(via: Transport): Result<never> {
  return fail({ kind: "garbled", via, wanted: "a settings document (PHONE_CONFIG, polycomConfig or PHONE_BACKUP)" });
}

function bounded(settings: readonly Setting[], via: Transport): Result<readonly Setting[]> {
  return settings.length > SETTINGS_MAX ? fail({ kind: "overBudget", via, budget: "items", limit: SETTINGS_MAX }) : ok(settings);
}

/**
 * Rooms write files that are not whole XML, names with brackets among them: then attributes are read by themselves, as far as the
 * root says that this is a settings document at all.
 */
function scan(text: string, via: Transport): Result<readonly Setting[]> {
  const root = /^(?:[^<]|<[?!])*?<([A-Za-z_]+)[\s/>]/.exec(text.slice(0, XML_CHARS_MAX))?.[1];
  if (root === undefined || !ROOTS.has(root.toUpperCase()) || /<!(?:DOCTYPE|ENTITY)/i.test(text)) return notSettings(via);
  const found: Setting[] = [];
  for (const [, key = "", value = ""] of text.matchAll(/\s([A-Za-z_][\w-]{0,80}(?:\.[\w[\]-]{1,80}){1,20})\s*=\s*"([^"<]*)"/g)) {
    found.push({ key, value: plain(value) });
    if (found.length > SETTINGS_MAX) break;
  }
  return found.length === 0 ? notSettings(via) : bounded(found, via);
}

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', lt: "<", gt: ">", apos: "'", amp: "&" };
const plain = (text: string): string => text.replaceAll(/&(quot|lt|gt|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? "");
