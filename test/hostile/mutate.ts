/**
 * Spoils valid bytes in the ways hostile or broken peers do. The same random source gives the same bytes.
 */
import type { Random } from "../../protocols/core/random.ts";

/** No mutation grows a message past this: larger ones are cut off by budgets before anything reads them. */
const BYTES_MAX = 64 * 1024;
const WORDS = [
  "-1",
  "0",
  "99999999999999999999",
  "1e400",
  "null",
  "{}",
  "[]",
  '"',
  "\\u0000",
  "\r\n\r\n",
  "<!DOCTYPE a>",
  "__proto__",
  "\u{1F4DE}",
  "%00",
  "=".repeat(200),
];

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const at = (bytes: Buffer, random: Random): number => random.below(Math.max(1, bytes.length));
const splice = (bytes: Buffer, from: number, to: number, middle: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);
function slice(bytes: Buffer, random: Random): { from: number; to: number } {
  const from = at(bytes, random);
  return { from, to: Math.min(bytes.length, from + 1 + random.below(64)) };
}

const MUTATIONS: readonly Mutation[] = [
  // One bit.
  (bytes, random) => {
    const out = Buffer.from(bytes);
    const place = at(out, random);
    if (out.length > 0) out[place] = (out[place] as number) ^ (1 << random.below(8));
    return out;
  },
  // Lengths and tags that lie.
  (bytes, random) => {
    const out = Buffer.from(bytes);
    if (out.length > 0) out[at(out, random)] = [0x00, 0x7f, 0x80, 0x81, 0x84, 0xff][random.below(6)] as number;
    return out;
  },
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => bytes.subarray(at(bytes, random)),
  // A piece again, many times.
  (bytes, random) => {
    const { from, to } = slice(bytes, random);
    return splice(bytes, from, from, Buffer.concat(Array<Buffer>(1 + random.below(200)).fill(bytes.subarray(from, to))));
  },
  // Two pieces change places.
  (bytes, random) => {
    const [one, other] = [slice(bytes, random), slice(bytes, random)].toSorted((a, b) => a.from - b.from) as [
      ReturnType<typeof slice>,
      ReturnType<typeof slice>,
    ];
    if (one.to > other.from) return bytes;
    const middle = Buffer.concat([
      bytes.subarray(other.from, other.to),
      bytes.subarray(one.to, other.from),
      bytes.subarray(one.from, one.to),
    ]);
    return splice(bytes, one.from, other.to, middle);
  },
  // A word of another language in the midst.
  (bytes, random) => {
    const { from, to } = slice(bytes, random);
    return splice(bytes, from, random.below(2) === 0 ? from : to, Buffer.from(WORDS[random.below(WORDS.length)] as string));
  },
  // Deep nesting of what opens.
  (bytes, random) => {
    const place = at(bytes, random);
    const opens = [Buffer.from("["), Buffer.from("{"), Buffer.from("<a>"), Buffer.from([0x30, 0x80]), Buffer.from("(")][
      random.below(5)
    ] as Buffer;
    return splice(bytes, place, place, Buffer.concat(Array<Buffer>(1 + random.below(2_000)).fill(opens)));
  },
  (bytes, random) => splice(bytes, at(bytes, random), bytes.length, Buffer.from(random.hex(1 + random.below(64)), "hex")),
];

/** One to four mutations, one after the other. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let out = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) {
    out = (MUTATIONS[random.below(MUTATIONS.length)] as Mutation)(out, random).subarray(0, BYTES_MAX);
  }
  return out;
}
