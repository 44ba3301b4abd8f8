/** Lives of a staging process that is killed, and what must be true of its folder at any moment. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { type Random, seededRandom } from "../../protocols/core/random.ts";

const ENTRY = join(import.meta.dirname, "staging-entry.ts");
/** Some blocks of a megabyte, and a rest. */
const FILE_BYTES = 3_500_000;
/** As a server sends it, so that an image is many pieces whatever the machine. */
const PIECE_BYTES = 16_384;

const lifeSchema = z.object({ ok: z.boolean(), damaged: z.array(z.string()), held: z.array(z.string()), operations: z.array(z.string()) });
export type Life = z.infer<typeof lifeSchema>;

export interface Bench {
  readonly folder: string;
  /** One life; `undefined` where it was killed. `killAtByte`: killed from outside, when so many bytes of this life were sent. */
  live(how?: { readonly killAt?: number; readonly killAtByte?: number }): Promise<Life | undefined>;
  /** What is wrong in the folder now; `whole`: the image must be there and nothing else. */
  wrong(whole: boolean): string[];
  /** An empty folder again. */
  clear(): void;
  close(): Promise<void>;
}

export async function openBench(seed: number): Promise<Bench> {
  const file = bytesBy(seededRandom(seed));
  const sha256 = createHash("sha256").update(file).digest("hex");
  const folder = mkdtempSync(join(tmpdir(), "groundswell-staging-kill-"));
  let atByte = (_sent: number): void => undefined;
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` };
    response.on("error", () => undefined);
    response.writeHead(from === 0 ? 200 : 206, { etag: '"v1"', "content-length": file.length - from, ...range });
    let at = from;
    const send = (): void => {
      if (at >= file.length) return void response.end();
      const piece = file.subarray(at, at + PIECE_BYTES);
      at += piece.length;
      response.write(piece, () => {
        atByte(at - from);
        setImmediate(send);
      });
    };
    send();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.ld`;
  const args = (killAt: number | undefined): string[] => [ENTRY, folder, url, sha256, String(file.length), String(killAt ?? "none")];
  return {
    folder,
    async live({ killAt, killAtByte } = {}) {
      const child = spawn(process.execPath, args(killAt), { stdio: ["ignore", "pipe", "inherit"] });
      atByte = (sent) => void (killAtByte !== undefined && sent >= killAtByte && child.kill("SIGKILL"));
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.once("close", (...how) => resolve(how)));
      if (signal === "SIGKILL") return undefined;
      if (code !== 0) throw new Error(`a life ended with ${code}`);
      return lifeSchema.parse(JSON.parse(said));
    },
    wrong: (whole) => wrongIn(join(folder, "depot"), { file, sha256, whole }),
    clear: () => rmSync(join(folder, "depot"), { recursive: true, force: true }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function bytesBy(random: Random): Buffer {
  return Buffer.from(Uint8Array.from({ length: FILE_BYTES }, () => random.below(256)));
}

/** No name stands for a wrong byte, and beside it there is at most one file on its way, which is a true beginning. */
function wrongIn(depot: string, is: { readonly file: Buffer; readonly sha256: string; readonly whole: boolean }): string[] {
  if (!existsSync(depot)) return is.whole ? ["there is no depot"] : [];
  const entries = readdirSync(depot, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  const image = join(depot, "images", is.sha256.slice(0, 2), is.sha256);
  const part = join(depot, "partial", is.sha256);
  const known = is.whole ? [image] : [image, part, `${part}.etag`];
  const strange = paths.filter((path) => !known.includes(path)).map((path) => `"${path}" is not expected`);
  const held = paths.includes(image) && !readFileSync(image).equals(is.file) ? ["the image is not what its name says"] : [];
  const kept = paths.includes(part) ? readFileSync(part) : Buffer.alloc(0);
  const bent = kept.equals(is.file.subarray(0, kept.length)) ? [] : ["the part is no beginning of the image"];
  return [...strange, ...held, ...bent, ...(is.whole && !paths.includes(image) ? ["the image is missing"] : [])];
}

/** Every operation of an undisturbed life, killed before and after; one of each name where `all` is not wanted. */
export async function pointsOf(bench: Bench, all: boolean): Promise<{ readonly at: number; readonly name: string }[]> {
  bench.clear();
  const life = await bench.live();
  const points = (life?.operations ?? []).map((name, at) => ({ at, name }));
  return all ? points : points.filter(({ name }, at) => points.findIndex((other) => other.name === name) === at);
}

/** Killed again and again, at random operations and at random bytes, then left alone. @returns what was wrong at any moment */
export async function randomLives(bench: Bench, random: Random, kills: number, operations: number): Promise<string[]> {
  const wrong: string[] = [];
  for (let done = 0; done < kills; ) {
    bench.clear();
    for (let inARow = 1 + random.below(3); inARow > 0; inARow--) {
      const how = random.below(2) === 0 ? { killAt: random.below(operations) } : { killAtByte: 1 + random.below(FILE_BYTES) };
      const life = await bench.live(how);
      done++;
      wrong.push(...bench.wrong(life !== undefined).map((what) => `${what}, after ${JSON.stringify(how)}`));
      if (life !== undefined) break;
    }
    wrong.push(...(await resumed(bench)));
  }
  return wrong;
}

/** One life that nobody disturbs. */
export async function resumed(bench: Bench): Promise<string[]> {
  const life = await bench.live();
  const wrong = bench.wrong(true);
  if (life?.ok !== true) wrong.push("it was not staged in the end");
  if ((life?.damaged ?? []).length > 0) wrong.push("an image was found damaged");
  return wrong;
}

/** The full run: every operation, and so many random lives. */
export async function proveStaging(seed: number, kills: number, say: (text: string) => void): Promise<readonly string[]> {
  const bench = await openBench(seed);
  const wrong: string[] = [];
  try {
    const points = await pointsOf(bench, true);
    say(`${points.length} operations`);
    for (const { at, name } of points) {
      bench.clear();
      await bench.live({ killAt: at });
      wrong.push(...[...bench.wrong(false), ...(await resumed(bench))].map((what) => `${what}, killed ${name} (${at})`));
    }
    say(`${kills} random kills`);
    wrong.push(...(await randomLives(bench, seededRandom(seed), kills, points.length)));
    return wrong;
  } finally {
    await bench.close();
  }
}
