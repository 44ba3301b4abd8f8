/**
 * Health history: writing and dropping beside a row per value, the calls of the main thread on a large site, and 400 days of
 * 10,000 devices as a file. Goals: docs/benchmarks.md; sizes: docs/history.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "./figure.ts";
import { againstNaive } from "./store/against-naive.ts";
import { buildYear } from "./store/build.ts";
import { mainCalls } from "./store/main-calls.ts";

export interface StoreScale {
  /** Of the site whose year is built. */
  readonly devices?: number | undefined;
  readonly days?: number | undefined;
}

/** A tenth of the largest site takes some minutes; bytes per sample do not depend on it. */
const SCALE = { devices: 1_000, days: 400 };

export async function bench(
  say: (text: string) => void,
  { devices = SCALE.devices, days = SCALE.days }: StoreScale = {},
): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-store-"));
  try {
    return [...(await againstNaive(folder, say)), ...(await mainCalls(folder, say)), ...(await buildYear(folder, { devices, days }, say))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
