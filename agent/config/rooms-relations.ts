/**
 * What must hold between the calendars of rooms and the rest. Pure.
 */
import { showDuration } from "../../protocols/core/time.ts";
import { error, type Related, warning } from "./related.ts";
import type { Config } from "./schema.ts";

export function roomsRelations({ rooms, places = [] }: Partial<Config>): Related[] {
  if (rooms === undefined) return [];
  const found: Related[] = [];
  const here = new Set(places.map(({ room }) => room));
  const seen = new Set<string>();
  for (const [i, { room, url, file, caFile }] of rooms.calendars.entries()) {
    const at = ["rooms", "calendars", i];
    if ((url === undefined) === (file === undefined)) found.push(error(at, "needs either url or file"));
    if (caFile !== undefined && url?.startsWith("https:") !== true) found.push(error([...at, "caFile"], "is for an url with https alone"));
    if (seen.has(room)) found.push(error([...at, "room"], "this room has a calendar already"));
    seen.add(room);
    // Without places in the settings a person gives them one by one.
    if (places.length > 0 && !here.has(room)) found.push(warning([...at, "room"], `no place is in the room "${room}"`));
  }
  if (rooms.staleAfter <= rooms.every) {
    const what = `a copy counts for ${showDuration(rooms.staleAfter)}, and is read anew only every ${showDuration(rooms.every)}`;
    found.push(error(["rooms", "staleAfter"], what, "make it longer than rooms.every"));
  }
  return found;
}
