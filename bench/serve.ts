/**
 * One image to many phones at once, as fast as they take it and as slowly as some do, beside nginx without sendfile and
 * `@fastify/static`. `--devices N` for another number of phones. Goals: docs/benchmarks.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { run } from "./child.ts";
import { absoluteRow, type Row, ratioRow } from "./figure.ts";
import { compile, install, isThere } from "./programs.ts";
import { cpuSecondsOf, OUR_PATH, PART, PEER_PATH, rssMbOf, writeImage } from "./serve/plan.ts";
import { type ImageServer, startNginx, startScript } from "./serve/servers.ts";

/** Medians of this many rounds, all contenders in turn. */
const ROUNDS = 5;
const PHONES = 200;
const MB = 2 ** 20;
/** About a third of a real image; over 200 phones enough for the kernel's accounts of 10 ms. */
const FAST_MB = 24;
/** A phone writes to flash while it reads: bytes a second and the window it gives. Guessed, from images of 80 MB in two minutes. */
const SLOW = { imageMb: 8, bytesPerSecond: 800_000, windowBytes: 16_384 } as const;
/** Longest pause between two looks at memory, ms. */
const LOOK_MS = 20;

type Say = (text: string) => void;
const phonesSchema = z.object({ bytes: z.number(), wallMs: z.number(), whole: z.number(), slowest: z.number() });

interface Load {
  readonly phones: number;
  readonly windowBytes: number;
  readonly bytesPerSecond: number;
}

interface Served {
  readonly cpuPerGb: number;
  readonly rssMb: number;
  readonly p99Ms: number | undefined;
  readonly missing: number;
  /** Of the slowest phone, of the rate it takes; 1 is all of it. */
  readonly share: number;
}

async function serve(server: ImageServer, program: string, path: string, load: Load): Promise<Served> {
  const { pid, port } = server;
  const [rssBefore, cpuBefore] = [rssMbOf(pid), cpuSecondsOf(pid)];
  let most = rssBefore;
  const look = setInterval(() => {
    most = Math.max(most, rssMbOf(pid));
  }, LOOK_MS);
  try {
    const args = [port, load.phones, path, load.windowBytes, load.bytesPerSecond].map(String);
    const seen = phonesSchema.parse(JSON.parse(await run([program, ...args])));
    const cpuPerGb = (cpuSecondsOf(pid) - cpuBefore) / (seen.bytes / 1e9);
    const share = load.bytesPerSecond === 0 ? 1 : Math.min(1, seen.slowest / load.bytesPerSecond);
    return { cpuPerGb, rssMb: most - rssBefore, p99Ms: undefined, missing: load.phones - seen.whole, share };
  } finally {
    clearInterval(look);
  }
}

/** Ours starts anew each round: what it remembers of the image is part of what it costs. */
async function serveOurs(program: string, imagePath: string, load: Load): Promise<Served> {
  const server = await startScript("ours", [imagePath, String(load.phones)]);
  let served: Served;
  let p99Ms: number | undefined;
  try {
    served = await serve(server, program, OUR_PATH, load);
  } finally {
    p99Ms = await server.stop();
  }
  return { ...served, p99Ms };
}

async function servePeer(start: () => Promise<ImageServer>, program: string, load: Load): Promise<Served> {
  const server = await start();
  try {
    return await serve(server, program, PEER_PATH, load);
  } finally {
    await server.stop();
  }
}

interface Round {
  readonly ours: Served;
  readonly nginx: Served;
  readonly fastify: Served | undefined;
}

const pairs = (rounds: readonly Round[], peerOf: (round: Round) => Served | undefined) =>
  rounds.flatMap((round) => {
    const peer = peerOf(round);
    return peer === undefined ? [] : [{ ours: round.ours.cpuPerGb, peer: peer.cpuPerGb }];
  });

export async function bench(say: Say, { devices: phones = PHONES }: { readonly devices?: number | undefined }): Promise<readonly Row[]> {
  const missing = Object.entries({ gcc: "gcc libc6-dev", nginx: "nginx-light" }).filter(([program]) => !isThere(program));
  const why =
    missing.length === 0
      ? undefined
      : install(
          missing.flatMap(([, packages]) => packages.split(" ")),
          say,
        );
  if (why !== undefined) throw new Error(`Cannot measure: ${why}`);
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-serve-"));
  try {
    const program = compile(new URL("./serve/phones.c", import.meta.url), join(folder, "phones"));
    const imageOf = (sizeMb: number): string => {
      const into = mkdtempSync(join(folder, "image-"));
      writeImage(join(into, `${PART}.sip.ld`), sizeMb * MB);
      return join(into, `${PART}.sip.ld`);
    };
    const [fastImage, slowImage] = [imageOf(FAST_MB), imageOf(SLOW.imageMb)];
    const fastLoad: Load = { phones, windowBytes: 0, bytesPerSecond: 0 };
    const slowLoad: Load = { phones, windowBytes: SLOW.windowBytes, bytesPerSecond: SLOW.bytesPerSecond };
    const [fast, slow]: [Round[], Round[]] = [[], []];
    for (let round = 1; round <= ROUNDS; round++) {
      say(`${phones} phones as fast as they can: round ${round} of ${ROUNDS}`);
      fast.push({
        ours: await serveOurs(program, fastImage, fastLoad),
        nginx: await servePeer(() => startNginx(fastImage), program, fastLoad),
        fastify: await servePeer(() => startScript("static", [fastImage]), program, fastLoad),
      });
      say(`${phones} slow phones: round ${round} of ${ROUNDS}`);
      slow.push({
        ours: await serveOurs(program, slowImage, slowLoad),
        nginx: await servePeer(() => startNginx(slowImage), program, slowLoad),
        fastify: undefined,
      });
    }
    return rowsOf(phones, fast, slow);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(phones: number, fast: readonly Round[], slow: readonly Round[]): readonly Row[] {
  const all = [...fast, ...slow];
  return [
    ratioRow(
      { figure: `an image to ${phones} phones: CPU s per GB, nginx without sendfile`, atMost: 1.6 },
      pairs(fast, ({ nginx }) => nginx),
    ),
    ratioRow(
      { figure: "the same, @fastify/static", atMost: 0.35 },
      pairs(fast, ({ fastify }) => fastify),
    ),
    ratioRow(
      { figure: "slow phones: CPU s per GB, nginx without sendfile", atMost: 2.4 },
      pairs(slow, ({ nginx }) => nginx),
    ),
    absoluteRow(
      { figure: "slow phones: what the slowest lacks of its rate, %", atMost: 2 },
      slow.map(({ ours }) => (1 - ours.share) * 100),
      slow.map(({ nginx }) => (1 - nginx.share) * 100),
    ),
    absoluteRow(
      { figure: "phones without the whole image", atMost: 0 },
      all.map(({ ours }) => ours.missing),
    ),
    absoluteRow(
      { figure: "rise of memory, MB", atMost: 80 },
      all.map(({ ours }) => ours.rssMb),
      fast.flatMap(({ fastify }) => (fastify === undefined ? [] : [fastify.rssMb])),
    ),
    absoluteRow(
      { figure: "loop that serves: p99 delay, ms", atMost: 25 },
      all.flatMap(({ ours }) => (ours.p99Ms === undefined ? [] : [ours.p99Ms])),
    ),
  ];
}
