/** One `curl -Z` over all devices: a new connection each, as it makes them for different hosts. */
import { nowMs, run } from "../child.ts";
import { addressOf, DEVICES, LANES, PATH } from "./https-plan.ts";

/** Asks per second, with its start. */
export async function curlPerSecond(port: number): Promise<number> {
  const config = Array.from({ length: DEVICES }, (_, index) => `url = "https://${addressOf(index)}:${port}${PATH}"\noutput = "/dev/null"`);
  const startedMs = nowMs();
  await run(
    ["curl", "-q", "-k", "-s", "-f", "-Z", "--parallel-max", String(LANES), "--parallel-immediate", "-K", "-"],
    `${config.join("\n")}\n`,
  );
  return (DEVICES * 1_000) / (nowMs() - startedMs);
}
