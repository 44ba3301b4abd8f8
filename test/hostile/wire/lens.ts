/** Lens over HTTPS: a token and a GraphQL answer, spoiled as HTTP or inside the JSON. */
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createHttpClient } from "../../../protocols/http/client.ts";
import { createLensClient, type LensAccount } from "../../../protocols/lens/client.ts";
import { ACCOUNTS, CALLS, DEVICES, RELEASES } from "../../../protocols/lens/queries.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { LENS_ANSWERS } from "../samples.ts";
import { endingOf, type Wire } from "./run.ts";
import { type Line, openTcp } from "./tcp.ts";

const CLOUD = makeCertificate("CN=lens.example", undefined, "127.0.0.1");
const TOKEN = JSON.stringify({ access_token: "token-1", expires_in: 86_400, token_type: "Bearer" });
/** Each question, and which of the answers is one to it. */
const TALKS = [
  { query: DEVICES, answer: 0 },
  { query: DEVICES, answer: 1 },
  { query: CALLS, answer: 2 },
  { query: RELEASES, answer: 3 },
  { query: ACCOUNTS, answer: 0 },
] as const;

function serve(line: Line, answerAt: number): void {
  const { story } = line;
  line.socket.on("data", (bytes: Buffer) => {
    const head = bytes.toString("latin1");
    if (!head.startsWith("POST")) return;
    const answer = head.startsWith("POST /oauth/token") ? TOKEN : (LENS_ANSWERS[answerAt] as string);
    const body = story.inside(Buffer.from(answer));
    const status = story.random.below(4) === 0 && !story.honest ? "400 Bad Request" : "200 OK";
    line.say(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`);
    line.say(body);
  });
}

export const lens: Wire = {
  shape: { messages: 4, contents: 2 },
  lanes: 12,
  replays: true,
  async openLane(_index, patienceMs) {
    let talk: (typeof TALKS)[number] = TALKS[0];
    const peer = await openTcp((line) => serve(line, talk.answer), { certificate: CLOUD });
    const http = createHttpClient({ random: seededRandom(7) });
    const origin = `https://127.0.0.1:${peer.port}`;
    const account: LensAccount = {
      clientId: new Secret("lens-id-canary"),
      clientSecret: new Secret("lens-s3cret-canary"),
      endpoints: { token: `${origin}/oauth/token`, graphql: `${origin}/graphql` },
      roots: CLOUD.cert,
    };
    return {
      async run(story) {
        peer.story = story;
        // A new one for each story: what it knows of token and cost is of that story.
        const client = createLensClient(account, { http, clock: manualClock(Date.UTC(2026, 0, 2)) });
        talk = TALKS[story.random.below(TALKS.length)] as (typeof TALKS)[number];
        const result = await client.ask(talk.query as typeof DEVICES, {}, AbortSignal.timeout(patienceMs * 3));
        await peer.hangUp(1);
        // Where something came unasked at the very end, this ask is told instead of the next story's.
        await http.ask(
          { address: "127.0.0.1", port: peer.port, secure: true, trust: "any" },
          { method: "GET", path: "/" },
          AbortSignal.timeout(patienceMs),
        );
        // An honest answer to another question is one we cannot use.
        return story.honest && !result.ok && (result.fault.kind === "garbled" || result.fault.kind === "adapt") ? "ok" : endingOf(result);
      },
      async close() {
        await http.close();
        await peer.close();
      },
    };
  },
};
