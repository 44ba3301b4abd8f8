import { createServer } from "node:net";
import { systemRandom } from "../../protocols/core/random.ts";

/** Below what Linux gives to outgoing connections (32768 and up), which would take a port between our look and its use. */
const FIRST = 20_000;
const COUNT = 12_768;
const TRIES = 50;

/** A free port on loopback; whoever asks for it next takes it. */
export async function freePort(): Promise<number> {
  const random = systemRandom();
  for (let tries = 1; ; tries++) {
    const port = FIRST + random.below(COUNT);
    const why = await taken(port);
    if (why === undefined) return port;
    if (tries === TRIES) throw why;
  }
}

/** @returns why it cannot be had */
function taken(port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(undefined)));
  });
}
