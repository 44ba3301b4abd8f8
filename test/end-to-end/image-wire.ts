/** A wire between phones and the agent's endpoint that counts the bytes of each image on its way, under the phones' own addresses. */
import { connect, createServer, type Socket } from "node:net";

export interface Fetch {
  readonly path: string;
  /** Of the answer; 0 until it came. */
  status: number;
  /** Head and image, as the agent sent them. */
  bytes: number;
  open: boolean;
}

export interface ImageWire {
  readonly url: string;
  /** In the order of their requests. */
  readonly fetches: readonly Fetch[];
  close(): Promise<void>;
}

const IMAGE_REQUEST = /^GET (\S+\.sip\.ld)\S* HTTP/;
const STATUS = /^HTTP\/1\.1 (\d{3})/;

export async function openImageWire(target: { readonly host: string; readonly port: number }): Promise<ImageWire> {
  const fetches: Fetch[] = [];
  const open = new Set<Socket>();
  const server = createServer((phone) => {
    const agent = connect({ ...target, ...(phone.remoteAddress === undefined ? {} : { localAddress: phone.remoteAddress }) });
    let current: Fetch | undefined;
    phone.on("data", (piece: Buffer) => {
      const path = IMAGE_REQUEST.exec(piece.toString("latin1"))?.[1];
      if (path !== undefined) {
        current = { path, status: 0, bytes: 0, open: true };
        fetches.push(current);
      }
      agent.write(piece);
    });
    agent.on("data", (piece: Buffer) => {
      if (current !== undefined) {
        current.bytes += piece.length;
        if (current.status === 0) current.status = Number(STATUS.exec(piece.toString("latin1"))?.[1] ?? 0);
      }
      if (!phone.write(piece)) {
        agent.pause();
        phone.once("drain", () => agent.resume());
      }
    });
    for (const [socket, other] of [
      [phone, agent],
      [agent, phone],
    ] as const) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("end", () => other.end());
      socket.on("close", () => {
        open.delete(socket);
        if (current !== undefined) current.open = false;
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  return {
    url: `http://127.0.0.1:${port}/`,
    fetches,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
