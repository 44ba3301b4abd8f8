/** A SIP phone that answers OPTIONS, and NOTIFY after a challenge. */
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createSipClient } from "../../../protocols/sip/probe.ts";
import { storyChance } from "./chance.ts";
import { endingOf, type Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { openUdp } from "./udp.ts";

const login = { id: "phone", user: "PlcmSpIp", password: new Secret("s3cret-canary") };
/** To is not: it holds our port, which is another one each time. */
const COPIED = /^(?:via|from|call-id|cseq):/i;
const DIGEST = 'Digest realm="PlcmSpIp", nonce="5f2c", algorithm=MD5, qop="auth,auth-int", stale=false';
const STATUSES = ["200 OK", "200 OK", "486 Busy Here", "404 Not Found", "302 Moved Temporarily"];

/** As RFC 3261 8.2.6 asks: what is the request's own stands in the answer. */
function answerTo(datagram: Buffer, { random }: Story): Buffer {
  const [head = ""] = datagram.toString().split("\r\n\r\n");
  const copied = head.split("\r\n").filter((line) => COPIED.test(line));
  const challenged = head.startsWith("NOTIFY") && !/^authorization:/im.test(head);
  const status = challenged ? "401 Unauthorized" : STATUSES[random.below(STATUSES.length)];
  const more = challenged
    ? [`WWW-Authenticate: ${DIGEST}`]
    : ["Contact: <sip:1001@127.0.0.1:5060>", "User-Agent: PolycomVVX-VVX_411-UA/6.4.6.2681", "Allow: INVITE,\r\n ACK"];
  return Buffer.from(
    [`SIP/2.0 ${status}`, ...copied, "To: <sip:1001@127.0.0.1>;tag=2", ...more, "Content-Length: 4", "", "body"].join("\r\n"),
  );
}

export const sip: Wire = {
  shape: { messages: 2, contents: 0 },
  lanes: 32,
  replays: true,
  async openLane(_index, patienceMs) {
    const peer = await openUdp(answerTo);
    const random = storyChance();
    const client = createSipClient({ clock: manualClock(0), random });
    const target = { address: "127.0.0.1", port: peer.port };
    return {
      async run(story) {
        random.begin(story.seed);
        peer.story = story;
        const signal = AbortSignal.timeout(patienceMs);
        const tells = story.random.below(2) === 0;
        const result = tells
          ? await client.notify(target, { event: "check-sync", user: "1001", login }, signal)
          : await client.options(target, signal);
        await peer.hangUp();
        // A phone that says no has answered.
        return story.honest && !result.ok && result.fault.kind === "refused" ? "ok" : endingOf(result);
      },
      async close() {
        await client.close();
        await peer.close();
      },
    };
  },
};
