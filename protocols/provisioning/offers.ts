/**
 * What is offered to whom. An offer lives exactly as long as the attempt whose token names it.
 */
import { fail, ok,             } from "../core/fault.ts";

/** One image for one device. */

/** An offer while it stands. */

const tokenForm = /^[A-Za-z0-9_-]{8,80}$/;
const imageNameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/;

export function createOffers()         {
  const byToken = new Map                                                       ();
  const tokenOf = new Map             ();
  const withdraw = (token        )          => {
    const live = byToken.get(token);
    if (live === undefined) return false;
    byToken.delete(token);
    tokenOf.delete(live.offer.mac);
    live.end.abort();
    return true;
  };
  return {
    add(offer) {
      if (!tokenForm.test(offer.token) || !imageNameForm.test(offer.imageName)) {
        return fail({ kind: "refused", via: "provisioning", reason: "the token or image name is unfit for an address" });
      }
      if (byToken.has(offer.token)) return fail({ kind: "refused", via: "provisioning", reason: "the token is in use" });
      const older = tokenOf.get(offer.mac);
      if (older !== undefined) withdraw(older);
      const end = new AbortController();
      byToken.set(offer.token, { offer, end, ended: end.signal, coveredBytes: 0 });
      tokenOf.set(offer.mac, offer.token);
      return ok(undefined);
    },
    withdraw,
    withdrawAll() {
      const tokens = [...byToken.keys()];
      for (const token of tokens) withdraw(token);
      return tokens.length;
    },
    byToken: (token) => byToken.get(token),
    byMac(mac) {
      const token = tokenOf.get(mac);
      return token === undefined ? undefined : byToken.get(token);
    },
    get standing() {
      return [...byToken.values()].map((live) => live.offer);
    },
  };
}

