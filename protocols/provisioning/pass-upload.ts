/**
 * The way of an upload from a phone to the customer's server: counted, and shown to whoever copies it.
 */
import type { IncomingMessage } from "node:http";
import { type Readable, Transform, type TransformCallback } from "node:stream";

export interface CappedBody {
  readonly pieces: Readable;
  /** More came than may. */
  readonly isTooLarge: boolean;
  /** All that was announced has come. */
  readonly isWhole: boolean;
}

/** `undefined` where the request has no body; `tooLarge` where it says so itself. */
export function cappedBody(
  request: IncomingMessage,
  most: number,
  seen: (piece: Buffer) => void = () => undefined,
): CappedBody | "tooLarge" | undefined {
  const { "content-length": declared, "transfer-encoding": coding } = request.headers;
  if (coding === undefined && (declared === undefined || Number(declared) === 0)) return undefined;
  if (Number(declared ?? 0) > most) return "tooLarge";
  let bytes = 0;
  let [isTooLarge, isWhole] = [false, false];
  const pieces = new Transform({
    transform(piece: Buffer, _encoding, next: TransformCallback) {
      bytes += piece.length;
      isTooLarge ||= bytes > most;
      if (isTooLarge) return next(new Error("too large"));
      seen(piece);
      next(null, piece);
    },
    flush(next: TransformCallback) {
      isWhole = true;
      next();
    },
  });
  const cut = (): void => void (request.complete || pieces.destroy(new Error("cut short")));
  request.once("close", cut);
  request.once("error", cut);
  // What is left of it is read away: the answer may come before its end.
  pieces.once("close", () => void request.unpipe(pieces).resume());
  request.pipe(pieces);
  return {
    pieces,
    get isTooLarge() {
      return isTooLarge;
    },
    get isWhole() {
      return isWhole;
    },
  };
}
