/**
 * WebSocket frames as a client reads and writes them. Source: RFC 6455, 5; MQTT 5, 6 (binary frames only, and a packet
 * may lie in several of them, so their ends mean nothing here).
 */

/** Continuation, text, binary, close, ping, pong. Source: RFC 6455, 5.2. */
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];
/** Specified for control frames. */
const CONTROL_BYTES_MAX = 125;
const FIN = 0x80;
const MASKED = 0x80;

/** What came. `data` is the next bytes of the stream, whatever frames they were in. */
export type FrameEvent =
  | { readonly kind: "data"; readonly bytes: Buffer }
  | { readonly kind: "ping"; readonly bytes: Buffer }
  | { readonly kind: "close"; readonly code: number | undefined }
  /** The server broke the rules; nothing after it is read. */
  | { readonly kind: "broken"; readonly why: string };

interface Open {
  readonly opcode: number;
  left: number;
  /** Of a control frame, gathered. */
  parts: Buffer[];
}

/** Pure but for its own position in the stream. Data is passed on as it comes: no frame is ever gathered whole. */
export function frameReader(): (chunk: Buffer) => readonly FrameEvent[] {
  let head = Buffer.alloc(0);
  let open: Open | undefined;
  let inMessage = false;
  let over = false;
  return (chunk) => {
    const events: FrameEvent[] = [];
    let rest = chunk;
    while (!over) {
      if (open === undefined) {
        const wanted = headLength(head);
        const piece = rest.subarray(0, wanted - head.length);
        head = Buffer.concat([head, piece]);
        rest = rest.subarray(piece.length);
        if (head.length < wanted) return events;
        if (head.length < headLength(head)) continue;
        const opened = openFrame(head, inMessage);
        if (typeof opened === "string") {
          over = true;
          events.push({ kind: "broken", why: opened });
          return events;
        }
        inMessage = opened.inMessage;
        open = { opcode: opened.opcode, left: opened.length, parts: [] };
        head = Buffer.alloc(0);
      }
      const bytes = rest.subarray(0, open.left);
      rest = rest.subarray(bytes.length);
      open.left -= bytes.length;
      if (open.opcode >= CLOSE) open.parts.push(bytes);
      else if (bytes.length > 0) events.push({ kind: "data", bytes });
      if (open.left > 0) return events;
      const event = open.opcode >= CLOSE ? controlEvent(open.opcode, Buffer.concat(open.parts)) : undefined;
      if (event !== undefined) events.push(event);
      over = event?.kind === "close";
      open = undefined;
    }
    return events;
  };
}

/** How long the head is, as far as its first bytes tell: 2, 4 or 10. A server's frames carry no mask. */
function headLength(head: Buffer): number {
  const length = head.length < 2 ? 0 : (head[1] as number) & 0x7f;
  return length === 126 ? 4 : length === 127 ? 10 : 2;
}

function openFrame(head: Buffer, inMessage: boolean): { opcode: number; length: number; inMessage: boolean } | string {
  const [first = 0, second = 0] = head;
  const opcode = first & 0x0f;
  const fin = (first & FIN) !== 0;
  const length = lengthIn(head);
  if ((first & 0x70) !== 0) return "reserved bits are set";
  if ((second & MASKED) !== 0) return "a server's frame is masked";
  if (length === undefined) return "a length that no frame can have";
  if (opcode >= CLOSE) {
    if (opcode > PONG) return `opcode ${opcode} does not exist`;
    return fin && length <= CONTROL_BYTES_MAX ? { opcode, length, inMessage } : "a control frame is cut or too long";
  }
  if (opcode === TEXT) return "a text frame";
  if (opcode !== CONTINUATION && opcode !== BINARY) return `opcode ${opcode} does not exist`;
  if ((opcode === CONTINUATION) !== inMessage) return inMessage ? "a message begins within another" : "a continuation of nothing";
  return { opcode, length, inMessage: !fin };
}

function lengthIn(head: Buffer): number | undefined {
  if (head.length === 2) return (head[1] as number) & 0x7f;
  if (head.length === 4) return head.readUInt16BE(2);
  const length = Number(head.readBigUInt64BE(2));
  return Number.isSafeInteger(length) ? length : undefined;
}

function controlEvent(opcode: number, bytes: Buffer): FrameEvent | undefined {
  if (opcode === PING) return { kind: "ping", bytes };
  if (opcode === PONG) return undefined;
  return { kind: "close", code: bytes.length >= 2 ? bytes.readUInt16BE(0) : undefined };
}

/** One whole frame of a client, masked with four bytes nobody can foresee (RFC 6455, 5.3). */
export function clientFrame(kind: "data" | "pong" | "close", payload: Buffer, mask: Buffer): Buffer {
  const opcode = { data: BINARY, pong: PONG, close: CLOSE }[kind];
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = FIN | opcode;
  head[1] = MASKED | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  const masked = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at++) masked[at] = (payload[at] as number) ^ (mask[at & 3] as number);
  return Buffer.concat([head, mask, masked]);
}
