/**
 * Reads the settings file: all problems in one pass, each with its line. The only user of `yaml`.
 */
import { dirname } from "node:path";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { type CheckedRules, checkRules } from "../health/rule-file.ts";
import { type SiteRules, siteRulesSchema } from "../health/rules-schema.ts";
import { type ConfigIo, prepared } from "./files.ts";
import { describeIssue } from "./issues.ts";
import { readPlaces } from "./places.ts";
import { type PathPart, type Problem, showPath, showProblems } from "./problem.ts";
import type { Related } from "./related.ts";
import { relations } from "./relations.ts";
import { type Config, configSchema, type PlaceSetting } from "./schema.ts";
import { checkFiles } from "./secrets.ts";

/** Far above any settings file with 20,000 places in it. */
const CONFIG_BYTES_MAX = 8 * 1024 * 1024;

export type Loaded =
  /** `origins`: path of each setting that stands in the file → its line. */
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[]; readonly origins: ReadonlyMap<string, number> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type LineOf = (at: readonly PathPart[]) => { line?: number };
type Read =
  | { readonly ok: true; readonly raw: Record<string, unknown>; readonly lineOf: LineOf }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads and checks `path`. What a person can write wrong is a problem, never thrown. Paths in the file are relative to it. */
export async function loadConfig(path: string, io: ConfigIo): Promise<Loaded> {
  const file = await io.readText(path, CONFIG_BYTES_MAX);
  if (!file.ok) return { ok: false, problems: [{ level: "error", path: "", what: file.why }] };
  const read = readYaml(file.text);
  if (!read.ok) return read;
  const raw = prepared(read.raw, dirname(path), io.env);
  const { sections, found } = checkSections(raw);
  found.push(...relations(sections), ...(await checkFiles(sections, io)));
  found.push(...checkRules(raw["rules"]).problems.map((problem) => ({ ...problem, at: ["rules", ...problem.at] })));
  if (sections.calendar === undefined && raw["calendar"] === undefined) {
    found.push({ level: "warning", at: ["calendar"], what: "is missing: no campaign can start without a window" });
  }
  const places = await placesOf(sections, io);
  const rules = await rulesOf(sections, raw, io);
  const problems = found.map(({ at, ...rest }): Problem => ({ ...rest, path: showPath(at), ...read.lineOf(at) }));
  problems.push(
    ...places.problems.map((problem) => (problem.file === undefined ? { ...problem, ...read.lineOf(["placesFile"]) } : problem)),
  );
  problems.push(...rules.problems.map((problem) => (problem.file === undefined ? { ...problem, ...read.lineOf(["rulesFile"]) } : problem)));
  if (problems.some(({ level }) => level === "error")) return { ok: false, problems };
  const config = configSchema.parse(raw);
  const all = { ...config, places: [...config.places, ...places.places], ...(rules.site === undefined ? {} : { rules: rules.site }) };
  return { ok: true, config: all, warnings: problems, origins: originsOf(read.raw, read.lineOf) };
}

/** `config check`: the same findings for people and for scripts. `ok` is false where the daemon would not start. */
export async function checkConfig(path: string, io: ConfigIo): Promise<{ ok: boolean; text: string; json: string }> {
  const loaded = await loadConfig(path, io);
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const json = JSON.stringify({ schema: "groundswell.config-check/1", file: path, ok: loaded.ok, problems });
  return { ok: loaded.ok, text: showProblems(path, problems), json };
}

/** `config show --origin`: every value in force and where it comes from. Settings hold no secrets, so all is shown. */
export function showConfig(loaded: Extract<Loaded, { ok: true }>): { path: string; value: string; origin: string }[] {
  const rows: { path: string; value: string; origin: string }[] = [];
  const visit = (value: unknown, at: readonly PathPart[]): void => {
    const path = showPath(at);
    const line = loaded.origins.get(path);
    const origin = line === undefined ? "default" : `line ${line}`;
    if (Array.isArray(value) && value.length > 0) for (const [i, item] of value.entries()) visit(item, [...at, i]);
    else if (!isObject(value)) rows.push({ path, value: JSON.stringify(value), origin });
    else if ("prefix" in value) rows.push({ path, value: JSON.stringify(value["text"]), origin });
    else for (const [key, item] of Object.entries(value)) visit(item, [...at, key]);
  };
  visit(loaded.config, []);
  return rows;
}

/** YAML, and so JSON, as a plain object; every mistake with its line. */
export function readYaml(text: string): Read {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const refuse = (what: string, offset: number): Problem => ({ level: "error", path: "", what, line: lines.linePos(offset).line });
  if (document.errors.length > 0) return { ok: false, problems: document.errors.map(({ message, pos }) => refuse(message, pos[0])) };
  let raw: unknown;
  try {
    // Aliases are the only way a small file grows; none are needed.
    raw = document.toJS({ maxAliasCount: 0 });
  } catch {
    return { ok: false, problems: [refuse("uses YAML aliases (& and *), which are not read", 0)] };
  }
  if (!isObject(raw)) return { ok: false, problems: [refuse("is not a group of settings", 0)] };
  return { ok: true, raw, lineOf: (at) => lineIn(document, lines, at) };
}

/** The line of a setting; of the nearest one around it where it is missing itself. */
function lineIn(document: Document, lines: LineCounter, at: readonly PathPart[]): { line?: number } {
  for (let depth = at.length; depth > 0; depth--) {
    const offset = offsetIn(document, at.slice(0, depth));
    if (offset !== undefined) return { line: lines.linePos(offset).line };
  }
  return {};
}

function offsetIn(document: Document, at: readonly PathPart[]): number | undefined {
  const last = at.at(-1);
  const parent = at.length === 1 ? document.contents : document.getIn(at.slice(0, -1), true);
  if (typeof last === "string" && isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === last);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(at, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** Each section alone, so that a mistake in one hides nothing in another. */
function checkSections(raw: Record<string, unknown>): { sections: Partial<Config>; found: Related[] } {
  const sections: Record<string, unknown> = {};
  const found: Related[] = [];
  for (const [key, schema] of Object.entries(configSchema.shape)) {
    if (key === "rules") continue; // has a check of its own
    const read = schema.safeParse(raw[key]);
    if (read.success) sections[key] = read.data;
    else for (const issue of read.error.issues) found.push(...describeIssue({ ...issue, path: [key, ...issue.path] }, raw, configSchema));
  }
  const keys = Object.keys(raw).filter((key) => !Object.hasOwn(configSchema.shape, key));
  if (keys.length > 0) found.push(...describeIssue({ code: "unrecognized_keys", keys, path: [], message: "" }, raw, configSchema));
  return { sections: sections as Partial<Config>, found };
}

export interface LoadedRules extends CheckedRules {
  /** As written, for whoever takes the file as a whole. */
  readonly raw: unknown;
  readonly found: readonly Problem[];
}

/** Reads and checks a file of rules by itself. A file that cannot be read has no rules and one problem. */
export async function loadRules(path: string, io: ConfigIo): Promise<LoadedRules> {
  const file = await io.readText(path, CONFIG_BYTES_MAX);
  const none = { ...checkRules({}), raw: {} };
  if (!file.ok) return { ...none, found: [{ level: "error", path: "", what: file.why }] };
  const read = readYaml(file.text);
  if (!read.ok) return { ...none, found: read.problems.map((problem) => ({ ...problem, file: path })) };
  const checked = checkRules(read.raw);
  const found = checked.problems.map(({ at, ...rest }): Problem => ({ ...rest, path: showPath(at), file: path, ...read.lineOf(at) }));
  return { ...checked, raw: read.raw, found };
}

async function rulesOf(
  { rulesFile }: Partial<Config>,
  raw: Record<string, unknown>,
  io: ConfigIo,
): Promise<{ readonly site?: SiteRules; readonly problems: readonly Problem[] }> {
  if (rulesFile === undefined) return { problems: [] };
  const twice: Problem = { level: "error", path: "rulesFile", what: "rules are given already", suggestion: "give one of the two" };
  if (raw["rules"] !== undefined) return { problems: [twice] };
  const { found, raw: written } = await loadRules(rulesFile, io);
  if (found.some(({ level }) => level === "error"))
    return { problems: found.map((one) => (one.path === "" ? { ...one, path: "rulesFile" } : one)) };
  return { site: siteRulesSchema.parse(written), problems: found };
}

async function placesOf(config: Partial<Config>, io: ConfigIo): Promise<{ places: PlaceSetting[]; problems: Problem[] }> {
  if (config.placesFile === undefined) return { places: [], problems: [] };
  const file = await io.readText(config.placesFile, CONFIG_BYTES_MAX);
  if (!file.ok) return { places: [], problems: [{ level: "error", path: "placesFile", what: file.why }] };
  return readPlaces(file.text, config.placesFile);
}

function originsOf(raw: unknown, lineOf: LineOf): Map<string, number> {
  const origins = new Map<string, number>();
  const visit = (value: unknown, at: readonly PathPart[]): void => {
    const { line } = lineOf(at);
    if (line !== undefined && at.length > 0) origins.set(showPath(at), line);
    if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, [...at, i]);
    else if (isObject(value)) for (const [key, item] of Object.entries(value)) visit(item, [...at, key]);
  };
  visit(raw, []);
  return origins;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
