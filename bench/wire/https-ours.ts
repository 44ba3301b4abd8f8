/** Our HTTP client polls every device, by a new connection for each ask or by one that is kept. Arguments: port, `new` or `kept`. */
import { systemRandom } from "../../protocols/core/random.ts";
import { createHttpClient } from "../../protocols/http/client.ts";
import { nowMs } from "../child.ts";
import { addressOf, BODY, DEVICES, KEPT_ASKS, LANES, PATH } from "./https-plan.ts";

const port = Number(process.argv[2]);
const asks = process.argv[3] === "kept" ? KEPT_ASKS : 1;
const never = new AbortController().signal;

async function round(times: number): Promise<number> {
  const http = createHttpClient({ random: systemRandom() });
  const startedMs = nowMs();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < DEVICES) {
      const address = addressOf(next++);
      for (let i = 0; i < times; i++) {
        const answer = await http.ask({ address, port, secure: true, trust: "any" }, { method: "GET", path: PATH }, never);
        if (!answer.ok || answer.value.body.length !== BODY.length) throw new Error(`${address}: ${JSON.stringify(answer)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const perSecond = (DEVICES * times * 1_000) / (nowMs() - startedMs);
  await http.close();
  return perSecond;
}

await round(asks);
process.stdout.write(`${JSON.stringify({ perSecond: await round(asks) })}\n`);
