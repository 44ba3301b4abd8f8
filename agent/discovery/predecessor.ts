/** Who served in a place before. */
import type { Mac } from "../../protocols/core/ids.ts";
import type { PlaceRow, Places } from "../../store/places.ts";

export interface Predecessor {
  readonly place: PlaceRow;
  /** The hardware that served there last. */
  readonly mac: Mac;
}

/** `undefined` where it serves nowhere, or as the first. */
export function predecessorOf(mac: Mac | undefined, places: Pick<Places, "ofMac" | "tenures">): Predecessor | undefined {
  const place = mac === undefined ? undefined : places.ofMac(mac);
  const last = place === undefined ? undefined : places.tenures({ place: place.id }).findLast((tenure) => tenure.mac !== mac);
  return place === undefined || last === undefined ? undefined : { place, mac: last.mac };
}
