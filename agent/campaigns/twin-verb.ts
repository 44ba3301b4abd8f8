/** `campaign.twin`: all that a rehearsal needs of a campaign and its site. Reads, and changes nothing. */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { parseCampaignId } from "../../protocols/core/ids.ts";
import { type Clock, isoOf } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import { placesOf } from "../calendars/usage.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import { failed } from "./verbs.ts";

export interface TwinIo {
  readonly store: Pick<Store, "campaigns" | "devices" | "places" | "placeUsages">;
  readonly clock: Clock;
}

export function campaignTwin(args: { readonly campaign: string }, { store, clock }: TwinIo): VerbOutcome {
  const id = parseCampaignId(args.campaign);
  const stored = id === undefined ? undefined : store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${args.campaign}": "groundswell campaign list" shows all`);
  const { plan, planHash, state } = stored;
  if (isFinalCampaign(state)) {
    return failed("wrongState", `Campaign "${stored.id}" has ended, it is ${state.at}: there is nothing left to rehearse`);
  }
  const learned = new Map(store.placeUsages.all().map(({ key, usage }) => [key, usage]));
  const placeOf = placesOf(store);
  const places = new Set<string>();
  const devices = plan.tasks.map(({ device }) => {
    const row = store.devices.load(device);
    const place = placeOf.get(device);
    // Hours of another zone's week are none of the plan's.
    const isKnown = place !== undefined && learned.get(place)?.zone === plan.calendar.zone;
    if (isKnown) places.add(place);
    return {
      device,
      ...(row?.running === undefined ? {} : { running: row.running }),
      ...(row?.updater === undefined ? {} : { updater: row.updater }),
      offline: row?.availability === "offline",
      ...(isKnown ? { place } : {}),
    };
  });
  const usage = Object.fromEntries([...places].map((place) => [place, learned.get(place)]));
  const result = {
    schema: "groundswell.twin/1",
    campaign: stored.id,
    state: state.at,
    planHash,
    plan,
    now: isoOf(clock.nowMs()),
    devices,
    usage,
  };
  return { ok: true, result };
}
