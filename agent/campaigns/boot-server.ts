/**
 * What the endpoint says of the customer's boot server, for the log and the portal.
 */
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { SECOND } from "../../protocols/core/time.ts";
import type { Teller } from "../feed/tell.ts";
import type { Log } from "../log.ts";
import type { DepotEvent } from "../threads/requests.ts";

export interface BootServerIo {
  readonly log: Log;
  readonly teller: Pick<Teller, "bootServer" | "bootFile">;
  deviceOf(mac: Mac): DeviceId | undefined;
}

/** False where the event is about something else. */
export function noteBootServer(event: DepotEvent, { log, teller, deviceOf }: BootServerIo): boolean {
  switch (event.kind) {
    case "upstreamDown":
      log.warn("the customer's boot server does not answer; phones are told so", { why: event.why });
      teller.bootServer({ state: "down", why: event.why });
      return true;
    case "upstreamBack":
      log.info("the customer's boot server answers again", { failed: event.failed, forMs: event.forMs });
      teller.bootServer({ state: "up", failed: event.failed, seconds: Math.round(event.forMs / SECOND) });
      return true;
    case "oddAnswer": {
      const { what, path, why, mac } = event;
      const device = mac === undefined ? undefined : deviceOf(mac);
      log.warn("an answer of the customer's boot server is passed on as it is", { what, path, why });
      teller.bootFile({ what, path, why, ...(device === undefined ? {} : { device }) });
      return true;
    }
    default:
      return false;
  }
}
