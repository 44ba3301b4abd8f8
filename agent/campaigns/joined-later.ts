/** Late joiners of a campaign as people see them, with the way to take them along. */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { joinedSince, namedBy } from "../../firmware/waves/joined.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import { candidateOf, keysKept } from "./candidates.ts";

export interface JoinedLater {
  readonly count: number;
  /** By name; the first of them. */
  readonly devices: readonly { readonly device: string; readonly name: string; readonly model?: string }[];
  /** The command that takes them. */
  readonly take: string;
}

/** As many as a person reads; the count says how many there are. */
const SHOWN_MAX = 100;

/** `undefined` where there are none, and of a campaign that has ended. */
export function joinedLater(
  { id, state, plan }: StoredCampaign,
  store: Pick<Store, "devices" | "places" | "keyCodes" | "releases">,
): JoinedLater | undefined {
  if (isFinalCampaign(state)) return undefined;
  const named = namedBy(plan);
  const rows = store.devices.list({ adopted: true, retired: false }).filter((row) => !named.has(row.id));
  if (rows.length === 0) return undefined;
  const places = new Map(store.places.all().flatMap((place) => (place.mac === undefined ? [] : [[place.mac, place] as const])));
  const keys = keysKept(store.keyCodes.list());
  const candidates = rows.map((row) => candidateOf(row, row.mac === undefined ? undefined : places.get(row.mac), keys));
  const joined = joinedSince(plan, candidates, store.releases.list());
  if (joined.length === 0) return undefined;
  const devices = joined
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .slice(0, SHOWN_MAX)
    .map(({ device, name, model }) => ({ device, name, ...(model === undefined ? {} : { model }) }));
  return { count: joined.length, devices, take: `groundswell campaign plan --parent ${id}` };
}
