/**
 * The image of an offer, for the device it is offered to and nobody else.
 */
import { type Desk, type Exchange, refuse, send } from "./exchange.ts";
import { CATALOGUE_FILE } from "./image-catalogue.ts";
import { bothPaces } from "./pace.ts";
import type { Asked } from "./request.ts";
import { answerRoomAsk, answerTree } from "./rooms.ts";
import { sendImage } from "./send-image.ts";
import { answerCatalogue } from "./serve-catalogue.ts";
import { imageByToken, isPast } from "./standing.ts";

/** @param live  what the request is for, where it is for any of ours */
export async function answerImage(
  desk: Desk,
  exchange: Exchange,
  asked: Asked & { kind: "image" },
  live = imageByToken(desk, asked.token ?? ""),
): Promise<void> {
  // Where one is only held the phone is not wrong to ask: it was told its name.
  if (live?.offer.held) return send(exchange, 404, "");
  if (live === undefined) return refuse(desk, exchange, 404, "image without an offer");
  const { offer } = live;
  if (offer.tree !== undefined) return answerTree(desk, exchange, live, asked);
  if (asked.imageName === CATALOGUE_FILE && offer.imageName !== CATALOGUE_FILE) return answerCatalogue(desk, exchange, offer);
  const fits = offer.partNumbers.length === 0 ? asked.partNumber === undefined : offer.partNumbers.includes(asked.partNumber ?? "");
  if (asked.imageName !== offer.imageName || !fits) return refuse(desk, exchange, 404, "image for other hardware");
  if (offer.address !== undefined && offer.address !== exchange.address) return refuse(desk, exchange, 404, "offer of another address");
  if (isPast(offer, exchange.read.agent)) return refuse(desk, exchange, 404, "image older than what it runs");
  const { token } = offer;
  // Of an image that stands nothing follows from who fetches it.
  const onEvent: Desk["onEvent"] = desk.offers.byToken(token) === undefined ? () => undefined : desk.onEvent;
  const sent = await sendImage(live, exchange, {
    pace: bothPaces(desk.connectionPace(exchange.request.socket), desk.imagePace.of(token, exchange.address)),
    pieces: desk.imagePieces,
    turns: desk.sendTurns,
    started: () => onEvent({ kind: "imageStarted", token, address: exchange.address }),
    progress: (sentBytes) => onEvent({ kind: "imageProgress", token, sentBytes }),
    sent: (bytes) => onEvent({ kind: "imageSent", token, bytes }),
    delivered: (complete) => onEvent({ kind: "imageDelivered", token, complete }),
  });
  if (sent === "missing") refuse(desk, exchange, 404, "image not in the depot");
}

/** Below the folder of an attempt: there where that is a room's, and nowhere else. */
export async function answerFileOfTree(desk: Desk, exchange: Exchange, asked: Asked & { kind: "tree" }): Promise<void> {
  const live = desk.offers.byToken(asked.token);
  if (live?.offer.tree !== undefined) return answerTree(desk, exchange, live, asked);
  if (!answerRoomAsk(desk, exchange)) refuse(desk, exchange, 404, "image without an offer");
}
