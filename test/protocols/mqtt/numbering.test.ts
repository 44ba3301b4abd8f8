import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import type { MqttState } from "../../../protocols/mqtt/link.ts";
import { isMisnumbered } from "../../../protocols/mqtt/numbering.ts";
import { connack, connack5, startRawBroker } from "./raw-broker.ts";

const CONNECT = 1;

test.each([
  ["PUBREL without an identifier", [0x62, 0]],
  ["PUBREL with half of one", [0x62, 1, 7]],
  ["PUBREC without an identifier", [0x50, 0]],
  ["PUBLISH at QoS 1 without an identifier", [0x32, 3, 0, 1, 0x61]],
  ["PUBLISH at QoS 2 without an identifier", [0x34, 3, 0, 1, 0x61]],
])("createMqttClient(): %s ends the connection, and nothing is thrown", async (_, bytes) => {
  const broker = await startRawBroker((packet, socket, { level }) => {
    if (packet.type === CONNECT) socket.write(Buffer.concat([level === 5 ? connack5() : connack(), Buffer.from(bytes)]));
  });
  const client = createMqttClient(
    { host: "127.0.0.1", port: broker.port, clientId: "site-1" },
    { clock: manualClock(0), random: seededRandom(1) },
  );
  onTestFinished(async () => {
    await broker.close();
    await client.close();
  });
  const state = await new Promise<MqttState>((resolve) => {
    client.onState((one) => void (one.at === "waiting" && resolve(one)));
  });
  expect(state).toMatchObject({ fault: { kind: "garbled", via: "mqtt" } });
});

test("isMisnumbered(): only of packets that are answered by their number", () => {
  expect(isMisnumbered({ cmd: "pubrel", messageId: -1 })).toBe(true);
  expect(isMisnumbered({ cmd: "pubrel", messageId: 0 })).toBe(true);
  expect(isMisnumbered({ cmd: "pubrec", messageId: 65_535 })).toBe(false);
  expect(isMisnumbered({ cmd: "publish", qos: 0 })).toBe(false);
  expect(isMisnumbered({ cmd: "publish", qos: 1, messageId: 3 })).toBe(false);
  expect(isMisnumbered({ cmd: "pingresp" })).toBe(false);
});
