/**
 * The image server of a story behind the agent's own rules of who is given what. The rules live in its thread and die with it.
 */
import type { HandsDepot, HandsOffer } from "../../../agent/rehearsal/hands.ts";
import { createDepotOffers, type DepotOffers } from "../../../agent/threads/depot-offers.ts";
import type { KillScope } from "../../../firmware/waves/kill.ts";
import type { Depot } from "../../../fixtures/fleet/depot.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import type { Offer } from "../../../protocols/provisioning/offers.ts";
import { isPast } from "../../../protocols/provisioning/standing.ts";

export interface Images extends HandsDepot {
  bar(scopes: readonly KillScope[]): void;
  /** Its thread died: nothing is on offer, and the next one knows of nothing that is barred. */
  restart(): void;
}

export function openImages(depot: Depot, planted: (offers: DepotOffers) => DepotOffers): Images {
  /** As phones need to know them. */
  const wanted = new Map<string, HandsOffer>();
  let offers = open();

  function open(): DepotOffers {
    const given = new Map<string, Offer>();
    const withdraw = (token: string): boolean => {
      depot.withdraw([token]);
      return given.delete(token);
    };
    return planted(
      createDepotOffers({
        base: () => undefined,
        find: (sha256) => ({ path: `/images/${sha256}`, sizeBytes: 1 }),
        endpoint: {
          offer(offer) {
            const told = wanted.get(offer.token);
            if (told === undefined) return fail({ kind: "refused", via: "provisioning", reason: "nobody asked for it" });
            for (const older of [...given.values()]) if (older.mac === offer.mac) withdraw(older.token);
            given.set(offer.token, offer);
            depot.offer({ ...told, suits: (running) => !isPast(offer, { type: "application", version: running }) });
            return ok(undefined);
          },
          withdraw,
          withdrawAll: () => [...given.keys()].filter(withdraw).length,
          get offers() {
            return [...given.values()];
          },
          // A story's phones ask for nothing but what is on offer.
          stand: () => ok(undefined),
        },
      }),
    );
  }

  return {
    offer(told) {
      wanted.set(told.token, told);
      const { token, mac, release, model, version, notAbove } = told;
      const bounds = notAbove === undefined ? {} : { notAbove };
      return offers.offer({
        token,
        mac,
        release,
        model,
        version,
        ...bounds,
        sha256: told.sha256 as Sha256,
        imageName: "image",
        partNumbers: [],
      });
    },
    withdraw(tokens) {
      offers.withdraw(tokens);
      for (const token of tokens) wanted.delete(token);
    },
    bar: (scopes) => offers.bar(scopes),
    restart() {
      offers = open();
    },
  };
}
