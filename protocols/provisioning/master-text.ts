/**
 * The bytes of a master file as text whose characters know their place among them. Pure.
 */
import { isUtf8 } from "node:buffer";

export interface Placed {
  readonly text: string;
  /** Bytes before the text. */
  readonly before: number;
  readonly unitBytes: 1 | 2;
  readonly swapped: boolean;
}

/** Each of them writes ASCII as ASCII, and nothing else with those bytes. */
const PLAIN_ENCODINGS = /^(?:utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d)$/i;
const declaredEncoding = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']/;

/** Why not, where its encoding is none that is understood to the byte. */
export function placeText(whole: Uint8Array): Placed | string {
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return placeWide(bytes, false);
  if (first === 0xfe && second === 0xff) return placeWide(bytes, true);
  const before = first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
  if (bytes.includes(0)) return "it is no text";
  // One character for each byte: what is beyond ASCII is only carried along.
  const text = bytes.toString("latin1", before);
  const encoding = declaredEncoding.exec(text.slice(0, 256))?.[1];
  if (encoding === undefined ? !isUtf8(bytes) : !PLAIN_ENCODINGS.test(encoding)) {
    return encoding === undefined ? "it is not UTF-8 and does not say what else" : `its encoding is ${encoding.slice(0, 40)}`;
  }
  return { text, before, unitBytes: 1, swapped: false };
}

function placeWide(bytes: Buffer, swapped: boolean): Placed | string {
  if (bytes.length % 2 !== 0) return "it is cut off in the middle of a character";
  const units = Buffer.from(bytes.subarray(2));
  return { text: (swapped ? units.swap16() : units).toString("utf16le"), before: 2, unitBytes: 2, swapped };
}
