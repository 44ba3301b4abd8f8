/**
 * Those who turn the kill switch on and off: for the site, a release or a model, as people spell it. Sometimes they try what they may not do.
 */
import type { KillScope } from "../../../firmware/waves/kill.ts";
import type { Random } from "../../../protocols/core/random.ts";
import type { StoppedTimes } from "./draw.ts";
import { ANNA, BEN, DOE, give, type PeopleIo, pick, VIC, type Wish } from "./people.ts";

/** More scopes than so many are not on at once. */
const ON_MAX = 2;

export function startStoppers(io: PeopleIo): void {
  const { time, random, story } = io;
  const { stops } = story;
  if (stops === undefined) return;
  const next = (): void => {
    const wish = wishOf(stops, io);
    if (wish !== undefined) void give(wish, io);
    time.after(stops.everyMs * (0.3 + 1.4 * random.next()), next);
  };
  time.at(stops.fromMs, next);
}

function wishOf({ onShare }: StoppedTimes, io: PeopleIo): Wish | undefined {
  const { store, random } = io;
  const on = store.kills.list();
  if (random.next() < 0.08) return mischief(io);
  if (on.length > 0 && random.next() < 0.6) {
    const { scope } = pick(on, random);
    return { who: pick([ANNA, BEN], random), verb: "kill.off", args: { scope: spelled(scope, random), reason: "seen to" } };
  }
  const moves = store.tasks.active().some(({ state }) => "attempt" in state);
  const chance = moves ? onShare : onShare / 4;
  if (on.length >= ON_MAX || random.next() > chance) return undefined;
  return { who: pick([DOE, ANNA], random), verb: "kill.on", args: { scope: scopeOf(io), reason: "smoke" } };
}

function scopeOf({ story, random }: PeopleIo): KillScope {
  const kind = random.below(3);
  if (kind === 0) return { kind: "site" };
  if (kind === 1) return { kind: "release", release: pick(story.releases, random).id };
  return spelled({ kind: "model", model: pick(story.phones, random).model }, random);
}

/** Nobody looks up how a model is written. */
function spelled(scope: KillScope, random: Random): KillScope {
  if (scope.kind !== "model") return scope;
  const { model } = scope;
  return { kind: "model", model: pick([model, model.toLowerCase(), model.replace(" ", ""), model.replace(" ", "-")], random) };
}

/** What they may not do, or what is of no use. */
function mischief(io: PeopleIo): Wish {
  const scope = scopeOf(io);
  return pick<Wish>(
    [
      { who: VIC, verb: "kill.on", args: { scope, reason: "no" } },
      { who: DOE, verb: "kill.off", args: { scope, reason: "no" } },
      { who: ANNA, verb: "kill.off", args: { scope, reason: "to be sure" } },
      { who: VIC, verb: "kill.status", args: {} },
    ],
    io.random,
  );
}
