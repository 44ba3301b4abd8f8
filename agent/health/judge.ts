/**
 * Does a rule hold for a device now, and since long enough? Pure; what is remembered comes in and goes out.
 */
import type { DeviceRead, FamilyId } from "../../protocols/core/device.ts";
import { type Fault, unreachable } from "../../protocols/core/fault.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { type Availability, type Flaps, flapping } from "./availability.ts";
import type { Rule, WhenOf } from "./rules-schema.ts";
import { fill, showReading, showShare } from "./rules-words.ts";

/** What a rule sees of one device. */
export interface Observed {
  readonly family: FamilyId | undefined;
  readonly availability: Availability;
  readonly reading: Reading;
  readonly faults: DeviceRead["faults"];
  readonly nowMs: Ms;
  readonly flaps: Flaps | undefined;
  /** What this rule remembers as usual for the device; absent where it never told. */
  usual(rule: string): number | undefined;
}

/** `between` the limit and the value that clears it is what it was before; of what is `untold` a rule stays where it stood. */
export type Seen = "bad" | "good" | "between" | "untold";

/** Faults that say of themselves why nothing is told. */
const REFUSALS: readonly Fault["kind"][] = ["denied", "lockedOut", "off", "impostor", "unreachable", "busy"];

/** What this rule says of what is seen now. Silence says nothing of lines, parts or passwords. */
export function see(rule: Rule, observed: Observed): Seen {
  const { when } = rule;
  switch (when.kind) {
    case "offline":
      return observed.availability === "offline" ? "bad" : "good";
    case "flapping":
      return flapping(observed.flaps, observed.nowMs, when);
    case "reading":
      return seeReading(when, observed);
    case "missing": {
      if (observed.availability !== "online" || observed.usual(rule.id) === undefined) return "untold";
      if (observed.reading[when.reading] !== undefined) return "good";
      return observed.faults.some(({ kind }) => REFUSALS.includes(kind)) ? "untold" : "bad";
    }
    case "fallen":
      return seeFallen(when, observed, observed.usual(rule.id));
    case "fault":
      return seeFault(when, observed);
    case "trend":
    case "oftener":
    case "changes":
      return "untold"; // these are seen in history alone
    default:
      return unreachable(when);
  }
}

function seeReading(when: WhenOf<"reading">, { availability, reading }: Observed): Seen {
  const value = availability === "online" ? amountOf(when, reading) : undefined;
  return value === undefined ? "untold" : seeValue(when, value);
}

/** The reading itself, or its share of another one. */
export function amountOf({ reading: name, of }: WhenOf<"reading">, reading: Reading): number | undefined {
  const value = reading[name];
  if (of === undefined || value === undefined) return value;
  const whole = reading[of];
  return whole === undefined || whole <= 0 ? undefined : value / whole;
}

export function seeValue({ above, atLeast, below, atMost, clear }: WhenOf<"reading">, value: number): Seen {
  const isBad =
    (above === undefined || value > above) &&
    (atLeast === undefined || value >= atLeast) &&
    (below === undefined || value < below) &&
    (atMost === undefined || value <= atMost);
  if (isBad) return "bad";
  if (clear === undefined) return "good";
  // A limit above is cleared downwards, a limit below upwards; where there are both, `clear` belongs to the lower side.
  const isUpper = below === undefined && atMost === undefined;
  return (isUpper ? value <= clear : value >= clear || value <= (above ?? atLeast ?? Number.NEGATIVE_INFINITY)) ? "good" : "between";
}

function seeFallen({ reading: name, by, byShare }: WhenOf<"fallen">, { availability, reading }: Observed, usual: number | undefined): Seen {
  const value = reading[name];
  if (availability !== "online" || value === undefined) return "untold";
  const most = usual ?? value;
  return value <= most - Math.max(by, most * byShare) ? "bad" : "good";
}

function seeFault(when: WhenOf<"fault">, { availability, faults }: Observed): Seen {
  const found = faultOf(when, faults);
  // Another key is no silence: somebody answers there.
  if (when.of === "key" && faults.some(({ kind }) => kind === when.fault)) return found === undefined ? "good" : "bad";
  if (availability !== "online") return "untold";
  return found === undefined ? "good" : "bad";
}

/** Another MAC is another device at its old address: addresses move. */
function faultOf({ fault: wanted, of }: WhenOf<"fault">, faults: Observed["faults"]): Fault | undefined {
  const found = faults.find(({ kind }) => kind === wanted);
  return of === "key" && found?.kind === "impostor" && parseMac(found.wanted) !== undefined ? undefined : found;
}

/** Since when a rule has been bad or good on one device. */
export interface RuleState {
  readonly bad: boolean;
  readonly sinceMs: Ms;
}

export interface Step {
  readonly state: RuleState | undefined;
  /** `open` and `close` are edges the caller acts on if the condition is not already so. */
  readonly verdict: "open" | "close" | "wait";
}

/** The only place where a rule's time passes. `isOpen`: its condition is open already. */
export function stepRule(
  { badFor, goodFor }: Pick<Rule, "badFor" | "goodFor">,
  { seen, state, isOpen }: { readonly seen: Seen; readonly state: RuleState | undefined; readonly isOpen: boolean },
  nowMs: Ms,
): Step {
  if (seen === "untold") return { state, verdict: "wait" };
  const bad = seen === "between" ? (state?.bad ?? isOpen) : seen === "bad";
  const now = state?.bad === bad ? state : { bad, sinceMs: nowMs };
  const lasted = nowMs - now.sinceMs;
  if (bad) return { state: now, verdict: lasted >= badFor ? "open" : "wait" };
  // What is well and was not wrong needs no memory: that is nearly every rule of nearly every device.
  if (!isOpen) return { state: undefined, verdict: "wait" };
  return lasted >= goodFor ? { state: undefined, verdict: "close" } : { state: now, verdict: "wait" };
}

/** The rule's words for what is seen now. */
export function say({ says, when, id }: Rule, observed: Observed): string {
  const { reading, faults, usual, flaps } = observed;
  switch (when.kind) {
    case "flapping":
      return fill(says, { count: String(flaps?.count ?? 0) });
    case "reading": {
      const value = amountOf(when, reading);
      const limit = when.below ?? when.atMost ?? when.above ?? when.atLeast ?? 0;
      const show = (one: number): string => (when.of === undefined ? showReading(when.reading, one) : showShare(one));
      const of = when.of === undefined ? undefined : reading[when.of];
      return fill(says, {
        value: value === undefined ? id : show(value),
        limit: show(limit),
        ...(when.of === undefined || of === undefined ? {} : { of: showReading(when.of, of) }),
      });
    }
    case "fallen": {
      const [value, most] = [reading[when.reading], usual(id)];
      return fill(says, {
        value: value === undefined ? "?" : showReading(when.reading, value),
        usual: most === undefined ? "?" : showReading(when.reading, most),
      });
    }
    case "fault": {
      const found = faultOf(when, faults);
      const via = found !== undefined && "via" in found ? found.via : "";
      return fill(says, { via, proof: via === "ssh" ? "host key" : "certificate" });
    }
    default:
      return says;
  }
}
