import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { startBrokerOf } from "../../../agent/demo/broker.ts";
import { ChildFailed } from "../../../agent/demo/child.ts";

test("startBrokerOf(): the embedded one listens on this machine until it is closed", async () => {
  const broker = await startBrokerOf("embedded", tmpdir());
  const socket = connect(broker.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const closed = once(socket, "close");
  await broker.close();
  await closed;
  expect(broker.name).toBe("embedded broker");
});

test.each([
  ["mqtt://127.0.0.1:18830", 18_830],
  ["mqtt://localhost", 1_883],
])("startBrokerOf(): %s runs already and is left running", async (kind, port) => {
  const broker = await startBrokerOf(kind, tmpdir());
  expect([broker.name, broker.port]).toEqual([kind, port]);
  await broker.close();
});

test.each(["mqtt://broker.example", "mqtts://127.0.0.1", "mqtt://10.0.0.1", "mqtt://127.0.0.1.example.com", "rabbit", ""])(
  "startBrokerOf(): %j is refused: the demonstration stays on this machine",
  async (kind) => {
    await expect(startBrokerOf(kind, tmpdir())).rejects.toThrow(ChildFailed);
  },
);
