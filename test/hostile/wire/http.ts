/** Answers to our HTTP client over plain TCP: kept connections, challenges, sessions, and answers no device should send. */
import type { Budget } from "../../../protocols/core/budget.ts";
import type { Result } from "../../../protocols/core/fault.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { type Login, Secret } from "../../../protocols/core/secret.ts";
import { createHttpClient, type HttpAnswer, type HttpClient, type HttpTarget } from "../../../protocols/http/client.ts";
import { type Session, withSession } from "../../../protocols/http/sessions.ts";
import { CHALLENGE, PLAIN, SCRIPTS, type Script, SESSION } from "./http-scripts.ts";
import { endingOf, type Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { type Line, openTcp } from "./tcp.ts";

const login: Login = { id: "site", user: "Polycom", password: new Secret("s3cret-canary") };
const never = new AbortController().signal;

/** Answers request after request of one story, over whatever connections it comes. */
export function answering(scripts: readonly Script[]): (line: Line) => void {
  const queue = [...scripts];
  return (line) => {
    let head = "";
    line.socket.on("data", (bytes: Buffer) => {
      head += bytes.toString("latin1");
      // Our requests are short: a body comes with its head.
      if (!head.includes("\r\n\r\n")) return;
      const farewell = head.startsWith("DELETE");
      head = "";
      for (const message of farewell ? PLAIN : (queue.shift() ?? PLAIN)) line.say(message);
      // Closing a session has five seconds of its own: too long to be silent to.
      if (farewell) line.perform([{ act: "end" }]);
    });
  };
}

interface Visit {
  readonly scripts: readonly Script[];
  /** @param spoken  waits between asks: whether something unasked is heard in time would else be chance, and with it what is asked next */
  run(http: HttpClient, target: HttpTarget, budget: Budget, spoken: () => Promise<void>): Promise<string>;
}

const any = (story: Story): Script => (story.honest ? PLAIN : (SCRIPTS[story.random.below(SCRIPTS.length)] as Script));

/** What is asked, and what an honest device says to each request. */
function visitOf(story: Story): Visit {
  const ways: readonly (() => Visit)[] = [
    () => ({
      scripts: [any(story), any(story)],
      async run(http, target, budget, spoken) {
        const first = await http.ask(target, { method: "GET", path: "/a", budget }, never);
        await spoken();
        const second = await http.ask(target, { method: "POST", path: "/b", body: "{}", budget }, never);
        return endingOf(first.ok ? second : first);
      },
    }),
    () => ({
      scripts: [CHALLENGE, any(story), any(story)],
      async run(http, target, budget, spoken) {
        const first = await http.ask(target, { method: "GET", path: "/api/v1/mgmt/device/info", login, budget }, never);
        await spoken();
        const second = await http.ask(target, { method: "GET", path: "/x", login, budget }, never);
        return endingOf(first.ok ? second : first);
      },
    }),
    () => ({
      scripts: [SESSION, any(story)],
      async run(http, target, budget, spoken) {
        const limited = AbortSignal.timeout(budget.timeMs);
        const run = async (session: Session): Promise<Result<HttpAnswer>> => {
          const answer = await session.ask({ method: "GET", path: "system" });
          await spoken();
          return answer;
        };
        return endingOf(await withSession(target, login, { http, run }, limited));
      },
    }),
  ];
  return (ways[story.random.below(ways.length)] as () => Visit)();
}

export const http: Wire = {
  shape: { messages: 8, contents: 0 },
  lanes: 16,
  replays: true,
  async openLane(_index, patienceMs) {
    let serve: (line: Line) => void = () => undefined;
    const peer = await openTcp((line) => serve(line));
    const client = createHttpClient({ random: seededRandom(7) });
    const target: HttpTarget = { address: "127.0.0.1", port: peer.port, secure: false, trust: "any" };
    const budget: Budget = { timeMs: patienceMs * 2, bytes: 100_000, items: 100 };
    return {
      async run(story) {
        const visit = visitOf(story);
        serve = answering(visit.scripts);
        peer.story = story;
        const ending = await visit.run(client, target, budget, peer.spoken);
        await peer.hangUp(1);
        // Where something came unasked at the very end, this ask is told instead of the next story's.
        await client.ask(target, { method: "GET", path: "/", budget }, never);
        return ending;
      },
      async close() {
        await client.close();
        await peer.close();
      },
    };
  },
};
