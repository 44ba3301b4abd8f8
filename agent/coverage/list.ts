/**
 * A list of entitlements as a source gives it, and what taking it in would change. Pure.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { parseMac } from "../../protocols/core/ids.ts";
import type { Entitlement, EntitlementChange, EntitlementSource } from "../../store/entitlements.ts";

/** Twice the devices of the largest site: old contracts stay listed. */
export const ENTITLEMENTS_MAX = 20_000;

const dayText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, { error: 'expected a day such as "2027-01-19"', abort: true })
  .refine(isDay, "is no day of the calendar");

function isDay(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).year > 1990;
  } catch {
    return false;
  }
}

const short = z.string().trim().min(1).max(120);

/** One line of a list from outside. */
export const lineSchema = z
  .strictObject({
    serial: z
      .string()
      .trim()
      .regex(/^[\w.:-]{3,64}$/, "expected a serial number: 3 to 64 letters, digits and dashes")
      .optional(),
    mac: z
      .string()
      .transform((text, context) => {
        const mac = parseMac(text);
        if (mac !== undefined) return mac;
        context.addIssue({ code: "custom", message: `expected a MAC address such as 64:16:7f:aa:bb:cc, got "${text.slice(0, 40)}"` });
        return z.NEVER;
      })
      .optional(),
    model: short.optional(),
    contract: short.optional(),
    service: short.optional(),
    /** Licences of a stock, for a line that names no device. */
    quantity: z.int().min(1).max(100_000).optional(),
    from: dayText.optional(),
    until: dayText.optional(),
    ended: z.boolean().optional(),
  })
  .check((context) => {
    const { serial, mac, model, quantity, from, until } = context.value;
    const say = (message: string): void => void context.issues.push({ code: "custom", message, input: context.value });
    const named = serial !== undefined || mac !== undefined;
    if (!named && (model === undefined || quantity === undefined))
      say("names no device: expected a serial number or a MAC, or a model and a quantity");
    if (named && quantity !== undefined && quantity !== 1) say("one device has one licence: leave the quantity out");
    if (from !== undefined && until !== undefined && from > until) say(`ends on ${until}, before it begins on ${from}`);
  });

export type Line = z.output<typeof lineSchema>;

/** Names each line for as long as its list does; two lines of one contract on one device are told apart by their order in time. */
export function entitlementsOf(source: EntitlementSource, lines: readonly Line[]): readonly Entitlement[] {
  const seen = new Map<string, number>();
  return lines
    .toSorted((a, b) => ((a.from ?? "") < (b.from ?? "") ? -1 : (a.from ?? "") > (b.from ?? "") ? 1 : 0))
    .map((line) => {
      const { serial, mac, model, contract, service } = line;
      const named = serial !== undefined || mac !== undefined;
      const name = JSON.stringify([serial?.toUpperCase(), mac, contract, service, named ? undefined : model]);
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      const key = createHash("sha256").update(`${name}${nth}`).digest("hex").slice(0, 24);
      const stated = Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined && value !== false));
      return { source, key, ...stated };
    });
}

/** What has to be done to the list as it is to make it the list as it should be; in the order of keys, nothing for what stays. */
export function differences(before: readonly Entitlement[], after: readonly Entitlement[]): readonly EntitlementChange[] {
  const was = new Map(before.map((one) => [one.key, one]));
  const becomes = new Map(after.map((one) => [one.key, one]));
  return [...new Set([...was.keys(), ...becomes.keys()])].sort().flatMap((key): EntitlementChange[] => {
    const [old, next] = [was.get(key), becomes.get(key)];
    if (old !== undefined && next !== undefined && same(old, next)) return [];
    return [{ key, ...(old === undefined ? {} : { was: old }), ...(next === undefined ? {} : { becomes: next }) }];
  });
}

function same(a: Entitlement, b: Entitlement): boolean {
  const text = (one: Entitlement): string => JSON.stringify(Object.entries(one).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}

/** More than this share of a list gone at once is more likely half a file than the end of that many contracts. Guessed. */
const REMOVED_RATIO_MAX = 0.5;
/** Of a list this short every change is plain to see. Guessed. */
const REMOVED_MIN = 5;

/** Would so much of the list go that a person should say so? */
export function losesTooMuch(before: readonly Entitlement[], changes: readonly EntitlementChange[]): boolean {
  const removed = changes.filter(({ becomes }) => becomes === undefined).length;
  return removed >= REMOVED_MIN && removed > before.length * REMOVED_RATIO_MAX;
}
