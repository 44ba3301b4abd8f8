/**
 * What the provisioning endpoint saw of each attempt, written down at once: these rows let a restart know what happened.
 */

import type { Clock } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { DepotEvent } from "../threads/depot-requests.ts";

export interface SignsIo {
  readonly store: Pick<Store, "attempts">;
  readonly clock: Clock;
  wake(): void;
}

export interface Signs {
  note(event: DepotEvent, log: Log): void;
}

export function createSigns(io: SignsIo): Signs {
  const isFirst = (token: string, sign: "imageStartedAtMs" | "imageDeliveredAtMs"): boolean => {
    const known = io.store.attempts.byToken(token);
    return known !== undefined && known[sign] === undefined;
  };
  return {
    note(event, log) {
      const atMs = io.clock.nowMs();
      switch (event.kind) {
        case "imageStarted": {
          // Later requests of the same attempt do not move its first sign.
          if (isFirst(event.token, "imageStartedAtMs")) io.store.attempts.note(event.token, { imageStartedAtMs: atMs });
          return io.wake();
        }
        case "imageDelivered":
          // Nor does the whole image once more move the moment from which a restart counts.
          if (event.complete && isFirst(event.token, "imageDeliveredAtMs"))
            io.store.attempts.note(event.token, { imageDeliveredAtMs: atMs });
          return io.wake();
        case "imageSent":
          return io.store.attempts.sent(event.token, event.bytes);
        case "upload":
          return log.debug("a device uploaded a file", { mac: event.mac, file: event.file, bytes: event.bytes });
        case "copyMissed":
          return log.warn("the customer's boot server may have a newer file of a phone than the copy kept here", {
            mac: event.mac,
            file: event.file,
            why: event.why,
          });
        case "roomAsked": {
          const { kind: _, found, ...asked } = event;
          return found
            ? log.info("a room fetches a file of the update server that is laid out for it", asked)
            : log.info("a room asked for something that is not here and that no document describes; see docs/rooms-updates.md", asked);
        }
        case "refusedRequests":
          return log.warn("requests to the provisioning endpoint were refused", {
            address: event.address,
            count: event.count,
            why: event.why,
          });
        case "endpointCertificate":
          return event.isRenewed && event.what === undefined
            ? log.info("the provisioning endpoint has a renewed certificate")
            : log.warn("look at the certificate of the provisioning endpoint", { renewed: event.isRenewed, what: event.what });
        case "checkIn":
        case "stageProgress":
      }
    },
  };
}
