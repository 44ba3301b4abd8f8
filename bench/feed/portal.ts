/** What a portal stand-in hears of a broker, on a connection of its own. */
import { connectAsync } from "mqtt";
import { createPortal, PORTAL_FILTER, type Portal } from "../../fixtures/portal/portal.ts";

export async function listen(
  port: number,
): Promise<{ readonly portal: Portal; readonly topics: readonly string[]; stop(): Promise<void> }> {
  const portal = createPortal();
  const topics: string[] = [];
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  client.on("message", (topic, payload) => {
    topics.push(topic);
    portal.take(topic, payload);
  });
  await client.subscribeAsync(PORTAL_FILTER, { qos: 1 });
  return { portal, topics, stop: () => client.endAsync() };
}
