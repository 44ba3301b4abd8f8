/**
 * Mode `image-only`: the customer's server has everything but images. Phones come here for those alone, by
 * `device.prov.upgradeServer`. Source: protocols/provisioning.md 9.
 */
import { answerFileOfTree, answerImage } from "./answer-image.ts";
import { type Desk, refuse } from "./exchange.ts";
import type { Asked } from "./request.ts";
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
      if (asked.token !== undefined) return answerImage(desk, exchange, asked, imageByToken(desk, asked.token));
      return answerImage(desk, exchange, withoutItsOwn(asked), imageOfPhone(desk, exchange));
    },
    close: () => undefined,
  };
}

/**
 * Where the customer's master file names the part number itself, the phone puts its own before it all the same. Source:
 * protocols/provisioning.md 1 (the trap).
 */
function withoutItsOwn(asked: Asked & { kind: "image" }): Asked & { kind: "image" } {
  const { imageName, partNumber } = asked;
  const twice = partNumber !== undefined && imageName.startsWith(`${partNumber}.`);
  return twice ? { ...asked, imageName: imageName.slice(partNumber.length + 1) } : asked;
}
