/**
 * A small version 1/2c agent for tests: hand-encoded, able to misbehave in every way a test names.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

export type TestValue = { readonly tag: number; readonly content: Buffer };

export function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 255]), body]);
}

export function int(value: number, tag = 2): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeInt32BE(value | 0);
  return tlv(tag, octets);
}

export function oid(text: string): Buffer {
  const [a = 0, b = 0, ...rest] = text.split(".").map(Number);
  const out: number[] = [];
  for (const part of [a * 40 + b, ...rest]) {
    const groups = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) + 128);
    out.push(...groups);
  }
  return tlv(6, Buffer.from(out));
}

export const octets = (text: string | Buffer): Buffer => tlv(4, Buffer.from(text));
export const varbind = (name: string, value: Buffer): Buffer => tlv(0x30, oid(name), value);

/** What the agent was asked. */
export interface Asked {
  readonly version: number;
  readonly community: Buffer;
  readonly pduTag: number;
  readonly id: Buffer;
  readonly second: number;
  readonly third: number;
  readonly oids: readonly string[];
}

/** Reads our own client's request, which is known to be well formed. */
export function readRequest(packet: Buffer): Asked {
  let at = 0;
  const open = (): { tag: number; body: Buffer; end: number } => {
    const tag = packet[at] as number;
    let length = packet[at + 1] as number;
    let start = at + 2;
    if (length > 128) {
      const count = length - 128;
      length = packet.readUIntBE(start, count);
      start += count;
    }
    at = start;
    return { tag, body: packet.subarray(start, start + length), end: start + length };
  };
  const leaf = (): Buffer => {
    const field = open();
    at = field.end;
    return field.body;
  };
  open();
  const version = leaf()[0] as number;
  const community = leaf();
  const pdu = open();
  const id = leaf();
  const second = leaf().at(-1) as number;
  const third = leaf().at(-1) as number;
  const list = open();
  const oids: string[] = [];
  while (at < list.end) {
    open();
    oids.push(showOid(leaf()));
    leaf();
  }
  return { version, community, pduTag: pdu.tag, id, second, third, oids };
}

function showOid(body: Buffer): string {
  const parts: number[] = [];
  let value = 0;
  for (const octet of body) {
    value = value * 128 + (octet & 127);
    if (octet >= 128) continue;
    if (parts.length === 0) parts.push(Math.floor(value / 40), value % 40);
    else parts.push(value);
    value = 0;
  }
  return parts.join(".");
}

export interface Answer {
  readonly varbinds: readonly Buffer[];
  readonly status?: number;
  readonly index?: number;
  readonly pduTag?: number;
  readonly id?: Buffer;
  readonly community?: Buffer;
}

export function answerPacket(asked: Asked, answer: Answer): Buffer {
  const pdu = tlv(
    answer.pduTag ?? 0xa2,
    tlv(2, answer.id ?? asked.id),
    int(answer.status ?? 0),
    int(answer.index ?? 0),
    tlv(0x30, ...answer.varbinds),
  );
  return tlv(0x30, int(asked.version), tlv(4, answer.community ?? asked.community), pdu);
}

const after = (a: string, b: string): boolean => {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference > 0;
  }
  return false;
};

/** An honest answer from a sorted table. */
export function honest(table: ReadonlyMap<string, Buffer>, asked: Asked): Answer {
  const names = [...table.keys()];
  if (asked.pduTag === 0xa0) {
    const missing = asked.oids.findIndex((name) => !table.has(name));
    if (asked.version === 0 && missing >= 0)
      return { status: 2, index: missing + 1, varbinds: asked.oids.map((name) => varbind(name, tlv(5))) };
    return { varbinds: asked.oids.map((name) => varbind(name, table.get(name) ?? tlv(0x80))) };
  }
  const from = asked.oids[0] as string;
  const rest = names.filter((name) => after(name, from)).slice(0, asked.pduTag === 0xa5 ? asked.third : 1);
  if (rest.length === 0) {
    if (asked.version === 0) return { status: 2, index: 1, varbinds: [varbind(from, tlv(5))] };
    return { varbinds: [varbind(from, tlv(0x82))] };
  }
  return { varbinds: rest.map((name) => varbind(name, table.get(name) as Buffer)) };
}

export interface TestAgent {
  readonly port: number;
  readonly requests: Asked[];
  readonly socket: Socket;
  close(): Promise<void>;
}

/** Starts an agent on 127.0.0.1; `reply` sends whatever it likes. */
export async function startAgent(reply: (packet: Buffer, from: RemoteInfo, socket: Socket) => void): Promise<TestAgent> {
  const socket = createSocket("udp4");
  const requests: Asked[] = [];
  socket.on("message", (packet, from) => {
    requests.push(readRequest(packet));
    reply(packet, from, socket);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, requests, socket, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}

/** An agent that answers each request with `make`; `undefined` is silence. */
export function startHonest(make: (asked: Asked) => Answer | undefined): Promise<TestAgent> {
  return startAgent((packet, from, socket) => {
    const asked = readRequest(packet);
    const answer = make(asked);
    if (answer !== undefined) socket.send(answerPacket(asked, answer), from.port, from.address);
  });
}
