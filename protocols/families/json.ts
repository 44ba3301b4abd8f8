/**
 * JSON of devices, made safe and plain before a schema reads it.
 */
import * as z from "zod";
import { HTTP_BUDGET } from "../core/budget.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";

/** Real answers nest five deep. */
const DEPTH = 12;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Parses a body; keys lose their case and outer blanks, because phones and manuals disagree on both.
 * Source: protocols/uc-phones.md 4.1 (`MACAddress`/`MacAddress`, `"ModelNumber "`).
 *
 * @param depthMax  levels of objects and lists; more than a device's answer has are for a peer whose document says so
 */
export function parsePlainJson(body: Buffer, depthMax: number = DEPTH): Result<unknown> {
  const garbled: Fault = { kind: "garbled", via: "https", wanted: "JSON" };
  let items = HTTP_BUDGET.items;
  const plain = (value: unknown, depth: number): unknown => {
    if (--items < 0 || depth > depthMax) throw new RangeError("too large");
    if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    const out: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      const name = key.trim().toLowerCase();
      if (!FORBIDDEN.has(name)) out[name] = plain(item, depth + 1);
    }
    return out;
  };
  try {
    return ok(plain(JSON.parse(body.toString("utf8")), 0));
  } catch (error) {
    if (error instanceof RangeError) return fail({ kind: "overBudget", via: "https", budget: "items", limit: HTTP_BUDGET.items });
    if (error instanceof SyntaxError) return fail(garbled);
    throw error;
  }
}

const TEXT_CHARS = 512;
/** Text, number or flag as trimmed text; empty text is absent. Numbers arrive as strings and the other way round. */
export const looseText = z
  .union([z.string(), z.number(), z.boolean()])
  .transform((value) => String(value).trim().slice(0, TEXT_CHARS))
  .optional()
  .catch(undefined)
  .transform((text) => (text === "" ? undefined : text));

/** `35.5`, `"35.5"`, `"35.5%"`; anything else is absent. */
export const looseNumber = looseText.transform((text) =>
  text !== undefined && /^-?\d+(?:\.\d+)?\s*%?$/.test(text) ? Number.parseFloat(text) : undefined,
);

/** `"True"`, `"1"`, `true`; anything unreadable is absent. */
export const looseFlag = looseText.transform((text) => {
  if (text === undefined) return undefined;
  if (/^(?:true|1|yes)$/i.test(text)) return true;
  return /^(?:false|0|no)$/i.test(text) ? false : undefined;
});

/** Decodes with a schema; what does not fit is `garbled`, named by `wanted`. */
export function decode<S extends z.ZodType>(schema: S, value: unknown, wanted: string): Result<z.infer<S>> {
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : fail({ kind: "garbled", via: "https", wanted });
}
