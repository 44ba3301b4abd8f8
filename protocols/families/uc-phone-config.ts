/**
 * Values of a phone's configuration with the place each comes from. Source: protocols/uc-phones.md 4.7.
 */
import * as z from "zod";
import { fail, ok, type Result } from "../core/fault.ts";
import { looseText } from "./json.ts";
import { dataOf } from "./uc-phone-answers.ts";
import type { PhoneVisit } from "./uc-phone-visit.ts";

/** Strongest first. `device` values are settings in flash, outside this order. */
const CONFIG_SOURCES = ["local", "web", "config", "default"] as const;
export type ConfigSource = (typeof CONFIG_SOURCES)[number] | "device" | "unknown";

export interface ConfigValue {
  readonly value: string;
  readonly source: ConfigSource;
}

export interface ConfigAnswer {
  /** By name in lower case: phones and manuals disagree on case. */
  readonly values: ReadonlyMap<string, ConfigValue>;
  /** Names this firmware does not know. */
  readonly unknown: readonly string[];
}

/** One call takes 20; more are refused (4009). */
const NAMES_PER_ASK = 20;

const entry = z.object({ value: z.union([z.string(), z.number(), z.boolean()]).transform(String), source: looseText });
const invalidSchema = z.union([z.array(z.string()), z.record(z.string(), z.string()).transform((names) => Object.values(names))]);

/** `{"p":{"Value":"…","Source":"config"}}`; names it does not know stand apart, in an object or a list. */
export function decodeConfig(data: unknown): Result<ConfigAnswer> {
  const decoded = z.record(z.string(), z.unknown()).safeParse(data);
  if (!decoded.success) return fail({ kind: "garbled", via: "https", wanted: "configuration values" });
  const values = new Map<string, ConfigValue>();
  let unknown: readonly string[] = [];
  for (const [name, given] of Object.entries(decoded.data)) {
    if (name === "invalidparams") {
      const names = invalidSchema.safeParse(given);
      unknown = names.success ? names.data : [];
      continue;
    }
    const read = entry.safeParse(given);
    if (read.success) values.set(name, { value: read.data.value.slice(0, 512), source: sourceOf(read.data.source) });
  }
  return ok({ values, unknown });
}

function sourceOf(text: string | undefined): ConfigSource {
  const source = text?.toLowerCase();
  return source === "device" ? "device" : (CONFIG_SOURCES.find((known) => known === source) ?? "unknown");
}

/** Asks for any number of names, 20 at a time; the first fault ends it. */
export async function readConfig(visit: PhoneVisit, names: readonly string[]): Promise<Result<ConfigAnswer>> {
  const values = new Map<string, ConfigValue>();
  const unknown: string[] = [];
  for (let at = 0; at < names.length; at += NAMES_PER_ASK) {
    const data = dataOf(await visit.ask("v1/mgmt/config/get", { data: names.slice(at, at + NAMES_PER_ASK) }));
    // Where every name is unknown some builds answer without data.
    const answer = data.ok ? decodeConfig(data.value ?? {}) : data;
    if (!answer.ok) return answer;
    for (const [name, value] of answer.value.values) values.set(name, value);
    unknown.push(...answer.value.unknown);
  }
  return ok({ values, unknown });
}
