/**
 * What the endpoint finds, as the main thread is told of it. Pure.
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { EndpointEvent } from "../../protocols/provisioning/exchange.ts";
import { sightingOf } from "./check-in.ts";
import type { DepotEvent } from "./depot-requests.ts";

/** Absent for progress within one transfer, which stays in the depot thread. A bug is thrown. */
export function toldOf(event: EndpointEvent, atMs: Ms): DepotEvent | undefined {
  switch (event.kind) {
    case "checkIn":
      return { kind: "checkIn", sighting: sightingOf(event, atMs) };
    case "imageStarted":
      return { kind: "imageStarted", token: event.token, address: event.address };
    case "imageDelivered":
      return { kind: "imageDelivered", token: event.token, complete: event.complete };
    case "upload":
      return { kind: "upload", mac: event.mac, file: event.file, bytes: event.bytes };
    case "imageSent":
    case "copyMissed":
    case "roomAsked":
      return event;
    case "refused":
      return { kind: "refusedRequests", address: event.address, count: event.count, why: event.reason };
    case "upstreamDown":
    case "upstreamBack":
    case "oddAnswer":
      return event;
    case "bug":
      throw event.error;
    case "imageProgress":
      return undefined;
  }
}
