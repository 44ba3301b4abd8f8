/** What is too long for one answer is handed out in pieces, and kept meanwhile. */

/** With its base64, and that of the signed answer around it, well within what a desk reads (`MAX_REPLY_BYTES`). */
export const PIECE_BYTES = 192 * 1024;
/** Kept until they are fetched; who is slower than so many others asks anew. */
const KEPT = 4;
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

interface Document {
  /** Whoever asks for the pieces that follow names it by this. */
  readonly key: string;
  readonly bytes: Buffer;
}

export interface KeptDocuments<T extends Document> {
  /** The newest stay; one of the same key is taken in its place. */
  keep(document: T): void;
  find(key: string): T | undefined;
}

export function keptDocuments<T extends Document>(): KeptDocuments<T> {
  /** The newest last. */
  let kept: readonly T[] = [];
  return {
    keep(document) {
      kept = [...kept.filter(({ key }) => key !== document.key), document].slice(-KEPT);
      while (kept.length > 1 && kept.reduce((sum, { bytes }) => sum + bytes.length, 0) > KEPT_BYTES_MAX) kept = kept.slice(1);
    },
    find: (wanted) => kept.find(({ key }) => key === wanted),
  };
}

export interface Piece {
  /** Of the whole. */
  readonly sizeBytes: number;
  readonly offset: number;
  readonly base64: string;
}

/** Empty from the end on. */
export function pieceOf(bytes: Buffer, offset: number): Piece {
  return { sizeBytes: bytes.length, offset, base64: bytes.subarray(offset, offset + PIECE_BYTES).toString("base64") };
}
