/**
 * A broker for tests, from hand-written bytes: says only what a test tells it to. Source: MQTT 3.1.1, 2 and 3; MQTT 5, 2 and 3.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

/** One packet: its type (1 CONNECT, 3 PUBLISH, 8 SUBSCRIBE, 14 DISCONNECT), flags and body. */
export interface Packet {
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

/** What the client asked when it connected, as far as tests look. */
export interface Greeting {
  readonly level: number;
  readonly flags: number;
  /** Client id, then will topic and payload where there is one, then user and password. */
  readonly fields: readonly string[];
}

export interface RawBroker {
  readonly port: number;
  /** All packets of all connections in order of arrival. */
  readonly packets: readonly Packet[];
  readonly greetings: readonly Greeting[];
  /** The newest connection. */
  socket(): Socket;
  /** Resolves when so many packets of a type have come. */
  seen(type: number, count?: number): Promise<readonly Packet[]>;
  close(): Promise<void>;
}

export const connack = (code = 0, sessionPresent = 0): Buffer => Buffer.from([0x20, 2, sessionPresent, code]);
export const connack5 = (code = 0, ...properties: readonly number[]): Buffer =>
  Buffer.from([0x20, 3 + properties.length, 0, code, properties.length, ...properties]);
export const puback = (publish: Packet): Buffer => Buffer.from([0x40, 2, ...idOf(publish)]);
export const puback5 = (publish: Packet, code: number): Buffer => Buffer.from([0x40, 4, ...idOf(publish), code, 0]);

/** Topic length, topic, packet id. */
function idOf(publish: Packet): Buffer {
  const topicEnd = 2 + publish.body.readUInt16BE(0);
  return publish.body.subarray(topicEnd, topicEnd + 2);
}

export function suback(subscribe: Packet, ...codes: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from([0x90, 2 + codes.length]), subscribe.body.subarray(0, 2), Buffer.from(codes)]);
}

/** A PUBLISH of QoS 0 in version 3.1.1. */
export function publishPacket(topic: string, payload: Buffer | string, retained = false): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([Buffer.from([name.length >> 8, name.length & 255]), name, Buffer.from(payload)]);
  return Buffer.concat([Buffer.from([retained ? 0x31 : 0x30, ...lengthField(body.length)]), body]);
}

/** A remaining-length field: seven bits a byte, the lowest first. */
export function lengthField(length: number): number[] {
  const out: number[] = [];
  let left = length;
  do {
    const digit = left % 128;
    left = Math.floor(left / 128);
    out.push(left > 0 ? digit + 128 : digit);
  } while (left > 0);
  return out;
}

/** The complete packets at the start of `bytes`, and what is left. */
export function split(bytes: Buffer): { readonly packets: readonly Packet[]; readonly rest: Buffer } {
  const packets: Packet[] = [];
  let rest = bytes;
  for (;;) {
    let length = 0;
    let at = 1;
    for (let factor = 1; at < rest.length; factor *= 128) {
      const digit = rest[at++] as number;
      length += (digit & 127) * factor;
      if (digit < 128) break;
    }
    if (rest.length < 2 || ((rest[at - 1] as number) & 128) !== 0 || rest.length < at + length) return { packets, rest };
    const first = rest[0] as number;
    packets.push({ type: first >> 4, flags: first & 15, body: rest.subarray(at, at + length) });
    rest = rest.subarray(at + length);
  }
}

/** The strings of a CONNECT; properties of MQTT 5 (short here) are passed over. */
function greetingOf({ body }: Packet): Greeting {
  const level = body[6] as number;
  const flags = body[7] as number;
  let at = 10;
  const skipProperties = (): void => {
    if (level === 5) at += 1 + (body[at] as number);
  };
  const fields: string[] = [];
  const take = (): void => {
    const length = body.readUInt16BE(at);
    fields.push(body.toString("utf8", at + 2, at + 2 + length));
    at += 2 + length;
  };
  skipProperties();
  take();
  if ((flags & 4) !== 0) skipProperties();
  while (at < body.length) take();
  return { level, flags, fields };
}

/** Starts on 127.0.0.1; `reply` answers each packet as it likes. */
export async function startRawBroker(reply: (packet: Packet, socket: Socket, greeting: Greeting) => void): Promise<RawBroker> {
  const packets: Packet[] = [];
  const greetings: Greeting[] = [];
  const sockets: Socket[] = [];
  const waiting = new Set<() => void>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    let rest: Buffer = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      const found = split(Buffer.concat([rest, chunk]));
      rest = found.rest;
      for (const packet of found.packets) {
        packets.push(packet);
        if (packet.type === 1) greetings.push(greetingOf(packet));
        for (const look of [...waiting]) look();
        reply(packet, socket, greetings.at(-1) as Greeting);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    packets,
    greetings,
    socket: () => sockets.at(-1) as Socket,
    seen: (type, count = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = packets.filter((packet) => packet.type === type);
          if (found.length < count) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
