/**
 * VideoOS rooms as clients of the endpoint: the master file names one more configuration file while their attempt is open, and
 * what they ask beyond the documents is noted, for nothing is on record of it. Source: protocols/provisioning.md 11; protocols/video.md 3.
 */
import type { Mac } from "../core/ids.ts";
import { type Desk, type Exchange, send } from "./exchange.ts";
import { CATALOGUE_FILE } from "./image-catalogue.ts";
import { escapeXml, type MasterFile } from "./master-file.ts";
import type { Offer, RoomTerms } from "./offers.ts";
import { answerCatalogue } from "./serve-catalogue.ts";

/** Below the server's root, named in the room's master file and nowhere else. */
export const roomFileOf = (mac: Mac): string => `${mac}-update.cfg`;

/** A phone's master file names its image; a room's names the file of its settings, for no room takes an image by a master file. */
export function masterOf(offer: Offer | undefined, configFiles: readonly string[] = []): MasterFile {
  if (offer === undefined) return { configFiles };
  if (offer.room !== undefined) return { configFiles: [...configFiles, roomFileOf(offer.mac)] };
  return { image: `fw/${offer.token}/${offer.imageName}`, configFiles };
}

/**
 * Only what a room's own export is seen to hold: it takes its software from the server of its settings, in its window.
 * Source: protocols/provisioning.md 11 (X30 export); protocols/video.md 3.
 */
export function renderRoomSettings({ window }: RoomTerms): string {
  const settings = {
    "upgrade.auto.enable": "true",
    "upgrade.auto.server.type": "prov_server",
    "upgrade.auto.timeFrame.enable": "true",
    "upgrade.auto.timeFrame.startTime": window.start,
    "upgrade.auto.timeFrame.stopTime": window.stop,
  };
  const attributes = Object.entries(settings).map(([name, value]) => `${name}="${escapeXml(value)}"`);
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<PHONE_CONFIG>\n  <ALL ${attributes.join(" ")}/>\n</PHONE_CONFIG>\n`;
}

/** Any other configuration file is not there, which is normal and harmless. */
export function answerConfig(desk: Desk, exchange: Exchange, mac: Mac | undefined): void {
  const offer = mac === undefined ? undefined : desk.offers.byMac(mac)?.offer;
  const isOwn = offer !== undefined && pathOf(exchange).toLowerCase() === `/${roomFileOf(offer.mac)}`;
  const isTheirs = offer?.address === undefined || offer.address === exchange.address;
  if (isOwn && isTheirs && offer.room !== undefined) send(exchange, 200, renderRoomSettings(offer.room));
  else send(exchange, 404, "");
}

/** Without what follows a question mark, which may be anybody's. */
function pathOf({ request }: Exchange): string {
  const [path = ""] = (request.url ?? "/").split("?", 1);
  return `/${path.replace(/^\/+/, "")}`;
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
  const token = /^\/fw\/([A-Za-z0-9_-]{8,80})\//.exec(path)?.[1];
  const offer = token === undefined ? undefined : desk.offers.byToken(token)?.offer;
  const isOfRoom = offer?.room !== undefined && (offer.address === undefined || offer.address === exchange.address);
  if (!isOfRoom && !isRoom(exchange)) return false;
  noteAsk(desk, exchange, {
    path: token === undefined ? path : path.replace(token, "TOKEN"),
    mac: isOfRoom ? offer.mac : exchange.read.mac,
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

function noteAsk(desk: Desk, exchange: Exchange, { path, mac }: { readonly path: string; readonly mac: Mac | undefined }): void {
  const { address, read, request } = exchange;
  const method = request.method ?? "GET";
  const short = path.slice(0, PATH_CHARS);
  if (!desk.roomAsks.isNew(`${mac ?? address} ${method} ${short}`)) return;
  const { userAgent } = read;
  desk.onEvent({
    kind: "roomAsked",
    address,
    method,
    path: short,
    ...(mac === undefined ? {} : { mac }),
    ...(userAgent === undefined ? {} : { userAgent }),
  });
}
