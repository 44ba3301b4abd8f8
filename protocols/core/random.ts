import { randomBytes } from "node:crypto";

/** Chance as an argument: the same seed gives the same story. */

export function systemRandom()         {
  const next = ()         => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
  return { next, below: (below) => Math.floor(next() * below), hex: (bytes) => randomBytes(bytes).toString("hex") };
}

/** Deterministic (mulberry32): for tests, simulation and shuffles. Never for tokens. */
export function seededRandom(seed        )         {
  let state = seed >>> 0;
  const next = ()         => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit        )         => Math.floor(next() * limit);
  return { next, below, hex: (bytes) => Array.from({ length: bytes }, () => below(256).toString(16).padStart(2, "0")).join("") };
}

/** A new array in random order (Fisher–Yates). */
export function shuffled   (items              , random        )      {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [out[i], out[j]] = [out[j]     , out[i]     ];
  }
  return out;
}

//# sourceURL=file:///work/main/protocols/core/random.ts