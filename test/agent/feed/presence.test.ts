import { expect, test } from "vitest";
import { announce, farewell, willOf } from "../../../agent/feed/presence.ts";
import { ok } from "../../../protocols/core/fault.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import type { MqttClient, MqttState, OutgoingMessage } from "../../../protocols/mqtt/link.ts";

const site = "zug-01" as SiteId;
const ONLINE: MqttState = { at: "online", protocol: 5, refused: [], sessionKept: false };

function client(state: MqttState) {
  const said: OutgoingMessage[] = [];
  const listeners = new Set<(state: MqttState) => void>();
  const mqtt: MqttClient = {
    state,
    room: 1,
    dropped: 0,
    publish: async (message) => {
      said.push(message);
      return ok(undefined);
    },
    subscribe: () => () => undefined,
    onState(listener) {
      listeners.add(listener);
      listener(state);
      return () => listeners.delete(listener);
    },
    online: async () => undefined,
    close: async () => void said.push({ topic: "", payload: "closed" }),
  };
  return { mqtt, said, change: (next: MqttState) => listeners.forEach((listener) => void listener(next)) };
}
const lines = (said: readonly OutgoingMessage[]): string[] => said.map(({ topic, payload }) => `${topic} ${payload}`);

test("willOf(): the broker says offline for us, and keeps it", () => {
  expect(willOf(site)).toEqual({ topic: "groundswell/v1/zug-01/state", payload: "offline", retain: true });
});

test("announce(): at each connect who we are, then that we are here, with the facts of that moment", () => {
  const { mqtt, said, change } = client({ at: "connecting" });
  let count = 0;
  const end = announce(mqtt, site, () => `info ${++count}`);
  expect(said).toEqual([]);
  change(ONLINE);
  change({ at: "connecting" });
  change(ONLINE);
  expect(lines(said)).toEqual([
    "groundswell/v1/zug-01/info info 1",
    "groundswell/v1/zug-01/state online",
    "groundswell/v1/zug-01/info info 2",
    "groundswell/v1/zug-01/state online",
  ]);
  expect(said.every(({ retain }) => retain === true)).toBe(true);
  end();
  change(ONLINE);
  expect(said).toHaveLength(4);
});

test("farewell(): says offline before a wanted end, and only ends where nobody hears it", async () => {
  const here = client(ONLINE);
  await farewell(here.mqtt, site);
  expect(lines(here.said)).toEqual(["groundswell/v1/zug-01/state offline", " closed"]);
  const away = client({ at: "connecting" });
  await farewell(away.mqtt, site);
  expect(lines(away.said)).toEqual([" closed"]);
});
