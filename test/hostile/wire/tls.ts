/** A TLS server whose records are spoiled on the wire, that shows odd certificates, or that is no TLS server at all. */
import { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { Budget } from "../../../protocols/core/budget.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { createHttpClient, type HttpClient, type HttpTarget } from "../../../protocols/http/client.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { oddContext } from "./odd-certificates.ts";
import { endingOf, type Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { type Line, openTcp } from "./tcp.ts";

const MAC = "64167faabbcc" as Mac;
const FACTORY = makeCertificate(`CN=${MAC.toUpperCase()}, O=Polycom Inc.`);
const HONEST = createSecureContext({ cert: FACTORY.cert, key: FACTORY.key });
const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const never = new AbortController().signal;

/** What speaks something else on the port: alerts, an old hello, a hello that is cut, plain HTTP, SSH. */
const NO_TLS: readonly Buffer[] = [
  Buffer.from("15030300020228", "hex"),
  Buffer.from("15030300020100", "hex"),
  Buffer.from("802e0100020015000000100100800300800700c00600400200800400800000040000050000060000090000080000", "hex"),
  Buffer.from(`160303003a020000360303${"ab".repeat(32)}00c02b00000e`, "hex"),
  Buffer.from(`1603030100${"02".repeat(256)}`, "hex"),
  Buffer.from(`17030340${"ff".repeat(200)}`, "hex"),
  Buffer.from("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
  Buffer.from("SSH-2.0-OpenSSH_9.2\r\n"),
];

/** The connection as the TLS server sees it: the records it writes, the story says. */
function serveTls(line: Line, secureContext: SecureContext): void {
  const { socket } = line;
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      line.say(chunk);
      done();
    },
    final(done) {
      line.perform([{ act: "end" }]);
      done();
    },
  });
  socket.on("data", (chunk: Buffer) => void wire.push(chunk));
  socket.once("close", () => wire.destroy());
  wire.on("error", () => undefined);
  const version = line.story.random.below(2) === 0 ? ({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const) : {};
  const tls = new TLSSocket(wire, { isServer: true, secureContext, ...version });
  tls.on("error", () => wire.destroy());
  tls.on("data", () => void (tls.writable && tls.write(ANSWER)));
}

function serve(line: Line): void {
  const { story } = line;
  const way = story.honest ? 9 : story.random.below(10);
  if (way < 2) line.say(NO_TLS[story.random.below(NO_TLS.length)] as Buffer);
  else serveTls(line, (way < 6 ? oddContext(story) : undefined) ?? HONEST);
}

function ask(http: HttpClient, target: HttpTarget, { story, budget }: { story: Story; budget: Budget }): Promise<string> {
  if (story.random.below(3) === 0) return http.certificate(target, AbortSignal.timeout(budget.timeMs)).then(endingOf);
  return http.ask(target, { method: "GET", path: "/x", budget }, never).then(endingOf);
}

export const tls: Wire = {
  shape: { messages: 5, contents: 3 },
  lanes: 12,
  replays: false,
  async openLane(_index, patienceMs) {
    const peer = await openTcp(serve);
    const http = createHttpClient({ random: seededRandom(7) });
    const target: HttpTarget = { address: "127.0.0.1", port: peer.port, secure: true, trust: "any" };
    const proofs: readonly Partial<HttpTarget>[] = [
      {},
      { expectMac: MAC },
      { trust: "pin", tlsFingerprint: FACTORY.fingerprint },
      { trust: "roots", roots: FACTORY.cert },
      { oldTls: true },
    ];
    const budget: Budget = { timeMs: patienceMs * 2, bytes: 100_000, items: 100 };
    return {
      async run(story) {
        const chosen = story.random.below(proofs.length);
        const proof = story.honest && chosen === 3 ? {} : proofs[chosen];
        peer.story = story;
        const ending = await ask(http, { ...target, ...proof }, { story, budget });
        await peer.hangUp(1);
        return ending;
      },
      async close() {
        await http.close();
        await peer.close();
      },
    };
  },
};
