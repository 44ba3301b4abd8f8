/**
 * Reads the settings file: all problems in one pass, each with its line. The only user of `yaml`.
 */
import { dirname } from "node:path";
import {                isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import {                prepared } from "./files.ts";
import { describeIssue } from "./issues.ts";
import { readPlaces } from "./places.ts";
import {                              showPath, showProblems } from "./problem.ts";
import {               relations } from "./relations.ts";
import {              configSchema,                   } from "./schema.ts";
import { checkFiles } from "./secrets.ts";

/** Far above any settings file with 20,000 places in it. */
const CONFIG_BYTES_MAX = 8 * 1024 * 1024;

/** Reads and checks `path`. What a person can write wrong is a problem, never thrown. Paths in the file are relative to it. */
export async function loadConfig(path        , io          )                  {
  const file = await io.readText(path, CONFIG_BYTES_MAX);
  if (!file.ok) return { ok: false, problems: [{ level: "error", path: "", what: file.why }] };
  const read = readYaml(file.text);
  if (!read.ok) return read;
  const raw = prepared(read.raw, dirname(path), io.env);
  const { sections, found } = checkSections(raw);
  found.push(...relations(sections), ...(await checkFiles(sections, io)));
  if (sections.calendar === undefined && raw["calendar"] === undefined) {
    found.push({ level: "warning", at: ["calendar"], what: "is missing: no campaign can start without a window" });
  }
  const places = await placesOf(sections, io);
  const problems = found.map(({ at, ...rest })          => ({ ...rest, path: showPath(at), ...read.lineOf(at) }));
  problems.push(
    ...places.problems.map((problem) => (problem.file === undefined ? { ...problem, ...read.lineOf(["placesFile"]) } : problem)),
  );
  if (problems.some(({ level }) => level === "error")) return { ok: false, problems };
  const config = configSchema.parse(raw);
  const all = { ...config, places: [...config.places, ...places.places] };
  return { ok: true, config: all, warnings: problems, origins: originsOf(read.raw, read.lineOf) };
}

/** `config check`: the same findings for people and for scripts. `ok` is false where the daemon would not start. */
export async function checkConfig(path        , io          )                                                       {
  const loaded = await loadConfig(path, io);
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const json = JSON.stringify({ schema: "groundswell.config-check/1", file: path, ok: loaded.ok, problems });
  return { ok: loaded.ok, text: showProblems(path, problems), json };
}

/** `config show --origin`: every value in force and where it comes from. Settings hold no secrets, so all is shown. */
export function showConfig(loaded                                )                                                    {
  const rows                                                    = [];
  const visit = (value         , at                     )       => {
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

function readYaml(text        )       {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const refuse = (what        , offset        )          => ({ level: "error", path: "", what, line: lines.linePos(offset).line });
  if (document.errors.length > 0) return { ok: false, problems: document.errors.map(({ message, pos }) => refuse(message, pos[0])) };
  let raw         ;
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
function lineIn(document          , lines             , at                     )                    {
  for (let depth = at.length; depth > 0; depth--) {
    const offset = offsetIn(document, at.slice(0, depth));
    if (offset !== undefined) return { line: lines.linePos(offset).line };
  }
  return {};
}

function offsetIn(document          , at                     )                     {
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
function checkSections(raw                         )                                                  {
  const sections                          = {};
  const found            = [];
  for (const [key, schema] of Object.entries(configSchema.shape)) {
    const read = schema.safeParse(raw[key]);
    if (read.success) sections[key] = read.data;
    else for (const issue of read.error.issues) found.push(...describeIssue({ ...issue, path: [key, ...issue.path] }, raw, configSchema));
  }
  const keys = Object.keys(raw).filter((key) => !Object.hasOwn(configSchema.shape, key));
  if (keys.length > 0) found.push(...describeIssue({ code: "unrecognized_keys", keys, path: [], message: "" }, raw, configSchema));
  return { sections: sections                   , found };
}

async function placesOf(config                 , io          )                                                           {
  if (config.placesFile === undefined) return { places: [], problems: [] };
  const file = await io.readText(config.placesFile, CONFIG_BYTES_MAX);
  if (!file.ok) return { places: [], problems: [{ level: "error", path: "placesFile", what: file.why }] };
  return readPlaces(file.text, config.placesFile);
}

function originsOf(raw         , lineOf        )                      {
  const origins = new Map                ();
  const visit = (value         , at                     )       => {
    const { line } = lineOf(at);
    if (line !== undefined && at.length > 0) origins.set(showPath(at), line);
    if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, [...at, i]);
    else if (isObject(value)) for (const [key, item] of Object.entries(value)) visit(item, [...at, key]);
  };
  visit(raw, []);
  return origins;
}

function isObject(value         )                                   {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

