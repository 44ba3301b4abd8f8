import fc from "fast-check";
import { expect, test } from "vitest";
import { clientFrame, type FrameEvent, frameReader } from "../../../protocols/mqtt/websocket-frames.ts";

/** A server's frame: no mask. */
function frame(opcode: number, payload: Buffer, fin = true): Buffer {
  const { length } = payload;
  const head = [opcode | (fin ? 0x80 : 0)];
  if (length < 126) head.push(length);
  else if (length < 65_536) head.push(126, length >> 8, length & 255);
  else head.push(127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
  return Buffer.concat([Buffer.from(head), payload]);
}

const dataOf = (events: readonly FrameEvent[]): Buffer =>
  Buffer.concat(events.flatMap((event) => (event.kind === "data" ? [event.bytes] : [])));

function readIn(pieces: readonly Buffer[]): FrameEvent[] {
  const read = frameReader();
  return pieces.flatMap((piece) => read(piece));
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

test("frameReader(): the examples of RFC 6455, 5.7", () => {
  expect(readIn([frame(2, Buffer.alloc(256, 7))])).toEqual([{ kind: "data", bytes: Buffer.alloc(256, 7) }]);
  expect(dataOf(readIn([frame(2, Buffer.alloc(65_536, 7))]))).toEqual(Buffer.alloc(65_536, 7));
  expect(readIn([Buffer.from([0x89, 5, 0x48, 0x65, 0x6c, 0x6c, 0x6f])])).toEqual([{ kind: "ping", bytes: Buffer.from("Hello") }]);
  expect(readIn([Buffer.from([0x8a, 5, 0x48, 0x65, 0x6c, 0x6c, 0x6f])])).toEqual([]);
});

test("frameReader(): however frames and chunks are cut, the same bytes come out, pings between them", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(3_000), { maxLength: 12 }), (parts, cuts) => {
      const frames = parts.flatMap((part, at) => [
        frame(at === 0 ? 2 : 0, Buffer.from(part), at === parts.length - 1),
        frame(9, Buffer.from([at])),
      ]);
      const events = readIn(cutAt(Buffer.concat(frames), cuts));
      expect(dataOf(events)).toEqual(Buffer.concat(parts));
      expect(events.filter(({ kind }) => kind === "ping")).toHaveLength(parts.length);
    }),
  );
});

test("frameReader(): data is passed on before its frame is whole: nothing announced is gathered", () => {
  const read = frameReader();
  const huge = Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3]);
  expect(read(huge)).toEqual([{ kind: "data", bytes: Buffer.from([1, 2, 3]) }]);
});

test("frameReader(): a close ends it, with its code where it has one", () => {
  const after = frame(2, Buffer.from([1]));
  expect(readIn([Buffer.concat([frame(8, Buffer.from([3, 233])), after])])).toEqual([{ kind: "close", code: 1_001 }]);
  expect(readIn([frame(8, Buffer.alloc(0)), after])).toEqual([{ kind: "close", code: undefined }]);
});

test.each([
  ["text", Buffer.from([0x81, 1, 0x61])],
  ["a mask", Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5])],
  ["reserved bits", Buffer.from([0xc2, 1, 1])],
  ["an opcode that does not exist", Buffer.from([0x83, 0])],
  ["a control opcode that does not exist", Buffer.from([0x8b, 0])],
  ["a control frame in parts", Buffer.from([0x09, 0])],
  ["a control frame that is too long", Buffer.from([0x89, 126, 0, 126])],
  ["a continuation of nothing", Buffer.from([0x80, 1, 1])],
  ["a message within another", Buffer.from([0x02, 1, 1, 0x82, 1, 1])],
  ["a length beyond every number", Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
])("frameReader(): %s breaks it for good", (_name, bytes) => {
  const read = frameReader();
  expect(read(bytes).at(-1)).toEqual({ kind: "broken", why: expect.any(String) });
  expect(read(frame(2, Buffer.from([1])))).toEqual([]);
});

test("frameReader(): any bytes at all end in events, never in an exception", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => void readIn(chunks.map((chunk) => Buffer.from(chunk)))));
});

test("clientFrame(): what a server unmasks is what we said, whatever its length", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = Buffer.alloc(length, "abcde");
    const made = clientFrame("data", payload, Buffer.from([9, 8, 7, 6]));
    const head = made.length - length - 4;
    expect([made[0], (made[1] ?? 0) & 128, head]).toEqual([0x82, 128, length < 126 ? 2 : length < 65_536 ? 4 : 10]);
    expect(made.subarray(head + 4).map((byte, at) => byte ^ (made[head + (at % 4)] ?? 0))).toEqual(payload);
  }
  expect(clientFrame("pong", Buffer.alloc(0), Buffer.alloc(4))[0]).toBe(0x8a);
  expect(clientFrame("close", Buffer.alloc(0), Buffer.alloc(4))[0]).toBe(0x88);
});
