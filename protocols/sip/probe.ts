/**
 * SIP from outside a call: asks a phone who it is, and tells it to look at its server.
 */

import { ok, type Result } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import type { Clock } from "../core/time.ts";
import { createSipExchange, hostText, OUR_HOST, type SipDraft, type SipTarget } from "./exchange.ts";
import { sipUserOf } from "./message.ts";
import { type SipEvent, sendNotify } from "./notify.ts";

/** What an OPTIONS brought. */
export interface SipOptions {
  readonly status: number;
  readonly userAgent?: string;
  /** The user part of its Contact. */
  readonly contactUser?: string;
  /** Everything it said, by names in lower case; absent from stand-ins. */
  readonly headers?: ReadonlyMap<string, readonly string[]>;
}

export interface SipClient {
  /** Asks who is there; any final status is an answer. Faults as `SipExchange.send`. */
  options(target: SipTarget, signal: AbortSignal): Promise<Result<SipOptions>>;
  /** Tells it something, such as to look at its server; faults as `sendNotify` in `notify.ts`. */
  notify(target: SipTarget, event: SipEvent, signal: AbortSignal): Promise<Result<{ readonly status: number }>>;
  close(): Promise<void>;
}

export function createSipClient(io: { clock: Clock; random: Random }): SipClient {
  const exchange = createSipExchange(io);
  return {
    async options(target, signal) {
      const host = hostText(target.address);
      const draft: SipDraft = {
        method: "OPTIONS",
        uri: `sip:${host}:${target.port}`,
        headers: [
          ["From", `<sip:groundswell@${OUR_HOST}>;tag=${io.random.hex(6)}`],
          ["To", `<sip:${host}:${target.port}>`],
          ["Call-ID", `${io.random.hex(12)}@${OUR_HOST}`],
          ["CSeq", "1 OPTIONS"],
          ["Contact", `<sip:groundswell@${OUR_HOST}>`],
          ["Accept", "application/sdp"],
        ],
      };
      const answer = await exchange.send(target, draft, signal);
      if (!answer.ok) return answer;
      const { headers, status } = answer.value;
      const userAgent = headers.get("user-agent")?.[0] ?? headers.get("server")?.[0];
      const contactUser = sipUserOf(headers.get("contact")?.[0] ?? "");
      const said = { ...(userAgent === undefined ? {} : { userAgent }), ...(contactUser === undefined ? {} : { contactUser }) };
      return ok({ status, ...said, headers });
    },
    notify: (target, event, signal) => sendNotify({ target, ...event }, exchange, signal),
    close: () => exchange.close(),
  };
}
