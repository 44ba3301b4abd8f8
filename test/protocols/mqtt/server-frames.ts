/** The server's side of a WebSocket, without a line of the client's own code. Source: RFC 6455, 4.2 and 5. */
import { createHash } from "node:crypto";

/** The answer to a handshake that asked for MQTT. */
export function handshake(key: string): string {
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const head = ["HTTP/1.1 101 Switching", "upgrade: WebSocket", "connection: keep-alive, Upgrade", `sec-websocket-accept: ${accept}`];
  return `${[...head, "sec-websocket-protocol: mqtt"].join("\r\n")}\r\n\r\n`;
}

/** A binary frame of a server. */
export function frame(payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x82, length]), payload]);
  const head = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 6);
  return Buffer.concat([head, payload]);
}

export interface ClientSays {
  data(bytes: Buffer): void;
  pong?(bytes: Buffer): void;
  close(): void;
}

/** Takes a client's frames apart; one that is not masked, or not binary, pong or close, ends the test. */
export function unmasker(says: ClientSays): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const short = (rest[1] ?? 0) & 127;
      const headBytes = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + 4;
      if (rest.length < headBytes) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
      if (rest.length < headBytes + length) return;
      const [first = 0, second = 0] = rest;
      if (second < 128 || ![0x82, 0x8a, 0x88].includes(first)) throw new Error(`not a client's frame: ${first} ${second}`);
      const mask = rest.subarray(headBytes - 4, headBytes);
      const payload = rest.subarray(headBytes, headBytes + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      if (first === 0x82) says.data(Buffer.from(payload));
      if (first === 0x8a) says.pong?.(Buffer.from(payload));
      if (first === 0x88) says.close();
      rest = rest.subarray(headBytes + length);
    }
  };
}
