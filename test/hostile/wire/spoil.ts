/**
 * One exchange of a hostile peer, told by its seed: which message is spoiled, and how. Everything else of the exchange is valid.
 */
import { createHash } from "node:crypto";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { mutated } from "../mutate.ts";

/** What a peer does next. Over UDP each `send` is a datagram, and `end` and `reset` are nothing. */
export type Act =
  | { readonly act: "send"; readonly bytes: Buffer }
  /** Turns of the event loop. */
  | { readonly act: "wait"; readonly turns: number }
  | { readonly act: "end" }
  | { readonly act: "reset" };

export interface Story {
  readonly seed: number;
  /** Nothing is spoiled. */
  readonly honest: boolean;
  /** For what is asked and how the honest peer answers; the spoiling has chance of its own. */
  readonly random: Random;
  /** What goes out in place of the peer's next message. */
  pass(message: Buffer): readonly Act[];
  /** What is sealed in place of this content, for peers that encrypt or sign: the outside stays valid. */
  inside(content: Buffer): Buffer;
  /** SHA-256 of what was spoiled. */
  digest(): string;
}

/** How long an exchange is: what is spoiled is one of so many messages or contents. */
export interface Shape {
  readonly messages: number;
  /** Contents that are sealed; 0 where the protocol seals nothing. */
  readonly contents: number;
}

/** A flood is at most so many bytes: past the budgets of most asks, and cheap. */
const FLOOD_BYTES = 300_000;
const FLOOD_TIMES = 500;
const TURNS_MAX = 6;
const PIECES_MAX = 5;
/** One story in so many cuts every message into pieces. */
const CRUMBLING = 4;

type Habit = (message: Buffer, random: Random) => readonly Act[];

const send = (bytes: Buffer): Act => ({ act: "send", bytes });

/** The message in pieces, a turn of the loop between them. */
function crumbled(message: Buffer, random: Random): readonly Act[] {
  const places = Array.from({ length: 1 + random.below(PIECES_MAX) }, () => random.below(message.length + 1)).toSorted((a, b) => a - b);
  const acts: Act[] = [];
  let from = 0;
  for (const to of [...places, message.length]) {
    if (to > from) acts.push(send(message.subarray(from, to)), { act: "wait", turns: 1 });
    from = to;
  }
  return acts;
}

const mutation: Habit = (message, random) => [send(mutated(message, random))];
const noise = (random: Random): Buffer => Buffer.from(random.hex(1 + random.below(200)), "hex");

const HABITS: readonly Habit[] = [
  mutation,
  mutation,
  mutation,
  mutation,
  mutation,
  mutation,
  // Cut short: then a farewell, a reset, or nothing more.
  (message, random) => [
    send(message.subarray(0, random.below(message.length + 1))),
    ...([[{ act: "end" }], [{ act: "reset" }], []] as const)[random.below(3)]!,
  ],
  (message) => [send(message), send(message)],
  (message, random) => [{ act: "wait", turns: 1 + random.below(TURNS_MAX) }, send(message)],
  () => [],
  (message, random) => [send(noise(random)), send(message)],
  (message, random) => [send(message), send(noise(random))],
  (message, random) => {
    const times = Math.min(FLOOD_TIMES, Math.ceil(FLOOD_BYTES / Math.max(1, message.length)));
    return Array.from({ length: 1 + random.below(times) }, () => send(message));
  },
  (message) => [send(message), { act: "end" }],
  (message) => [send(message), { act: "reset" }],
  (message, random) => crumbled(mutated(message, random), random),
];

/** The same seed and shape give the same story. */
export function tell(seed: number, shape: Shape): Story {
  const plan = seededRandom(seed ^ 0x5b1d);
  const within = shape.contents > 0 && plan.below(3) > 0;
  const victim = plan.below(within ? shape.contents : shape.messages);
  const crumbling = plan.below(CRUMBLING) === 0;
  const habit = HABITS[plan.below(HABITS.length)] as Habit;
  const spoiling = seededRandom(seed ^ 0x3c0f);
  const hash = createHash("sha256");
  let messages = 0;
  let contents = 0;
  return {
    seed,
    honest: false,
    random: seededRandom(seed ^ 0x77aa),
    pass(message) {
      const at = messages++;
      if (within || at !== victim) return crumbling ? crumbled(message, seededRandom(seed * 31 + at)) : [send(message)];
      const acts = habit(message, spoiling);
      for (const act of acts) hash.update(act.act === "send" ? act.bytes : act.act);
      return acts;
    },
    inside(content) {
      if (!within || contents++ !== victim) return content;
      const spoiled = mutated(content, spoiling);
      hash.update(spoiled);
      return spoiled;
    },
    digest: () => hash.copy().digest("hex"),
  };
}

/** A peer that does nothing wrong. */
export function honestStory(seed: number): Story {
  return {
    seed,
    honest: true,
    random: seededRandom(seed ^ 0x77aa),
    pass: (message) => [send(message)],
    inside: (content) => content,
    digest: () => "",
  };
}
