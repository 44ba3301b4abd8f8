/**
 * The catalogue behind a phone's "Software upgrade" page, with us as its custom server: the one version of the phone's open
 * attempt, below the attempt's own folder, and nothing otherwise. Source: protocols/lens-and-portal.md 7; protocols/uc-phones.md 5.
 */
import { type Desk, type Exchange, refuse, send } from "./exchange.ts";
import { type CatalogueImage, writeImageCatalogue } from "./image-catalogue.ts";
import type { Offer } from "./offers.ts";

/** As a client names us: letters, digits, dots and dashes, or an IPv6 address in brackets, and a port. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Where this client reaches us, without a slash at the end: as configured, else as it says itself. */
function baseOf(desk: Desk, { request }: Exchange): string | undefined {
  if (desk.baseUrl !== undefined) return desk.baseUrl.replace(/\/+$/, "");
  const { host } = request.headers;
  const scheme = "encrypted" in request.socket ? "https" : "http";
  return host !== undefined && HOST.test(host) ? `${scheme}://${host}` : undefined;
}

/**
 * Answers with what the offer of this phone lists; an empty catalogue where there is none, or none a phone's page can take: a
 * phone that gets anything else than a catalogue shows an error.
 */
export function answerCatalogue(desk: Desk, exchange: Exchange, offer: Offer | undefined): void {
  if (offer?.address !== undefined && offer.address !== exchange.address) refuse(desk, exchange, 404, "offer of another address");
  else send(exchange, 200, writeImageCatalogue(imagesOf(desk, exchange, offer)));
}

/** The phone puts its part number before the name, in a folder that dies with the attempt. No revision: what it narrows is not sure. */
function imagesOf(desk: Desk, exchange: Exchange, offer: Offer | undefined): readonly CatalogueImage[] {
  const base = baseOf(desk, exchange);
  if (offer?.version === undefined || offer.tree !== undefined || base === undefined) return [];
  return [{ version: offer.version, directory: `${base}/fw/${offer.token}/`, revision: "" }];
}
