/**
 * The feed's loop: the connection to the broker, birth and will, the outbox drained whenever something waits.
 */
import { loopTurn, SECOND } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import type { MqttClient } from "../../protocols/mqtt/link.ts";
import { startLoop } from "../loop.ts";
import type { OutsideParts } from "../outside-parts.ts";
import { AGENT_VERSION } from "../version.ts";
import { Drain } from "./drain.ts";
import { pictureNeeded } from "./picture.ts";
import { announce } from "./presence.ts";
import { infoDocument } from "./snapshots.ts";
import { wayOf } from "./way.ts";

/** A change of a reading waits at most this long beyond its own wait. */
const FEED_EVERY_MS = 2 * SECOND;

/** The connection the settings ask for; it comes up by itself, whenever the broker is there. */
export function connect({ config, secrets, clock, io, site }: OutsideParts): MqttClient | undefined {
  const way = wayOf(config, secrets, site);
  return way === undefined ? undefined : createMqttClient(way, { clock, random: io.random });
}

export type FeedParts = Pick<OutsideParts, "store" | "clock" | "site" | "teller" | "loops" | "wakers" | "io"> & {
  readonly secrets: Pick<OutsideParts["secrets"], "agentKey">;
};

/** Starts the loop; it ends with the others. */
export function startFeed(mqtt: MqttClient, parts: FeedParts): { readonly drain: Drain } {
  const { store, clock, site, teller, secrets, loops, wakers } = parts;
  const { log } = parts.io;
  const session = { id: parts.io.random.hex(8), sinceMs: clock.nowMs() };
  const drain = new Drain({ outbox: store.outbox, mqtt, clock, log });
  announce(mqtt, site, () => {
    const { count, hash } = store.audit.head();
    const { kid, publicKey } = secrets.agentKey;
    return infoDocument({
      agentVersion: AGENT_VERSION,
      configRevision: "1",
      capabilities: ["campaigns", "coverage", "health", "tickets"],
      brand: "neutral",
      session,
      agentKey: { kid, publicKey },
      audit: { count, hash },
    });
  });
  const connect = { first: true, pictureDue: false };
  const loop = startLoop({ name: "feed", everyMs: FEED_EVERY_MS, log, clock }, async (signal) => {
    if (connect.pictureDue) {
      connect.pictureDue = false;
      await teller.everything({ pause: loopTurn });
    }
    teller.flush({ heard: mqtt.state.at === "online" });
    await drain.turn(signal);
  });
  wakers.feed = () => loop.wake();
  mqtt.onState((state) => {
    if (state.at === "online") {
      connect.pictureDue ||= pictureNeeded({ first: connect.first, sessionKept: state.sessionKept });
      connect.first = false;
      loop.wake();
    }
    if (state.at === "waiting") log.warn("the broker is away; everything waits in the outbox", { fault: state.fault.kind });
  });
  loops.push(loop);
  return { drain };
}
