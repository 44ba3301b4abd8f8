/** Our SSH client asks `ASKS` times over one connection. Argument: port. */
import { ok } from "../../protocols/core/fault.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { createSshClient } from "../../protocols/ssh/client.ts";
import { nowMs } from "../child.ts";

/** Below the budget of one session. */
const ASKS = 1_000;
const SHAPE = { line: /^version "/ };
const client = createSshClient();
const target = { address: "127.0.0.1", port: Number(process.argv[2]), trust: "any", profile: "modern" } as const;
const login = { id: "bench", user: "admin", password: new Secret("bench") };

async function round(): Promise<number> {
  const result = await client.session(
    target,
    login,
    async (shell) => {
      const startedMs = nowMs();
      for (let i = 0; i < ASKS; i++) {
        const answer = await shell.ask("version", SHAPE);
        if (!answer.ok) return answer;
      }
      return ok((ASKS * 1_000) / (nowMs() - startedMs));
    },
    new AbortController().signal,
  );
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

await round();
const perSecond = await round();
await client.close();
process.stdout.write(`${JSON.stringify({ perSecond })}\n`);
