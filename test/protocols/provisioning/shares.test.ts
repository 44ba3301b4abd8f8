import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ask, createShares, type ShareCaps } from "../../../protocols/provisioning/shares.ts";

interface Passed {
  readonly atMs: number;
  readonly ask: Ask;
}

interface Taker {
  readonly flow: string;
  readonly subnet: string;
  /** Milliseconds from a grant until it asks again; 0 at once. */
  readonly restMs: number;
  readonly share: number;
}

/** Runs takers against the core, stepping the time as a timer would that is late by `lateMs`. */
function run(caps: ShareCaps, takers: readonly Taker[], { untilMs, lateMs = 0 }: { untilMs: number; lateMs?: number }): Passed[] {
  const shares = createShares(caps);
  const passed: Passed[] = [];
  const due = takers.map((taker) => ({ taker, atMs: 0 }));
  for (let nowMs = 0; nowMs <= untilMs; ) {
    for (const entry of due.filter(({ atMs }) => atMs <= nowMs)) {
      const { flow, subnet, share } = entry.taker;
      entry.atMs = Number.POSITIVE_INFINITY;
      shares.ask({ flow, subnet, bytes: Math.max(1, Math.floor(shares.pieceBytes * share)) });
    }
    const granted = shares.grant(nowMs);
    for (const ask of granted) {
      passed.push({ atMs: nowMs, ask });
      const entry = due.find(({ taker }) => taker.flow === ask.flow);
      if (entry !== undefined) entry.atMs = nowMs + entry.taker.restMs;
    }
    if (granted.length > 0 && due.some(({ atMs }) => atMs <= nowMs)) continue;
    const next = Math.min(shares.nextMs() ?? Number.POSITIVE_INFINITY, ...due.map(({ atMs }) => atMs));
    if (!Number.isFinite(next)) break;
    nowMs = Math.max(nowMs + 1, Math.ceil(next) + lateMs);
  }
  return passed;
}

const bytesOf = (passed: readonly Passed[], flow: string): number =>
  passed.reduce((sum, { ask }) => (ask.flow === flow ? sum + ask.bytes : sum), 0);

/** The most that any 10 s carry. */
function mostIn10s(passed: readonly Passed[]): number {
  let most = 0;
  let inWindow = 0;
  let first = 0;
  for (const { atMs, ask } of passed) {
    inWindow += ask.bytes;
    for (; (passed[first] as Passed).atMs < atMs - 10_000; first++) inWindow -= (passed[first] as Passed).ask.bytes;
    most = Math.max(most, inWindow);
  }
  return most;
}

const taker = (at: number, change: Partial<Taker> = {}): Taker => ({ flow: `p${at}`, subnet: "a", restMs: 0, share: 1, ...change });

const anyTaker = fc.record({
  subnet: fc.constantFrom("a", "b", "c"),
  restMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(15_000) }),
  share: fc.double({ min: 0.01, max: 1, noNaN: true }),
});
const anyTakers = fc.array(anyTaker, { minLength: 1, maxLength: 12 }).map((list) => list.map((each, at) => ({ ...each, flow: `p${at}` })));

test("shares: no 10 s carry more than the cap, nor than a subnet's, whoever asks for what and however late the timer is", () => {
  const cap = fc.integer({ min: 20, max: 200_000 });
  fc.assert(
    fc.property(cap, fc.option(cap, { nil: undefined }), anyTakers, fc.nat(300), (total, subnet, takers, lateMs) => {
      const passed = run({ totalBytesPerSecond: total, subnetBytesPerSecond: subnet }, takers, { untilMs: 25_000, lateMs });
      expect(mostIn10s(passed)).toBeLessThanOrEqual(total * 10);
      if (subnet === undefined) return;
      for (const name of ["a", "b", "c"]) {
        expect(mostIn10s(passed.filter(({ ask }) => ask.subnet === name))).toBeLessThanOrEqual(subnet * 10);
      }
    }),
    { numRuns: 60 },
  );
});

/** Watches how far apart takers are after each piece. */
function apartOf(passed: readonly Ask[], flows: readonly string[]): number {
  const had = new Map(flows.map((flow) => [flow, 0]));
  return passed.reduce((most, { flow, bytes }) => {
    had.set(flow, (had.get(flow) ?? 0) + bytes);
    return Math.max(most, Math.max(...had.values()) - Math.min(...had.values()));
  }, 0);
}

test("shares: whoever always wants a whole piece has had the same as the others, to within one, at any moment", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1_000, max: 1_000_000 }), fc.nat(200), (count, total, lateMs) => {
      const takers = Array.from({ length: count }, (_, at) => taker(at, { subnet: at % 2 === 0 ? "a" : "b" }));
      const passed = run({ totalBytesPerSecond: total }, takers, { untilMs: 5_000, lateMs }).map(({ ask }) => ask);
      const { pieceBytes } = createShares({ totalBytesPerSecond: total });
      expect(
        apartOf(
          passed,
          takers.map(({ flow }) => flow),
        ),
      ).toBeLessThanOrEqual(pieceBytes);
    }),
    { numRuns: 40 },
  );
});

test("shares: the same of those that ask in pieces of any size, while all of them have asked", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 50, max: 4_900 }), { minLength: 2, maxLength: 12 }), (sizes) => {
      const shares = createShares({ totalBytesPerSecond: 100_000 });
      const flows = sizes.map((_, at) => `p${at}`);
      for (const [at, bytes] of sizes.entries()) {
        for (let asked = 0; asked < 100_000; asked += bytes) shares.ask({ flow: `p${at}`, subnet: at % 2 === 0 ? "a" : "b", bytes });
      }
      const passed: Ask[] = [];
      for (let nowMs = 0; nowMs < 900 * sizes.length; nowMs += 20) passed.push(...shares.grant(nowMs));
      expect(apartOf(passed, flows)).toBeLessThanOrEqual(Math.max(...sizes));
    }),
    { numRuns: 40 },
  );
});

test("shares: nobody starves: beside any others, one that waits is served within a round of all", () => {
  fc.assert(
    fc.property(anyTakers, fc.nat(10_000), (others, restMs) => {
      const takers = [...others, taker(99, { restMs })];
      const passed = run({ totalBytesPerSecond: 100_000 }, takers, { untilMs: 60_000 });
      const mine = passed.filter(({ ask }) => ask.flow === "p99");
      // A piece is 50 ms of the cap and a little: one round of all, and its own rest.
      const most = (takers.length + 1) * 60 + restMs;
      for (const [at, { atMs }] of mine.entries()) expect(atMs - (mine[at - 1]?.atMs ?? 0)).toBeLessThanOrEqual(most);
      expect(mine.length).toBeGreaterThan(0);
    }),
    { numRuns: 40 },
  );
});

test("shares: a slow taker holds nobody back: what it leaves goes to the others, and it saves up no claim", () => {
  const takers = [taker(0, { restMs: 2_000 }), taker(1), taker(2)];
  const passed = run({ totalBytesPerSecond: 100_000 }, takers, { untilMs: 20_000 });
  const [slow, one, other] = ["p0", "p1", "p2"].map((flow) => bytesOf(passed, flow)) as [number, number, number];
  expect(slow).toBeLessThan(60_000);
  expect(Math.abs(one - other)).toBeLessThanOrEqual(4_900);
  expect(slow + one + other).toBeGreaterThan(100_000 * 20 * 0.97);
});

test("shares: a subnet at its cap leaves the rest to the others, equally, and shares its own equally", () => {
  const takers = [...[0, 1, 2].map((at) => taker(at, { subnet: "branch" })), ...[3, 4].map((at) => taker(at, { subnet: "b" }))];
  const passed = run({ totalBytesPerSecond: 1_000_000, subnetBytesPerSecond: 600_000 }, takers, { untilMs: 20_000 });
  // Alone, the first three would have 600 kB/s and the others 400: within the whole, all five have 200.
  for (const { flow } of takers) expect(bytesOf(passed, flow) / 20).toBeGreaterThan(185_000);
  const bound = run({ totalBytesPerSecond: 1_000_000, subnetBytesPerSecond: 300_000 }, takers, { untilMs: 20_000 });
  for (const flow of ["p0", "p1", "p2"]) expect(bytesOf(bound, flow) / 20 / 98_000).toBeCloseTo(1, 1);
  for (const flow of ["p3", "p4"]) expect(bytesOf(bound, flow) / 20 / 147_000).toBeCloseTo(1, 1);
});

test("shares: a subnet that was at its cap for long has no claim on the others afterwards", () => {
  const shares = createShares({ totalBytesPerSecond: 1_000_000, subnetBytesPerSecond: 500_000 });
  const { pieceBytes } = shares;
  const had = new Map<string, number>();
  const step = (flows: readonly (readonly [string, string])[], fromMs: number, untilMs: number): void => {
    for (let nowMs = fromMs; nowMs < untilMs; nowMs += 5) {
      for (const { flow, subnet, bytes } of shares.grant(nowMs)) {
        had.set(flow, (had.get(flow) ?? 0) + bytes);
        if (flows.some(([name]) => name === flow)) shares.ask({ flow, subnet, bytes: pieceBytes });
      }
    }
  };
  const many = Array.from({ length: 20 }, (_, at) => [`a${at}`, "a"] as const);
  for (const [flow, subnet] of [...many, ["b", "b"] as const]) shares.ask({ flow, subnet, bytes: pieceBytes });
  step([...many, ["b", "b"]], 0, 30_000);
  // One of the many goes on; ten others in as many subnets begin.
  const now = [...Array.from({ length: 10 }, (_, at) => [`c${at}`, `c${at}`] as const), ["a0", "a"] as const];
  for (const [flow, subnet] of now.slice(0, -1)) shares.ask({ flow, subnet, bytes: pieceBytes });
  had.clear();
  step(now, 30_000, 40_000);
  const [a0 = 0, c0 = 0] = [had.get("a0"), had.get("c0")];
  expect(a0).toBeLessThan(c0 + 2 * pieceBytes);
});

test("shares: two asks of one flow share its share", () => {
  const shares = createShares({ totalBytesPerSecond: 100_000 });
  const bytes = shares.pieceBytes;
  for (const flow of ["one", "one", "one", "two"]) shares.ask({ flow, subnet: "a", bytes });
  const order: string[] = [];
  for (let nowMs = 0; order.length < 4; nowMs += 10) order.push(...shares.grant(nowMs).map(({ flow }) => flow));
  expect(order.indexOf("two")).toBeLessThan(2);
});

test("shares: what is dropped is not granted, and the next of the same flow comes in its place", () => {
  const shares = createShares({ totalBytesPerSecond: 1_000 });
  const asks = ["x", "y", "y", "z"].map((flow) => ({ flow, subnet: "a", bytes: shares.pieceBytes }));
  for (const ask of asks) shares.ask(ask);
  shares.drop(asks[1] as Ask);
  shares.drop(asks[3] as Ask);
  shares.drop({ flow: "nobody", subnet: "a", bytes: 1 });
  const granted: Ask[] = [];
  for (let nowMs = 0; nowMs < 1_000; nowMs += 10) granted.push(...shares.grant(nowMs));
  expect(granted).toEqual([asks[0], asks[2]]);
  expect(shares.nextMs()).toBeUndefined();
});

test("shares: a clock set back an hour keeps nobody waiting", () => {
  const shares = createShares({ totalBytesPerSecond: 1_000, subnetBytesPerSecond: 1_000 });
  const ask = { flow: "x", subnet: "a", bytes: shares.pieceBytes };
  shares.ask(ask);
  expect(shares.grant(10_000_000)).toEqual([ask]);
  shares.ask(ask);
  expect([...shares.grant(6_400_000), ...shares.grant(6_400_100)]).toEqual([ask]);
});

test("shares: thousands that came once are forgotten, and the caps are not", () => {
  const shares = createShares({ totalBytesPerSecond: 1_000_000, subnetBytesPerSecond: 1_000_000 });
  const passed: Passed[] = [];
  for (let at = 0; at < 5_000; at++) {
    shares.ask({ flow: `p${at}`, subnet: `s${at % 2_500}`, bytes: shares.pieceBytes });
    for (const ask of shares.grant(at * 10)) passed.push({ atMs: at * 10, ask });
  }
  expect(mostIn10s(passed)).toBeLessThanOrEqual(10_000_000);
  expect(mostIn10s(passed)).toBeGreaterThan(9_500_000);
});
