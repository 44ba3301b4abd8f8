/**
 * Messages as an untrusted way delivers them: late, many times, in any order. In no drawn story; tests put it on and compare the ends.
 */
import type { DepotNews } from "../../../fixtures/fleet/depot.ts";
import type { Random } from "../../../protocols/core/random.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import { type PeopleIo, send, type Wish } from "./people.ts";

/** A device is waited for three minutes, from the command until it begins to fetch. */
const BEGAN_LATE: Ms = 2 * MINUTE;
/** It is back within a minute of its end; whoever heard of the end only then would not know that it restarted. */
const ENDED_LATE: Ms = 45 * SECOND;
const SOON: Ms = 10 * MINUTE;
const LATER: Ms = 6 * HOUR;
/** Of news that are hardly late, and of what keeps those that are from being lost. */
const A_MOMENT: Ms = 5 * SECOND;

/** How long each copy of one piece of news is on its way. */
export function waysOf({ kind }: DepotNews, ofNews: number, random: Random): readonly Ms[] {
  const late = kind === "imageStarted" ? BEGAN_LATE : ENDED_LATE;
  const copies = Array.from({ length: ofNews }, () => late + random.below(random.below(2) === 0 ? SOON : LATER));
  // Mostly the one or the other, so that an end overtakes its beginning.
  const first = random.below(2) === 0 ? random.below(A_MOMENT) : late - random.below(A_MOMENT);
  return [first, ...copies];
}

/** A command comes again and again, whatever was commanded since. What never arrived stays lost. */
export function echoesOf(io: Omit<PeopleIo, "echo">): PeopleIo["echo"] {
  const { time, random, store, story } = io;
  const { copies } = story;
  if (copies === undefined) return undefined;
  const again = (id: string, wish: Wish): void => {
    if (store.commands.load(id) !== undefined) void send(id, wish, true, { ...io, echo: undefined });
  };
  return (id, wish) => {
    for (let copy = 0; copy < copies.ofCommands; copy++) time.after(random.below(LATER), () => again(id, wish));
  };
}
