/**
 * A wire to the broker that can be cut: connections pass through until `cut`, which ends them and refuses new ones.
 */
import { connect, createServer, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function startRelay(target: { readonly host: string; readonly port: number }): Promise<Relay> {
  const open = new Set<Socket>();
  const carry = (inside: Socket): void => {
    const outside = connect(target.port, target.host);
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
    inside.pipe(outside);
    outside.pipe(inside);
  };
  let server = createServer(carry);
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
  const port = await listen(0);
  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return {
    port,
    cut,
    async mend() {
      server = createServer(carry);
      await listen(port);
    },
    close: cut,
  };
}
