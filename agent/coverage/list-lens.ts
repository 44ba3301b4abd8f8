/**
 * Entitlements as Poly Lens tells them of its devices. Pure. Source: protocols/lens-and-portal.md 4 and 10: the fields are
 * confirmed; whether every account is told them is not, so a list without them is no list.
 */
import type { Mac } from "../../protocols/core/ids.ts";
import { DAY, instantOf, type Ms } from "../../protocols/core/time.ts";
import type { LensDevice } from "../../protocols/lens/devices.ts";
import type { LensList } from "../../protocols/lens/inventory.ts";
import { type Line, lineSchema } from "./list.ts";

/** What leaves the field thread: no licence key is among it. */
export interface LensEntitlement {
  readonly mac?: Mac;
  readonly serial?: string;
  readonly model?: string;
  readonly productSerial?: string;
  readonly fromMs?: Ms;
  readonly untilMs?: Ms;
  readonly expired?: boolean;
}

export interface LensEntitlements {
  readonly entitlements: readonly LensEntitlement[];
  /** Devices of the account, with or without a contract. */
  readonly devices: number;
}

/** @returns the entitlements, or in words why this answer is no whole list of them */
export function entitlementsIn(list: LensList): LensEntitlements | string {
  if (list.without.includes("entitlements")) return "Lens does not tell entitlements to this account";
  if (list.faults.length > 0 || !list.complete) return "Lens told only a part of its list";
  return { devices: list.devices.length, entitlements: list.devices.flatMap(ofDevice) };
}

function ofDevice({ facts, entitlements }: LensDevice): LensEntitlement[] {
  const { mac, serial, model } = facts;
  const device = Object.fromEntries(Object.entries({ mac, serial, model }).filter(([, value]) => value !== undefined));
  return entitlements.map(({ productSerial, fromMs, untilMs, expired }) => {
    const stated = Object.entries({ productSerial, fromMs, untilMs, expired }).filter(([, value]) => value !== undefined);
    return { ...device, ...Object.fromEntries(stated) };
  });
}

/** Lens states no service and no contract number. One that names no device at all, or garbles its days, is left out and counted. */
export function linesOf(
  entitlements: readonly LensEntitlement[],
  zone: string,
): { readonly lines: readonly Line[]; readonly unreadable: number } {
  const read = entitlements.map(({ mac, serial, productSerial, model, fromMs, untilMs, expired }) =>
    lineSchema.safeParse(
      Object.fromEntries(
        Object.entries({
          mac,
          serial: productSerial ?? serial,
          model,
          from: fromMs === undefined ? undefined : dayOf(fromMs, zone),
          until: untilMs === undefined ? undefined : dayOf(untilMs, zone),
          ended: expired === true ? true : undefined,
        }).filter(([, value]) => value !== undefined),
      ),
    ),
  );
  const lines = read.flatMap((one) => (one.success ? [one.data] : []));
  return { lines, unreadable: read.length - lines.length };
}

/** Midnight in UTC is how a day without a time is written; any other moment falls on a day of the site. */
function dayOf(atMs: Ms, zone: string): string {
  return instantOf(atMs)
    .toZonedDateTimeISO(atMs % DAY === 0 ? "UTC" : zone)
    .toPlainDate()
    .toString();
}
