/** What devices and people may do in a rehearsal that the plan does not count on, and how often it is asked about. */
import { HABITS, type Habit } from "../../fixtures/fleet/habits.ts";

export const MISBEHAVIOURS = {
  ...HABITS,
  inUse: "is in a call nearly all the time",
} as const satisfies Record<Habit, string> & Record<string, string>;

export type Misbehaviour = keyof typeof MISBEHAVIOURS;
export const MISBEHAVIOUR_NAMES = Object.keys(MISBEHAVIOURS) as readonly Misbehaviour[];

/** One misbehaviour and the share of devices that have it, above 0 and up to 1. */
export interface Rate {
  readonly name: Misbehaviour;
  readonly share: number;
}

/** Asked about where nobody says otherwise. Guessed, and on the high side: what is rarer does less. */
export const DEFAULT_RATES: readonly Rate[] = [
  { name: "acceptsAndIgnores", share: 0.03 },
  { name: "neverReturns", share: 0.02 },
  { name: "returnsAfter", share: 0.05 },
  { name: "reportsSuccessThenFallsBack", share: 0.03 },
  { name: "restartsOver", share: 0.02 },
  { name: "losesRegistrationAfterUpdate", share: 0.03 },
  { name: "refusesImage", share: 0.03 },
  { name: "dropsAfterBytes", share: 0.1 },
  { name: "inUse", share: 0.1 },
];

/** Several at once would say little about each. */
const RATES_MAX = 30;

/** `neverReturns=2%,inUse=0.1`. @returns the rates, or in words what is wrong with them */
export function parseRates(text: string): readonly Rate[] | { readonly wrong: string } {
  const rates: Rate[] = [];
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > RATES_MAX) return { wrong: `at most ${RATES_MAX} misbehaviours, got ${parts.length}` };
  for (const part of parts) {
    const [named = "", given = "", ...more] = part.split("=").map((piece) => piece.trim());
    const name = MISBEHAVIOUR_NAMES.find((known) => known === named);
    if (name === undefined) return { wrong: `no misbehaviour "${named}": there are ${MISBEHAVIOUR_NAMES.join(", ")}` };
    const share = shareOf(given);
    if (share === undefined || more.length > 0) return { wrong: `"${part}" needs a rate above 0 and up to 1, or 100 %: ${name}=3%` };
    if (rates.some((rate) => rate.name === name)) return { wrong: `"${name}" is named twice` };
    rates.push({ name, share });
  }
  return rates;
}

function shareOf(text: string): number | undefined {
  const found = /^(\d{1,3}(?:\.\d{1,6})?)\s*(%?)$/.exec(text);
  if (found === null) return undefined;
  const share = Number(found[1]) / (found[2] === "%" ? 100 : 1);
  return share > 0 && share <= 1 ? share : undefined;
}

/** As many devices, at least one. */
export const devicesWith = (share: number, devices: number): number => Math.min(devices, Math.max(1, Math.round(share * devices)));
