import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../agent/demo/free-port.ts";
import { type Relay, startRelay } from "../../../agent/demo/relay.ts";

/** Sends back what it gets. */
async function echo(): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

async function relay(port: number): Promise<Relay> {
  const started = await startRelay({ host: "127.0.0.1", port });
  onTestFinished(() => started.close());
  return started;
}

async function through({ port }: Relay): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write("hello");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toBe("hello");
  return socket;
}

test("startRelay(): what goes in comes out, both ways", async () => {
  await through(await relay(await echo()));
});

test("cut(): ends what is open and refuses what is new; mend(): the same port carries again", async () => {
  const wire = await relay(await echo());
  const socket = await through(wire);
  const closed = once(socket, "close");
  await wire.cut();
  await closed;
  const refused = connect(wire.port, "127.0.0.1");
  const [error] = await once(refused, "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
  await wire.mend();
  await through(wire);
});

test("startRelay(): a broker that is away closes the connection and harms nothing", async () => {
  const wire = await relay(await freePort());
  const socket = connect(wire.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "close");
  const again = connect(wire.port, "127.0.0.1");
  again.on("error", () => undefined);
  await once(again, "close");
});
