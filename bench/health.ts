/**
 * Health of a large site: one round of polls beside its peers, and the agent itself over 10,000 devices. Goals: docs/benchmarks.md.
 */
import type { Row } from "./figure.ts";
import { round } from "./health/round.ts";
import { site } from "./health/site.ts";

export async function bench(say: (text: string) => void): Promise<readonly Row[]> {
  if (process.platform !== "linux") throw new Error("Cannot measure: only Linux has all of 127.0.0.0/8 on its loopback");
  return [...(await round(say)), ...(await site(say))];
}
