/**
 * What is offered to whom. An offer lives exactly as long as the attempt whose token names it.
 */
import type { Socket } from "node:net";
import { fail, ok, type Result } from "../core/fault.ts";
import type { Mac, Sha256 } from "../core/ids.ts";
import type { Version } from "../core/version.ts";

/** One image for one device. */
export interface Offer {
  /** Names the attempt; part of the image's path. 8 to 80 letters, digits, dashes and underscores. */
  readonly token: string;
  readonly mac: Mac;
  /** Where set, only this address gets the image. */
  readonly address?: string;
  /** The name the master file says; the phone puts its part number before it. */
  readonly imageName: string;
  /** Hardware the image is for; empty where the device asks without a part number. */
  readonly partNumbers: readonly string[];
  /** The file in the depot. */
  readonly imagePath: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  /** As the inventory spells it, where it is known: a master file may name images by model. */
  readonly model?: string;
  /** Where the device was last seen: it is known by that where its request carries no token. */
  readonly seenAt?: string;
  /** Named, and not given: whoever runs it stays on it, and whoever does not cannot take it. */
  readonly held?: true;
  /** For those who list it by its version. */
  readonly version?: Version;
  /** Whoever says that it runs something newer has been updated by others since, and is not sent back to this. */
  readonly notAbove?: Version;
  /** The device is a room that asks an update server: these files and no others are below the folder of its attempt. */
  readonly tree?: readonly ServedFile[];
}

/** A file of an update server: where it lies below its root, and here. */
export interface ServedFile {
  /** As the vendor lays it out: plain letters, parts divided by `/`. */
  readonly path: string;
  /** The file in the depot. */
  readonly imagePath: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** An offer while it stands. */
export interface LiveOffer {
  readonly offer: Offer;
  /** Aborts when it is withdrawn. */
  readonly ended: AbortSignal;
  /** Connections that have carried it and are open. */
  readonly carriers: Set<Socket>;
  /** Bytes from the start that have been sent without a gap, over all transfers. */
  coveredBytes: number;
}

export interface Offers {
  /** Replaces an older offer to the same device. `refused` for a token in use or unfit for an address. */
  add(offer: Offer): Result<void>;
  /** False where there is none. */
  withdraw(token: string): boolean;
  /** Says how many there were. */
  withdrawAll(): number;
  byToken(token: string): LiveOffer | undefined;
  byMac(mac: Mac): LiveOffer | undefined;
  /** Whose image is for the device last seen at this address; nobody where that is said of two. */
  seenAt(address: string): Mac | undefined;
  readonly standing: readonly Offer[];
}

const tokenForm = /^[A-Za-z0-9_-]{8,80}$/;
/** As requests may name it: dots in a row would read as a way out. */
const imageNameForm = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/;

export function createOffers(): Offers {
  const byToken = new Map<string, LiveOffer & { readonly end: AbortController }>();
  const tokenOf = new Map<Mac, string>();
  const withdraw = (token: string): boolean => {
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
      byToken.set(offer.token, { offer, end, ended: end.signal, carriers: new Set(), coveredBytes: 0 });
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
    seenAt(address) {
      const [first, second] = [...byToken.values()].filter(({ offer }) => offer.seenAt === address);
      return second === undefined ? first?.offer.mac : undefined;
    },
    get standing() {
      return [...byToken.values()].map((live) => live.offer);
    },
  };
}
