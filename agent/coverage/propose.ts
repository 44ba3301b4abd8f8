/**
 * What a person could do about devices without a contract. Pure, and only ever a proposal: an assigned Poly+ licence cannot be
 * taken back. Source: protocols/lens-and-portal.md 10.
 */
import type { CoverageRow } from "../../store/coverage.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Entitlement } from "../../store/entitlements.ts";
import { tokensOf } from "./decide.ts";

export interface Proposal {
  readonly device: string;
  readonly name: string;
  readonly model?: string;
  readonly serial?: string;
  /** `assign` one of the licences in stock, `renew` what ends or has ended, `order` where there is none. */
  readonly what: "assign" | "renew" | "order";
  /** Contract or stock it would come from. */
  readonly from?: string;
  readonly why: string;
}

export interface Proposals {
  readonly proposals: readonly Proposal[];
  /** Licences in stock, and how many of them are proposed here. */
  readonly stocks: readonly { readonly name: string; readonly model: string; readonly quantity: number; readonly proposed: number }[];
  /** Entitlements on hardware that was not found here: returned, swapped, or still in its box. */
  readonly elsewhere: readonly { readonly serial?: string; readonly mac?: string; readonly contract?: string; readonly until?: string }[];
}

interface Stock {
  readonly name: string;
  readonly model: string;
  readonly quantity: number;
  left: number;
}

/** `today` as `2026-11-22`: stock that is over, or not yet, is none. */
export function propose(
  devices: readonly DeviceRow[],
  coverage: ReadonlyMap<string, Pick<CoverageRow, "state" | "doc">>,
  entitlements: readonly Entitlement[],
  today: string,
): Proposals {
  const stocks = stocksOf(entitlements, today);
  const proposals = devices
    .toSorted((a, b) => a.firstSeenMs - b.firstSeenMs || (a.id < b.id ? -1 : 1))
    .flatMap((device) => {
      const row = coverage.get(device.id);
      return row === undefined ? [] : proposalFor(device, row, stocks);
    });
  const here = new Set(devices.flatMap((device) => [...tokensOf(device)]));
  return {
    proposals,
    stocks: stocks.map(({ name, model, quantity, left }) => ({ name, model, quantity, proposed: quantity - left })),
    elsewhere: entitlements
      .filter((one) => tokensOf(one).size > 0 && ![...tokensOf(one)].some((token) => here.has(token)))
      .map(({ serial, mac, contract, until }) => ({
        ...(serial === undefined ? {} : { serial }),
        ...(mac === undefined ? {} : { mac }),
        ...(contract === undefined ? {} : { contract }),
        ...(until === undefined ? {} : { until }),
      })),
  };
}

function stocksOf(entitlements: readonly Entitlement[], today: string): Stock[] {
  return entitlements.flatMap(({ serial, mac, model, quantity, contract, service, from, until, ended }) => {
    if (serial !== undefined || mac !== undefined || model === undefined || quantity === undefined) return [];
    if (ended === true || (from ?? today) > today || (until ?? today) < today) return [];
    return [{ name: [contract, service].filter((part) => part !== undefined).join(", ") || "stock", model, quantity, left: quantity }];
  });
}

function proposalFor(device: DeviceRow, { state, doc }: Pick<CoverageRow, "state" | "doc">, stocks: readonly Stock[]): Proposal[] {
  const { id, name, model, serial } = device;
  const about = { device: id, name, ...(model === undefined ? {} : { model }), ...(serial === undefined ? {} : { serial }) };
  const why = typeof doc["why"] === "string" ? doc["why"] : state;
  switch (state) {
    case "expiring":
    case "lapsed": {
      const contract = contractOf(doc);
      return [{ ...about, what: "renew", why, ...(contract === undefined ? {} : { from: contract }) }];
    }
    case "notCovered": {
      const stock = stocks.find((one) => one.left > 0 && model !== undefined && one.model.toLowerCase() === model.toLowerCase());
      if (stock === undefined) return [{ ...about, what: "order", why }];
      stock.left--;
      return [{ ...about, what: "assign", from: stock.name, why }];
    }
    case "covered":
    case "unknown":
      return [];
  }
}

function contractOf(doc: CoverageRow["doc"]): string | undefined {
  const by = doc["by"];
  if (typeof by !== "object" || by === null || !("contract" in by)) return undefined;
  return typeof by["contract"] === "string" ? by["contract"] : undefined;
}
