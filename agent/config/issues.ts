/**
 * A schema's complaint in words, with what was probably meant.
 */

import type * as z from "zod";
import type { PathPart } from "./problem.ts";
import type { Related } from "./related.ts";
import { suggest } from "./suggest.ts";

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** Names of secrets: written in the file they would be read by whoever reads the file. */
const SECRET_KEYS = ["password", "community", "secret", "passphrase", "key"];

/** One problem for each complaint; an unknown key is one problem each. */
export function describeIssue(issue: Issue, raw: unknown, root: Schema): Related[] {
  const at = issue.path.filter((part): part is PathPart => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(root, at, raw);
    return issue.keys.map((key) => ({ level: "error", at: [...at, key], ...unknownKey(key, known) }));
  }
  return [{ level: "error", at, ...wordsFor(issue, valueAt(raw, at)) }];
}

function unknownKey(key: string, known: readonly string[]): Pick<Related, "what" | "suggestion"> {
  const asFile = known.find((one) => one.toLowerCase() === `${key.toLowerCase()}file`);
  if (asFile !== undefined && SECRET_KEYS.includes(key.toLowerCase())) {
    return { what: "a secret is never written in the settings", suggestion: `put it into a file and name it with "${asFile}"` };
  }
  const near = suggest(key, known);
  const what = `unknown setting "${key}"`;
  if (near !== undefined) return { what, suggestion: `did you mean "${near}"?` };
  return known.length === 0 ? { what } : { what, suggestion: `known here: ${known.join(", ")}` };
}

function wordsFor(issue: Issue, value: unknown): Pick<Related, "what" | "suggestion"> {
  if (value === undefined && issue.code !== "custom") return { what: "is missing" };
  switch (issue.code) {
    case "invalid_type":
      return {
        what: `expected ${kindWords(issue.expected)}, got ${kindOf(value)}`,
        // A MAC of digits only, or with one e, is a number to YAML.
        ...(issue.expected === "string" && typeof value === "number" ? { suggestion: "put it in quotes" } : {}),
      };
    case "invalid_value": {
      const values = issue.values.map(String);
      const near = typeof value === "string" ? suggest(value, values) : undefined;
      return { what: `expected one of ${values.join(", ")}`, ...(near === undefined ? {} : { suggestion: `did you mean "${near}"?` }) };
    }
    case "invalid_union": {
      const options = "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
      if (options.length === 0) return { what: `is not in a form that is understood here: got ${kindOf(value)}` };
      const near = typeof value === "string" ? suggest(value, options) : undefined;
      return { what: `expected one of ${options.join(", ")}`, ...(near === undefined ? {} : { suggestion: `did you mean "${near}"?` }) };
    }
    case "too_small":
      return { what: sizeWords("at least", issue.minimum, issue.origin) };
    case "too_big":
      return { what: sizeWords("at most", issue.maximum, issue.origin) };
    default:
      return { what: issue.message };
  }
}

function sizeWords(word: string, limit: number | bigint, origin: string): string {
  if (origin === "string") return `must have ${word} ${limit} characters`;
  if (origin === "array") return `must have ${word} ${limit} entries`;
  return `must be ${word} ${limit}`;
}

function kindWords(expected: string): string {
  switch (expected) {
    case "int":
      return "a whole number";
    case "object":
      return "a group of settings";
    case "array":
      return "a list";
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    default:
      return `a ${expected}`;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a fraction";
  return kindWords(typeof value);
}

export function valueAt(raw: unknown, at: readonly PathPart[]): unknown {
  return at.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return Reflect.get(value, part);
  }, raw);
}

/** The settings a schema knows at a place; of several shapes the one whose `kind` is written there. */
export function keysAt(root: Schema, at: readonly PathPart[], raw: unknown): string[] {
  let shapes: Schema[] = [root];
  at.forEach((part, depth) => {
    shapes = shapes.flatMap((shape) => inside(shape, valueAt(raw, at.slice(0, depth)))).flatMap((shape) => step(shape, part));
  });
  return [...new Set(shapes.flatMap((shape) => inside(shape, valueAt(raw, at))).flatMap((shape) => Object.keys(shapeOf(shape))))];
}

/** Takes off defaults and the like; a union becomes its members. */
function inside(schema: Schema, value: unknown): Schema[] {
  const { def } = schema._zod as { readonly def: { type: string; innerType?: Schema; in?: Schema; options?: readonly Schema[] } };
  if (def.innerType !== undefined) return inside(def.innerType, value);
  if (def.type === "pipe" && def.in !== undefined) return inside(def.in, value);
  if (def.options === undefined) return [schema];
  const fitting = def.options.filter((option) => {
    const kind = shapeOf(option)["kind"];
    if (kind === undefined || typeof value !== "object" || value === null) return true;
    const { values } = kind._zod;
    return values === undefined || values.has(Reflect.get(value, "kind") as string);
  });
  return (fitting.length > 0 ? fitting : def.options).flatMap((option) => inside(option, value));
}

function step(schema: Schema, part: PathPart): Schema[] {
  const { def } = schema._zod as { readonly def: { element?: Schema; valueType?: Schema } };
  // A group whose names are free: all have one form.
  if (def.valueType !== undefined) return [def.valueType];
  if (typeof part === "number") return def.element === undefined ? [] : [def.element];
  const next = shapeOf(schema)[part];
  return next === undefined ? [] : [next];
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const { def } = schema._zod as { readonly def: { shape?: Readonly<Record<string, Schema>> } };
  return def.shape ?? {};
}
