/** A SIP phone on loopback that answers with bytes of the test's own. */
import { createSocket, type RemoteInfo } from "node:dgram";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createSipClient, type SipClient } from "../../../protocols/sip/probe.ts";

/** A request as it arrived: its first line, and headers by lower-case name. */
export interface Heard {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly from: RemoteInfo;
}

export interface SipPhone {
  readonly port: number;
  readonly heard: readonly Heard[];
  /** From its own port. */
  send(text: string | Buffer, to: RemoteInfo): void;
}

export async function sipPhone(onRequest: (heard: Heard, phone: SipPhone) => void, host = "127.0.0.1"): Promise<SipPhone> {
  const heard: Heard[] = [];
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const phone: SipPhone = {
    get port() {
      return (socket.address() as AddressInfo).port;
    },
    heard,
    send: (text, to) => void socket.send(text, to.port, to.address),
  };
  socket.on("message", (datagram, from) => {
    const text = datagram.toString();
    const [line = "", ...lines] = (text.split("\r\n\r\n")[0] ?? "").split("\r\n");
    const headers = new Map(lines.map((one) => [one.slice(0, one.indexOf(":")).toLowerCase(), one.slice(one.indexOf(":") + 2)]));
    const one = { line, headers, text, from };
    heard.push(one);
    onRequest(one, phone);
  });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return phone;
}

/** A well-formed answer to a request, as RFC 3261 8.2.6 asks. */
export function answerTo(heard: Heard, status: string, more: readonly string[] = []): string {
  const copied = ["via", "from", "to", "call-id", "cseq"].map((name) => `${name}: ${heard.headers.get(name)}`);
  return [`SIP/2.0 ${status}`, ...copied, ...more, "Content-Length: 0", "", ""].join("\r\n");
}

export function sipClient(): SipClient {
  const client = createSipClient({ clock: manualClock(0), random: seededRandom(7) });
  onTestFinished(() => client.close());
  return client;
}

/** The caller's own time limit, for asks that shall end in silence. */
export const soon = (): AbortSignal => AbortSignal.timeout(40);
/** The same where something must arrive before: long enough for a busy machine. */
export const later = (): AbortSignal => AbortSignal.timeout(300);
export const never = new AbortController().signal;
