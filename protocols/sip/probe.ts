/**
 * SIP from outside a call: asks a phone who it is, and tells it to look at its server.
 */
import { ok,             } from "../core/fault.ts";

import { createSipExchange, hostText, OUR_HOST,                               } from "./exchange.ts";
import { sipUserOf } from "./message.ts";
import { notifyCheckSync } from "./notify.ts";

export function createSipClient(io                                  )            {
  const exchange = createSipExchange(io);
  return {
    async options(target, signal) {
      const host = hostText(target.address);
      const draft           = {
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
      return ok({ status, ...(userAgent === undefined ? {} : { userAgent }), ...(contactUser === undefined ? {} : { contactUser }) });
    },
    notifyCheckSync: (target, user, login, signal) => notifyCheckSync({ target, user, login }, exchange, signal),
    close: () => exchange.close(),
  };
}

