/** I31: bytes per second never exceed the cap over any 10 s. On a clock of its own for many takers, and counted by clients on real sockets. */
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { type Clock, loopTurn, type Ms } from "../../../protocols/core/time.ts";
import { createFairPace, type FairPace } from "../../../protocols/provisioning/fair-pace.ts";
import { bothPaces, pacesOf } from "../../../protocols/provisioning/pace.ts";
import { type Bench, openBench, PART } from "./kit.ts";
import { type LateClock, lateClock } from "./late-clock.ts";

interface Passed {
  readonly atMs: Ms;
  readonly bytes: number;
  readonly subnet: string;
  readonly connection: object;
}

interface Caps {
  readonly total: number;
  readonly subnet: number;
  readonly connection: number;
}

const SPAN: Ms = 10_000;

/** The most that any 10 s carry: of all windows one that begins with a piece carries the most. */
function mostIn10s(passed: readonly Passed[]): number {
  const inOrder = passed.toSorted((a, b) => a.atMs - b.atMs);
  let [most, inside, first] = [0, 0, 0];
  for (const { atMs, bytes } of inOrder) {
    inside += bytes;
    for (; (inOrder[first] as Passed).atMs < atMs - SPAN; first++) inside -= (inOrder[first] as Passed).bytes;
    most = Math.max(most, inside);
  }
  return most;
}

/** Which caps were passed, in words. */
function broken(passed: readonly Passed[], { total, subnet, connection }: Caps): readonly string[] {
  const over = (what: string, some: readonly Passed[], cap: number): readonly string[] => {
    const most = mostIn10s(some);
    return most > cap * 10 ? [`${what}: ${most} bytes in 10 s, ${cap * 10} may be`] : [];
  };
  return [
    ...over("all", passed, total),
    ...[...Map.groupBy(passed, (one) => one.subnet)].flatMap(([name, some]) => over(`subnet ${name}`, some, subnet)),
    ...[...Map.groupBy(passed, (one) => one.connection).values()].flatMap((some) => over("a connection", some, connection)),
  ];
}

interface Client {
  readonly subnet: number;
  /** Before each of its transfers; over the same connection. */
  readonly restsMs: readonly Ms[];
  /** It gives up after so many pieces of its last transfer. */
  readonly pieces: number;
  /** Asks for that much of what it may at once. */
  readonly share: number;
}

const anyClient: fc.Arbitrary<Client> = fc.record({
  subnet: fc.nat(2),
  restsMs: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(15_000) }), {
    minLength: 1,
    maxLength: 5,
  }),
  pieces: fc.integer({ min: 1, max: 40 }),
  share: fc.double({ min: 0.01, max: 1, noNaN: true }),
});
const anyCaps = fc.record({
  total: fc.integer({ min: 2_000, max: 500_000 }),
  subnet: fc.integer({ min: 1_000, max: 500_000 }),
  connection: fc.integer({ min: 500, max: 200_000 }),
});

interface Paces {
  readonly fair: FairPace;
  readonly connection: ReturnType<typeof pacesOf>;
}

const pacesFor = ({ total, subnet, connection }: Caps, clock: Clock): Paces => ({
  fair: createFairPace({ totalBytesPerSecond: total, subnetBytesPerSecond: subnet }, clock),
  connection: pacesOf(connection, clock),
});

/** What the endpoint does for each transfer, for all clients at once. */
async function pass(clients: readonly Client[], { fair, connection: paceOf }: Paces, clock: LateClock): Promise<Passed[]> {
  const passed: Passed[] = [];
  const work = clients.map(async ({ subnet, restsMs, pieces, share }, at) => {
    const connection = {};
    for (const [transfer, restMs] of restsMs.entries()) {
      if (restMs > 0) await clock.sleep(restMs);
      const address = `127.0.${subnet}.${at + 1}`;
      const pace = bothPaces(paceOf(connection), fair.of(`attempt-${at}-${transfer}`, address));
      const stop = new AbortController();
      for (let piece = 0; piece < pieces; piece++) {
        const bytes = Math.max(1, Math.floor(pace.pieceBytes * share));
        await pace.take(bytes, stop.signal);
        passed.push({ atMs: clock.nowMs(), bytes, subnet: `${subnet}`, connection });
      }
      // Somebody who waits and goes takes nothing along.
      const gone = pace.take(pace.pieceBytes, stop.signal).then(
        () => passed.push({ atMs: clock.nowMs(), bytes: pace.pieceBytes, subnet: `${subnet}`, connection }),
        () => undefined,
      );
      stop.abort("gone");
      await gone;
    }
  });
  await clock.run(work);
  return passed;
}

test("I31: over any 10 s no cap is passed, of all, of a subnet, of a connection, whoever comes and goes and however late timers are", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyCaps,
      fc.array(anyClient, { minLength: 1, maxLength: 12 }),
      fc.nat(300),
      fc.nat(),
      async (caps, clients, lateMs, seed) => {
        const clock = lateClock(lateMs, seed);
        expect(broken(await pass(clients, pacesFor(caps, clock), clock), caps)).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
});

/** So many clients that always want more, in so many subnets. */
const greedy = (clients: number, subnets: number): readonly Client[] =>
  Array.from({ length: clients }, (_, at) => ({ subnet: at % subnets, restsMs: [0, 0, 12_000, 0], pieces: 60, share: 1 }));
/** One that asks for very little, and does so again at once. */
const HASTY: readonly Client[] = [{ subnet: 0, restsMs: Array.from({ length: 400 }, () => 0), pieces: 1, share: 0.9 }];
const CAPS: Caps = { total: 50_000, subnet: 30_000, connection: 12_000 };

/** Planted bugs: what the judge above has to see. */
test.each<{ what: string; where: string; clients: readonly Client[]; make: (clock: Clock) => Paces }>([
  {
    what: "a cap that is five in a hundred too high",
    where: "all",
    clients: greedy(12, 3),
    make: (clock) => pacesFor({ ...CAPS, total: CAPS.total * 1.05 }, clock),
  },
  {
    what: "a cap of its own for each who takes",
    where: "all",
    clients: greedy(12, 3),
    make: (clock) => ({ ...pacesFor(CAPS, clock), fair: oneEach(CAPS, clock) }),
  },
  {
    what: "subnets without a cap",
    where: "subnet",
    clients: greedy(12, 1),
    make: (clock) => pacesFor({ ...CAPS, subnet: CAPS.total }, clock),
  },
  {
    what: "a cap for each transfer instead of each connection",
    where: "a connection",
    clients: HASTY,
    make: (clock) => ({ ...pacesFor(CAPS, clock), connection: () => pacesOf(CAPS.connection, clock)({}) }),
  },
])("I31: the judge sees $what", async ({ where, clients, make }) => {
  const clock = lateClock(20, 1);
  const found = broken(await pass(clients, make(clock), clock), CAPS);
  expect(found.some((words) => words.startsWith(where))).toBe(true);
});

function oneEach({ total, subnet }: Caps, clock: Clock): FairPace {
  return {
    of: (flow, address) => createFairPace({ totalBytesPerSecond: total, subnetBytesPerSecond: subnet }, clock).of(flow, address),
  };
}

interface Phone {
  readonly socket: Socket;
  had: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");

test("I31: on real sockets no client, and not all of them together, gets more of images in any 10 s of the clock than the caps allow", async () => {
  const caps: Caps = { total: 60_000, subnet: 40_000, connection: 25_000 };
  const limits = { totalBytesPerSecond: caps.total, subnetBytesPerSecond: caps.subnet, connectionBytesPerSecond: caps.connection };
  const imageBytes = 60_000;
  const bench = await openBench({ limits }, imageBytes);
  const passed: Passed[] = [];
  const phones = Array.from({ length: 24 }, (_, at) => call(bench, at, passed));
  const want = phones.length * imageBytes;
  const got = (): number => phones.reduce((sum, { had }) => sum + had, 0);
  const sent = (): number => [...progressOf(bench).values()].reduce((sum, bytes) => sum + bytes, 0);
  // The clock stands until all that was let go has come: a moment of the clients is one of the clock.
  const settle = async (): Promise<void> => {
    for (let [before, rounds] = [-1, 0]; (got() < sent() || got() !== before) && rounds < 1_000; rounds++) {
      before = got();
      // Behind whatever is read for them.
      await readFile(bench.offer().imagePath);
      for (let turn = 0; turn < 2 * phones.length; turn++) await loopTurn();
    }
  };
  await settle();
  for (let steps = 0; steps < 2_000 && got() < want; steps++) {
    await bench.clock.advance(50);
    await settle();
  }
  expect(got()).toBe(want);
  expect(broken(passed, caps)).toEqual([]);
  // The caps are what held them up, and not the machine.
  expect(mostIn10s(passed)).toBeGreaterThan(caps.total * 8);
});

const progressOf = (bench: Bench): ReadonlyMap<string, number> =>
  new Map(bench.events.flatMap((event) => (event.kind === "imageProgress" ? [[event.token, event.sentBytes] as const] : [])));

/** One connection, which asks for the image in two halves, one after the other sent at once. Only bytes of the image are counted. */
function call(bench: Bench, at: number, passed: Passed[]): Phone {
  const mac = `64167f${at.toString(16).padStart(6, "0")}` as Mac;
  const token = `attempt-${String(at).padStart(4, "0")}`;
  expect(bench.endpoint.offer(bench.offer({ token, mac })).ok).toBe(true);
  const subnet = 1 + (at % 3);
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1", localAddress: `127.84.${subnet}.${at + 1}` });
  onTestFinished(() => void socket.destroy());
  const phone: Phone = { socket, had: 0 };
  const half = Math.floor(bench.image.length / 2);
  const ranges = [`0-${half - 1}`, `${half}-`];
  let head: Buffer | undefined = Buffer.alloc(0);
  let left = 0;
  socket.on("data", (piece: Buffer) => {
    let rest = piece;
    while (rest.length > 0) {
      if (head !== undefined) {
        head = Buffer.concat([head, rest]);
        const end = head.indexOf(HEAD_END);
        if (end < 0) return;
        left = Number(/content-length: (\d+)/i.exec(head.subarray(0, end).toString("latin1"))?.[1]);
        rest = head.subarray(end + HEAD_END.length);
        head = undefined;
      }
      const bytes = Math.min(left, rest.length);
      phone.had += bytes;
      left -= bytes;
      if (bytes > 0) passed.push({ atMs: bench.clock.nowMs(), bytes, subnet: `${subnet}`, connection: phone });
      rest = rest.subarray(bytes);
      if (left === 0) head = Buffer.alloc(0);
    }
  });
  for (const range of ranges) socket.write(`GET /fw/${token}/${PART}.sip.ld HTTP/1.1\r\nHost: x\r\nRange: bytes=${range}\r\n\r\n`);
  return phone;
}
