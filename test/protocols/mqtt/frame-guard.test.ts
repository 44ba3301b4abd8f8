import fc from "fast-check";
import { expect, test } from "vitest";
import { frameGuard } from "../../../protocols/mqtt/frame-guard.ts";
import { lengthField } from "./raw-broker.ts";

const frame = (bodyBytes: number): Buffer => Buffer.concat([Buffer.from([0x30, ...lengthField(bodyBytes)]), Buffer.alloc(bodyBytes, 0xff)]);

/** The same bytes in pieces of the given sizes, in turn. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

test("frameGuard(): packets up to the limit pass, however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 12 }), sizes, (lengths, cut) => {
      const guard = frameGuard(300);
      expect(pieces(Buffer.concat(lengths.map(frame)), cut).map(guard)).not.toContain(false);
    }),
  );
});

test("frameGuard(): one packet over the limit is caught by its length alone, and for ever after", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 }),
      fc.integer({ min: 301, max: 268_435_455 }),
      sizes,
      (before, tooLong, cut) => {
        const guard = frameGuard(300);
        const header = Buffer.from([0x30, ...lengthField(tooLong)]);
        const verdicts = pieces(Buffer.concat([...before.map(frame), header]), cut).map(guard);
        expect(verdicts.at(-1)).toBe(false);
        expect(guard(frame(1))).toBe(false);
      },
    ),
  );
});

test("frameGuard(): a length of more than four bytes is caught, small as it may be", () => {
  const guard = frameGuard(300);
  expect(guard(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe(true);
  expect(guard(Buffer.from([0x00]))).toBe(false);
});

test("frameGuard(): any bytes at all give an answer", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      const guard = frameGuard(1_000);
      const verdicts = chunks.map((chunk) => guard(Buffer.from(chunk)));
      expect(verdicts).toEqual([...verdicts].sort((a, b) => Number(b) - Number(a)));
    }),
  );
});
