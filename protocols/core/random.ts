import { randomBytes } from "node:crypto";

/** Chance as an argument: the same seed gives the same story. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** Whole number, 0 ≤ n < below. */
  below(below: number): number;
  /** Lower-case hex digits; from the system's secure source only in `systemRandom`. */
  hex(bytes: number): string;
}

/** Drawn at once: asking the system for six bytes costs as much as for some thousand. */
const POOL_BYTES = 6 * 512;

export function systemRandom(): Random {
  let pool = Buffer.alloc(0);
  let at = 0;
  const next = (): number => {
    if (at >= pool.length) {
      pool = randomBytes(POOL_BYTES);
      at = 0;
    }
    const value = pool.readUIntBE(at, 6);
    at += 6;
    return value / 2 ** 48;
  };
  return { next, below: (below) => Math.floor(next() * below), hex: (bytes) => randomBytes(bytes).toString("hex") };
}

/** Deterministic (mulberry32): for tests, simulation and shuffles. Never for tokens. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    hex: (bytes) => Array.from({ length: bytes }, () => below(256).toString(16).padStart(2, "0")).join(""),
  };
}

/** A new array in random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
