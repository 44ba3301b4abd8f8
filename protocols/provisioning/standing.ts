/**
 * Which image a phone is told of: that of its open attempt, else the one it runs and is to stay on. The latter stands until
 * the phone runs something else, so that a restart by chance, or the customer's old master file, changes nothing.
 */
import { ok, type Result } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import { orderOf } from "../core/version.ts";
import type { UserAgentFacts } from "../families/user-agent.ts";
import type { Desk, Exchange } from "./exchange.ts";
import type { LiveOffer, Offer, Offers } from "./offers.ts";

type Images = Pick<Desk, "offers" | "standing">;

/** @param agent  what the device says of itself */
export function imageFor({ offers, standing }: Images, mac: Mac, agent?: UserAgentFacts): Offer | undefined {
  const offer = (offers.byMac(mac) ?? standing.byMac(mac))?.offer;
  return offer === undefined || isPast(offer, agent) ? undefined : offer;
}

/**
 * Does the device run something newer than it may be given? Only an application says what runs: the Updater's number is another,
 * and of an agent without a type nobody knows which it is. Source: protocols/provisioning.md 4.
 */
export function isPast({ notAbove }: Pick<Offer, "notAbove">, agent: UserAgentFacts | undefined): boolean {
  if (notAbove === undefined || agent?.type !== "application" || agent.version === undefined) return false;
  return orderOf(agent.version, notAbove) === "newer";
}

export function imageByToken({ offers, standing }: Images, token: string): LiveOffer | undefined {
  return offers.byToken(token) ?? standing.byToken(token);
}

/**
 * Of a request that names no token: by the MAC its agent is tagged with, else by the address the device was last seen at.
 * The request for an image carries no MAC otherwise. Source: protocols/provisioning.md 1.
 */
export function imageOfPhone(images: Images, { read, address }: Exchange): LiveOffer | undefined {
  const { offers, standing } = images;
  const mac = read.mac ?? offers.seenAt(address) ?? standing.seenAt(address);
  return mac === undefined ? undefined : (offers.byMac(mac) ?? standing.byMac(mac));
}

/** Below the server's root; the phone puts its part number before the name. Source: protocols/provisioning.md 1. */
export const imagePathOf = ({ token, imageName }: Offer): string => `fw/${token}/${imageName}`;

/** In place of what stands for the phone now. What is the same stays, with the transfers it carries. */
export function standInstead(standing: Offers, mac: Mac, image: Offer | undefined): Result<void> {
  const older = standing.byMac(mac)?.offer;
  if (older !== undefined && image !== undefined && isSame(older, image)) return ok(undefined);
  if (older !== undefined) standing.withdraw(older.token);
  return image === undefined ? ok(undefined) : standing.add(image);
}

const SEEN: readonly (keyof Offer)[] = ["token", "imageName", "imagePath", "sizeBytes", "held", "model", "seenAt", "notAbove"];
const isSame = (one: Offer, other: Offer): boolean => SEEN.every((field) => one[field] === other[field]);

/** Stops every byte; the names stay, so that nobody is sent back. */
export function holdAll(standing: Offers): void {
  for (const image of standing.standing) standInstead(standing, image.mac, { ...image, held: true });
}
