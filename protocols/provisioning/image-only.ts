/**
 * Mode `image-only`: the customer's server has everything but images. Phones come here for those alone, by
 * `device.prov.upgradeServer`. Source: protocols/provisioning.md 9.
 */
import { answerFileOfTree, answerImage } from "./answer-image.ts";
import { type Desk, refuse } from "./exchange.ts";
import { type Responder, withoutFolder } from "./responder.ts";
import { imageByToken, imageOfPhone } from "./standing.ts";

export function imageOnlyResponder(desk: Desk): Responder {
  return {
    targetOf: withoutFolder,
    async answer(exchange) {
      const { asked } = exchange.read;
      const { method } = exchange.request;
      if (method !== "GET" && method !== "HEAD") return refuse(desk, exchange, 405, "method not allowed");
      if (asked.kind === "tree") return answerFileOfTree(desk, exchange, asked);
      if (asked.kind !== "image") return refuse(desk, exchange, 404, "only images are here");
      return answerImage(desk, exchange, asked, asked.token === undefined ? imageOfPhone(desk, exchange) : imageByToken(desk, asked.token));
    },
    close: () => undefined,
  };
}
