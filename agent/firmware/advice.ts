/** What the commands on paths and advisories are made from: the inventory as a plan would see it, and the releases at hand. */
import { fixesOver } from "../../firmware/advisories/affected.ts";
import type { Release } from "../../firmware/release.ts";
import type { Candidate } from "../../firmware/waves/shape.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { candidateOf, keysKept } from "../campaigns/candidates.ts";
import { takenDevices } from "../campaigns/plan-verb.ts";

export type AdviceTables = Pick<
  Store,
  "devices" | "places" | "releases" | "keyCodes" | "campaigns" | "tasks" | "reservations" | "configs" | "decisions"
>;

export interface Advice extends ReturnType<typeof fixesOver> {
  readonly releases: readonly Release[];
  readonly taken: ReadonlySet<DeviceId>;
  candidate(row: DeviceRow): Candidate;
}

export function adviceOver(tables: AdviceTables): Advice {
  const releases = tables.releases.list();
  const keys = keysKept(tables.keyCodes.list());
  return {
    ...fixesOver(releases),
    taken: takenDevices(tables),
    candidate: (row) => candidateOf(row, tables.places.ofDevice(row.id), keys),
  };
}
