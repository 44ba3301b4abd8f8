/** The agent's birth, will and goodbye on MQTT. They belong to the connection, so they do not pass the outbox. */
import type { SiteId } from "../../protocols/core/ids.ts";
import type { MqttClient, OutgoingMessage } from "../../protocols/mqtt/link.ts";
import { infoTopic, stateTopic } from "../../protocols/mqtt/topics.ts";

/** What the broker says of us when we are gone without a goodbye. */
export function willOf(site: SiteId): OutgoingMessage {
  return { topic: stateTopic(site), payload: "offline", retain: true };
}

/**
 * Says "online" and who we are after each connect: info first, so that whoever sees us come can read what we are.
 * @param info makes the info document anew, see `snapshots.ts`
 * @returns the way to end it
 */
export function announce(mqtt: MqttClient, site: SiteId, info: () => string): () => void {
  return mqtt.onState((state) => {
    if (state.at !== "online") return;
    // A fault means the link broke again; the next connect says it all anew.
    void mqtt.publish({ topic: infoTopic(site), payload: info(), retain: true });
    void mqtt.publish({ topic: stateTopic(site), payload: "online", retain: true });
  });
}

/** Says "offline" before a wanted end: after a goodbye the broker does not send the will. */
export async function farewell(mqtt: MqttClient, site: SiteId): Promise<void> {
  if (mqtt.state.at === "online") await mqtt.publish(willOf(site));
  await mqtt.close();
}
