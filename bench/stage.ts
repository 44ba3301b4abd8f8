/**
 * Firmware on its way in: an image verified beside `openssl`, and fetched, verified and stored beside `curl | tee | sha256sum`.
 * Goals: docs/benchmarks.md.
 */
import { createHash, randomFillSync } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { runScript } from "./child.ts";
import { type Row, ratioRow } from "./figure.ts";
import { isThere } from "./programs.ts";
import { serveFolder, shell, type Took } from "./stage/peers.ts";

/** Medians of this many rounds, all contenders in turn. */
const ROUNDS = 5;
/** As in design.md 17: longer than what starting a process takes. */
const MEGABYTES = 500;
const MB = 1024 * 1024;

const tookSchema = z.object({ wallMs: z.number(), cpuMs: z.number() });
type Say = (text: string) => void;

export interface StageScale {
  readonly megabytes?: number | undefined;
}

/** Bytes that no disk and no line can make smaller. @returns its hash */
function makeImage(path: string, megabytes: number): string {
  const file = openSync(path, "wx", 0o644);
  const hash = createHash("sha256");
  const piece = Buffer.alloc(MB);
  for (let i = 0; i < megabytes; i++) {
    randomFillSync(piece);
    hash.update(piece);
    writeSync(file, piece);
  }
  closeSync(file);
  return hash.digest("hex");
}

const ours = (...args: string[]) => runScript(new URL("./stage/ours.ts", import.meta.url), args, tookSchema);

async function verified(image: string, sha256: string, say: Say): Promise<Row> {
  const seen: { readonly ours: number; readonly peer: number }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`verify: round ${round} of ${ROUNDS}`);
    const mine = await ours("verify", image);
    const peer = await shell(`openssl dgst -sha256 -r ${image}`);
    if (!peer.said.startsWith(sha256)) throw new Error("Cannot measure: openssl found another hash");
    seen.push({ ours: 1_000 / mine.wallMs, peer: 1_000 / peer.wallMs });
  }
  return ratioRow({ figure: "verify an image, images/s, openssl", atLeast: 0.95 }, seen);
}

async function fetched(image: { readonly url: string; readonly sha256: string; readonly bytes: number }, folder: string, say: Say) {
  const seen: { readonly mine: Took; readonly peer: Took }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`download, verify, store: round ${round} of ${ROUNDS}`);
    const depot = join(folder, `depot-${round}`);
    const mine = await ours("stage", image.url, image.sha256, String(image.bytes), depot);
    rmSync(depot, { recursive: true, force: true });
    const out = join(folder, "peer.ld");
    const peer = await shell(`curl -sS ${image.url} | tee ${out} | sha256sum`);
    if (!peer.said.startsWith(image.sha256)) throw new Error("Cannot measure: sha256sum found another hash");
    rmSync(out, { force: true });
    seen.push({ mine, peer });
  }
  const pairs = (name: "wallMs" | "cpuMs") => seen.map(({ mine, peer }) => ({ ours: mine[name], peer: peer[name] }));
  return [
    ratioRow({ figure: "download, verify, store: wall ms, curl|tee|sha256sum", atMost: 0.75 }, pairs("wallMs")),
    ratioRow({ figure: "download, verify, store: CPU ms, the same", atMost: 0.55 }, pairs("cpuMs")),
  ];
}

export async function bench(say: Say, { megabytes = MEGABYTES }: StageScale = {}): Promise<readonly Row[]> {
  const missing = ["openssl", "curl", "tee", "sha256sum", "/usr/sbin/nginx"].filter((program) => !isThere(program));
  if (missing.length > 0)
    throw new Error(`Cannot measure: ${missing.join(", ")} missing. Install: apt-get install openssl curl nginx-light`);
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-stage-"));
  try {
    const image = join(folder, "image.ld");
    say(`an image of ${megabytes} MB`);
    const sha256 = makeImage(image, megabytes);
    const rows = [await verified(image, sha256, say)];
    const server = await serveFolder(folder);
    try {
      return [...rows, ...(await fetched({ url: `${server.url}/image.ld`, sha256, bytes: megabytes * MB }, folder, say))];
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
