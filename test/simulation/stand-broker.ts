/**
 * A real broker that can be taken away and brought back on the same port, with or without its memory. Whoever listens hears a
 * message before it is acknowledged, as from a broker that keeps what it took.
 */
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";

export interface StandBroker {
  readonly port: number;
  /** Every connection is reset, and none is taken. */
  goAway(): Promise<void>;
  comeBack(how: { readonly forgets: boolean }): Promise<void>;
  close(): Promise<void>;
}

export async function startStandBroker(hear: (topic: string, payload: Uint8Array) => void): Promise<StandBroker> {
  const make = (): Promise<Aedes> =>
    Aedes.createBroker({
      authorizePublish(client, packet, done) {
        // A will comes without a client of its own.
        hear(packet.topic, Buffer.from(packet.payload));
        done(null);
        void client;
      },
    });
  const sockets = new Set<Socket>();
  let broker = await make();
  let server: Server | undefined;
  let port = 0;
  const open = async (): Promise<void> => {
    const made = createServer((socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      socket.on("error", () => undefined);
      socket.setNoDelay(true);
      broker.handle(socket);
    });
    await new Promise<void>((resolve, reject) => {
      made.once("error", reject);
      made.listen(port, "127.0.0.1", resolve);
    });
    const address = made.address();
    port = typeof address === "object" && address !== null ? address.port : port;
    server = made;
  };
  const goAway = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  const end = (): Promise<void> => new Promise((resolve) => broker.close(() => resolve()));
  for (const quiet of ["clientError", "connectionError"] as const) broker.on(quiet, () => undefined);
  await open();
  return {
    get port() {
      return port;
    },
    goAway,
    async comeBack({ forgets }) {
      if (server !== undefined) return;
      if (forgets) {
        await end();
        broker = await make();
        for (const quiet of ["clientError", "connectionError"] as const) broker.on(quiet, () => undefined);
      }
      await open();
    },
    async close() {
      await goAway();
      await end();
    },
  };
}
