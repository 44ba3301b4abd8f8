/**
 * Is a device under contract today? Pure. What is not known is `unknown`, and never counted as covered.
 */
import { type Mac, macFromVideoSerial, parseMac } from "../../protocols/core/ids.ts";
import { mayBe } from "../../protocols/families/oui.ts";
import type { CoverageState } from "../../store/coverage.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Day, Entitlement } from "../../store/entitlements.ts";

/** Days before its end at which a contract is told of, longest first. Source: design 13. */
export const NOTICE_DAYS = [90, 60, 30] as const;
export type NoticeDays = (typeof NOTICE_DAYS)[number];

export interface Coverage {
  readonly state: CoverageState;
  /** The last day it holds or held; absent where its list names no end, and where there is no contract. */
  readonly until?: Day;
  /** While it is expiring: whole days left, 0 on the last, and the notice that is due. */
  readonly daysLeft?: number;
  readonly within?: NoticeDays;
  /** For people. */
  readonly why: string;
  /** The entitlement that decided it. */
  readonly by?: Pick<Entitlement, "source" | "key" | "contract" | "service">;
}

export type Identity = Pick<DeviceRow, "mac" | "serial">;

/** The lists as they are asked for by device. */
export interface Lists {
  /** False until a list of any source was taken in: before, nothing can be said of anybody. */
  readonly anyTaken: boolean;
  /** Those that may be this device's, in any order. */
  of(device: Identity): readonly Entitlement[];
}

/** A serial number as it is compared. Of most phones it is the MAC; its spelling then does not matter. */
function serialToken(serial: string): string {
  const mac = parseMac(serial);
  return mac === undefined ? `s:${serial.trim().toUpperCase()}` : `m:${mac}`;
}

const macToken = (mac: Mac): string => `m:${mac}`;

/** All names of a device, or of what an entitlement is for. */
export function tokensOf({ mac, serial }: { readonly mac?: Mac; readonly serial?: string }): ReadonlySet<string> {
  return new Set([...(mac === undefined ? [] : [macToken(mac)]), ...(serial === undefined ? [] : [serialToken(serial)])]);
}

export function listsOf(entitlements: readonly Entitlement[], anyTaken: boolean): Lists {
  const byToken = new Map<string, Entitlement[]>();
  for (const one of entitlements) {
    const inside = macInside(one);
    for (const token of new Set([...tokensOf(one), ...(inside === undefined ? [] : [macToken(inside)])])) {
      const known = byToken.get(token);
      if (known === undefined) byToken.set(token, [one]);
      else known.push(one);
    }
  }
  return { anyTaken, of: (device) => [...new Set([...tokensOf(device)].flatMap((token) => byToken.get(token) ?? []))] };
}

/** Of a video system that nobody has read yet only the MAC is known; its serial number on the list holds it. */
function macInside({ serial }: Entitlement): Mac | undefined {
  return serial === undefined ? undefined : macFromVideoSerial(serial);
}

/** A contract is on hardware, and the serial number is the hardware's name: where both sides have one that is no MAC, it alone decides. */
export function isFor(entitlement: Entitlement, device: Identity): boolean {
  const mine = tokensOf(device);
  const serial = entitlement.serial === undefined ? undefined : serialToken(entitlement.serial);
  if (serial !== undefined && mine.has(serial)) return true;
  if (device.serial === undefined && device.mac !== undefined && macInside(entitlement) === device.mac) return true;
  if (entitlement.mac === undefined || !mine.has(macToken(entitlement.mac))) return false;
  const named = (token: string | undefined): boolean => token?.startsWith("s:") === true;
  return !(named(serial) && device.serial !== undefined && named(serialToken(device.serial)));
}

/** Decides it for one day in the site's zone. The order of the entitlements does not matter, and one more never makes it worse. */
export function coverageOf(device: Identity, lists: Lists, today: Temporal.PlainDate): Coverage {
  if (device.mac === undefined && device.serial === undefined) return { state: "unknown", why: "neither serial number nor MAC is known" };
  if (!lists.anyTaken) return { state: "unknown", why: "no list of entitlements was taken in yet" };
  const mine = lists.of(device).filter((one) => isFor(one, device));
  const day = today.toString();
  const now = mine.filter((one) => one.ended !== true && began(one, day) && !isOver(one, day));
  if (now.length > 0) return inForce(now, mine, today);
  const past = mine.filter((one) => one.ended === true || isOver(one, day)).toSorted(byEnd);
  const last = past.at(-1);
  if (last !== undefined) return lapsed(last);
  const next = mine.toSorted((a, b) => compare(a.from ?? "", b.from ?? "") || compare(a.key, b.key))[0];
  if (next?.from !== undefined) return { state: "notCovered", why: `its contract begins on ${next.from}`, by: nameOf(next) };
  return { state: "notCovered", why: "no list names it" };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Days of four-digit years compare as text. An absent end is later than any. */
const endOf = ({ until }: Entitlement): Day => until ?? "9999-12-31";
const byEnd = (a: Entitlement, b: Entitlement): number =>
  compare(endOf(a), endOf(b)) || compare(a.source, b.source) || compare(a.key, b.key);
const began = ({ from }: Entitlement, day: Day): boolean => from === undefined || from <= day;
const isOver = (one: Entitlement, day: Day): boolean => endOf(one) < day;
const nameOf = ({ source, key, contract, service }: Entitlement): NonNullable<Coverage["by"]> => ({
  source,
  key,
  ...(contract === undefined ? {} : { contract }),
  ...(service === undefined ? {} : { service }),
});

/** A renewal that begins no later than the day after carries the contract on. */
function inForce(now: readonly Entitlement[], mine: readonly Entitlement[], today: Temporal.PlainDate): Coverage {
  let last = now.toSorted(byEnd).at(-1) as Entitlement;
  const later = mine.filter((one) => one.ended !== true && one.from !== undefined).toSorted((a, b) => compare(a.from ?? "", b.from ?? ""));
  for (const next of later) {
    if (last.until === undefined) break;
    const gapless = (next.from as Day) <= Temporal.PlainDate.from(last.until).add({ days: 1 }).toString();
    if (gapless && byEnd(last, next) < 0) last = next;
  }
  const by = nameOf(last);
  if (last.until === undefined) return { state: "covered", why: "its contract names no end", by };
  const daysLeft = today.until(Temporal.PlainDate.from(last.until), { largestUnit: "days" }).days;
  const within = NOTICE_DAYS.findLast((days) => daysLeft <= days);
  if (within === undefined) return { state: "covered", until: last.until, why: `until ${last.until}`, by };
  return { state: "expiring", until: last.until, daysLeft, within, why: `ends on ${last.until}`, by };
}

function lapsed(last: Entitlement): Coverage {
  const { until } = last;
  const why = until === undefined ? "its list says that it has ended" : `ended on ${until}`;
  return { state: "lapsed", ...(until === undefined ? {} : { until }), why, by: nameOf(last) };
}

const POLY_FAMILIES: ReadonlySet<string> = new Set(["uc-phone", "soundpoint", "video-os", "group", "hdx"]);
const POLY_VENDOR = /\b(?:poly|polycom|plantronics|hp|obihai)\b/i;

/** Every Poly product found at the customer has to be under contract; what others made does not. Source: design 13. */
export function needsContract({ family, vendor, mac }: Pick<DeviceRow, "family" | "vendor" | "mac">): boolean {
  if (family !== undefined && POLY_FAMILIES.has(family)) return true;
  if (family === "switch") return false;
  if (vendor !== undefined) return POLY_VENDOR.test(vendor);
  return mayBe(mac).length > 0;
}
