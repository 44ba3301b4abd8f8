import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_REPLY_BYTES } from "../../../agent/commands/jws.ts";
import { keptDocuments, PIECE_BYTES, pieceOf } from "../../../agent/commands/pieces.ts";

test("pieceOf(): the pieces make the whole again, and signed none is longer than a desk reads", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 * PIECE_BYTES + 1 }), (size) => {
      const bytes = Buffer.alloc(size, "groundswell");
      const pieces: Buffer[] = [];
      for (let done = 0; done < size; done += pieces.at(-1)?.length ?? 0) {
        const piece = pieceOf(bytes, done);
        expect([piece.sizeBytes, piece.offset]).toEqual([size, done]);
        expect((JSON.stringify(piece).length + 1_000) * (4 / 3)).toBeLessThan(MAX_REPLY_BYTES);
        pieces.push(Buffer.from(piece.base64, "base64"));
      }
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    }),
    { numRuns: 20 },
  );
  expect(pieceOf(Buffer.from("abc"), 3)).toEqual({ sizeBytes: 3, offset: 3, base64: "" });
});

test("keptDocuments(): the newest four; what is kept anew is the newest again", () => {
  const kept = keptDocuments();
  const document = (key: string, size = 1) => ({ key, bytes: Buffer.alloc(size) });
  for (const key of ["a", "b", "c", "d"]) kept.keep(document(key));
  kept.keep(document("a", 2));
  kept.keep(document("e"));
  expect(["a", "b", "c", "d", "e"].map((key) => kept.find(key)?.bytes.length)).toEqual([2, undefined, 1, 1, 1]);
});

test("keptDocuments(): large ones make room for each other, the newest stays whatever its size", () => {
  const kept = keptDocuments();
  const large = (key: string, mib: number) => ({ key, bytes: Buffer.alloc(mib * 1024 * 1024) });
  kept.keep(large("a", 40));
  kept.keep(large("b", 30));
  expect([kept.find("a"), kept.find("b")?.key]).toEqual([undefined, "b"]);
  kept.keep(large("c", 80));
  expect([kept.find("b"), kept.find("c")?.key]).toEqual([undefined, "c"]);
});
