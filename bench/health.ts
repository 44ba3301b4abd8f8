/**
 * Health of a large site: see docs/benchmarks.md.
 */
import type { Row } from "./figure.ts";
import { site } from "./health/site.ts";

export async function bench(say: (text: string) => void): Promise<readonly Row[]> {
  if (process.platform !== "linux") throw new Error("Cannot measure: only Linux has all of 127.0.0.0/8 on its loopback");
  return site(say);
}
