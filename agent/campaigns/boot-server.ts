/**
 * The customer's boot server, in front of which the endpoint stands: what is known of it, for the log, the portal and `status`.
 */
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { type Clock, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Teller } from "../feed/tell.ts";
import type { Log } from "../log.ts";
import type { DepotEvent } from "../threads/depot-requests.ts";

export interface BootServerIo {
  readonly log: Log;
  readonly teller: Pick<Teller, "bootServer" | "bootFile">;
  readonly clock: Pick<Clock, "nowMs">;
  deviceOf(mac: Mac): DeviceId | undefined;
}

export interface BootServer {
  /** False where the event is about something else. */
  note(event: DepotEvent): boolean;
  /** The depot thread starts anew: it will say again what it finds. */
  forget(): void;
  /** Absent while it answers, as far as anybody asked it. */
  readonly down: { readonly why: string; readonly sinceMs: Ms } | undefined;
}

export function createBootServer({ log, teller, clock, deviceOf }: BootServerIo): BootServer {
  let down: BootServer["down"];
  return {
    note(event) {
      switch (event.kind) {
        case "upstreamDown":
          down = { why: event.why, sinceMs: clock.nowMs() };
          log.warn("the customer's boot server does not answer; phones are told so", { why: event.why });
          teller.bootServer({ state: "down", why: event.why });
          return true;
        case "upstreamBack":
          down = undefined;
          log.info("the customer's boot server answers again", { failed: event.failed, forMs: event.forMs });
          teller.bootServer({ state: "up", failed: event.failed, seconds: Math.max(0, Math.round(event.forMs / SECOND)) });
          return true;
        case "oddAnswer": {
          const { what, path, why, mac } = event;
          const device = mac === undefined ? undefined : deviceOf(mac);
          const fate = what === "broken" ? "did not reach a phone as it should" : "is passed on as it is";
          log.warn(`an answer of the customer's boot server ${fate}`, { what, path, why });
          teller.bootFile({ what, path, why, ...(device === undefined ? {} : { device }) });
          return true;
        }
        default:
          return false;
      }
    },
    forget() {
      down = undefined;
    },
    get down() {
      return down;
    },
  };
}
