/**
 * Rooms as clients of the endpoint: the files of an update server while their attempt is open, exactly as the vendor lays them out.
 * What they ask is noted, for no document shows it. Source: protocols/provisioning.md 11; protocols/video.md 3.
 */
import type { Mac } from "../core/ids.ts";
import { type Desk, type Exchange, refuse, send } from "./exchange.ts";
import { CATALOGUE_FILE } from "./image-catalogue.ts";
import type { MasterFile } from "./master-file.ts";
import type { LiveOffer, Offer, ServedFile } from "./offers.ts";
import { bothPaces } from "./pace.ts";
import type { Asked } from "./request.ts";
import { sendImage } from "./send-image.ts";
import { answerCatalogue } from "./serve-catalogue.ts";

/** A phone's master file names its image; a room takes none by a master file. */
export function masterOf(offer: Offer | undefined, configFiles: readonly string[] = []): MasterFile {
  if (offer === undefined || offer.tree !== undefined) return { configFiles };
  return { image: `fw/${offer.token}/${offer.imageName}`, configFiles };
}

/** Without what follows a question mark, which may be anybody's. */
function pathOf({ request }: Exchange): string {
  const [path = ""] = (request.url ?? "/").split("?", 1);
  return `/${path.replace(/^\/+/, "")}`;
}

/** What a request below the folder of an attempt asks for, as a tree names its files. */
function pathInTree(asked: Asked & { kind: "image" | "tree" }): string {
  if (asked.kind === "tree") return asked.path;
  return asked.partNumber === undefined ? asked.imageName : `${asked.partNumber}.${asked.imageName}`;
}

/** One file of the tree on offer to a room, to that room alone. What is not there is told, and so is what is: each once. */
export async function answerTree(
  desk: Desk,
  exchange: Exchange,
  live: LiveOffer,
  asked: Asked & { kind: "image" | "tree" },
): Promise<void> {
  const { offer } = live;
  const { token, mac } = offer;
  if (offer.address !== undefined && offer.address !== exchange.address) return refuse(desk, exchange, 404, "offer of another address");
  const path = pathInTree(asked);
  const file = offer.tree?.find((one) => one.path === path);
  noteAsk(desk, exchange, { path: `/fw/TOKEN/${path}`, mac, found: file !== undefined });
  if (file === undefined) return send(exchange, 404, "");
  const sent = await sendImage(liveFile(live, file), exchange, {
    pace: bothPaces(desk.connectionPace(exchange.request.socket), desk.imagePace.of(token, exchange.address)),
    pieces: desk.imagePieces,
    turns: desk.sendTurns,
    started: () => desk.onEvent({ kind: "imageStarted", token, address: exchange.address }),
    progress: (sentBytes) => desk.onEvent({ kind: "imageProgress", token, sentBytes }),
    sent: (bytes) => desk.onEvent({ kind: "imageSent", token, bytes }),
    // Which of the files make an update is the vendor's secret: that one is whole says nothing of the others.
    delivered: () => undefined,
  });
  if (sent === "missing") refuse(desk, exchange, 404, "image not in the depot");
}

/** The offer as if this file were its image; it ends with the offer. */
function liveFile({ offer, ended, carriers }: LiveOffer, { imagePath, sizeBytes, sha256 }: ServedFile): LiveOffer {
  return { offer: { ...offer, imagePath, sizeBytes, sha256 }, ended, carriers, coveredBytes: 0 };
}

/** Requests for no file of ours that are not simply refused. False where this is none of them. */
export function answerBeside(desk: Desk, exchange: Exchange): boolean {
  const { method } = exchange.request;
  if (pathOf(exchange) !== `/${CATALOGUE_FILE}` || (method !== "GET" && method !== "HEAD")) return answerRoomAsk(desk, exchange);
  const { mac } = exchange.read;
  answerCatalogue(desk, exchange, mac === undefined ? undefined : desk.offers.byMac(mac)?.offer);
  return true;
}

/**
 * What a room asks that no document shows: a heartbeat, whose form is not on record, or a question to an update server. It is
 * told that there is nothing, which promises nothing, and the question is noted once. False where no room asks.
 */
export function answerRoomAsk(desk: Desk, exchange: Exchange): boolean {
  const path = pathOf(exchange);
  const token = /^\/fw\/([A-Za-z0-9_-]{8,80})(?:\/|$)/.exec(path)?.[1];
  const offer = token === undefined ? undefined : desk.offers.byToken(token)?.offer;
  const isOfRoom = offer?.tree !== undefined && (offer.address === undefined || offer.address === exchange.address);
  if (!isOfRoom && !isRoom(exchange)) return false;
  noteAsk(desk, exchange, {
    path: token === undefined ? path : path.replace(token, "TOKEN"),
    mac: isOfRoom ? offer.mac : exchange.read.mac,
    found: false,
  });
  send(exchange, 404, "");
  return true;
}

function isRoom({ read }: Exchange): boolean {
  const family = read.agent?.family;
  return family === "video-os" || family === "group" || read.xDevice !== undefined;
}

/** A path says enough in this many characters. Judgement. */
const PATH_CHARS = 200;

interface RoomAsk {
  readonly path: string;
  readonly mac: Mac | undefined;
  readonly found: boolean;
}

function noteAsk(desk: Desk, exchange: Exchange, { path, mac, found }: RoomAsk): void {
  const { address, read, request } = exchange;
  const method = request.method ?? "GET";
  const short = path.slice(0, PATH_CHARS);
  if (!desk.roomAsks.isNew(`${mac ?? address} ${method} ${short} ${found}`)) return;
  const { userAgent } = read;
  desk.onEvent({
    kind: "roomAsked",
    address,
    method,
    path: short,
    found,
    ...(mac === undefined ? {} : { mac }),
    ...(userAgent === undefined ? {} : { userAgent }),
  });
}
