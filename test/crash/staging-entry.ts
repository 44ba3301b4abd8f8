/**
 * Stages one image over HTTP and is killed before or after the file operation that is named by its number. Arguments: folder, URL,
 * hash, size, number or `none`. Without a kill it prints the operations it made, in order, and what is in the depot.
 */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";

const [folder = "", url = "", sha256 = "", size = "", killAt = "none"] = process.argv.slice(2);
const operations: string[] = [];

function point(name: string): void {
  if (String(operations.length) === killAt) process.kill(process.pid, "SIGKILL");
  operations.push(name);
}

type Call = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** The operation is what it was, with a moment before and a moment after it. */
function watch(target: Record<string, unknown>, names: readonly string[], of: string): void {
  for (const name of names) {
    const original = target[name] as Call;
    target[name] = async function (this: unknown, ...args: unknown[]) {
      point(`before ${of}${name}`);
      const done = await original.apply(this, args);
      point(`after ${of}${name}`);
      return done;
    };
  }
}

const probe = await fs.open(process.execPath);
const handles = Object.getPrototypeOf(probe) as Record<string, unknown>;
await probe.close();
watch(handles, ["write", "writev", "truncate", "sync"], "file.");
watch(
  fs as unknown as Record<string, unknown>,
  ["mkdir", "open", "readdir", "rename", "rm", "stat", "statfs", "writeFile", "readFile"],
  "",
);
syncBuiltinESMExports();
const { openDepot } = await import("../../firmware/staging/depot.ts");
const { createStager } = await import("../../firmware/staging/stage.ts");

const signal = new AbortController().signal;
const opened = await openDepot({ folder: join(folder, "depot"), budgetBytes: 1024 ** 3 }, signal);
if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
const { depot } = opened.value;
const pace = { pieceBytes: 4_096, take: async (): Promise<void> => undefined };
const stager = createStager({ depot, clock: systemClock(), random: seededRandom(1), pace, pinned: () => new Set() });
const image = { target: "ucs/a.ld", partNumbers: [], sizeBytes: Number(size), sha256: sha256 as Sha256 };
const staged = await stager.stage(image, { kind: "url", url: new URL(url) }, signal);
process.stdout.write(
  `${JSON.stringify({ ok: staged.ok, damaged: opened.value.damaged, held: depot.list.map((one) => one.sha256), operations })}\n`,
);
