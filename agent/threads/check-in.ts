/**
 * A phone's request to the provisioning endpoint, as a sighting. Pure.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { familyOfModel } from "../../protocols/families/models.ts";
import type { EndpointEvent } from "../../protocols/provisioning/endpoint.ts";
import { runningOf } from "../../protocols/provisioning/request.ts";

/** What the request says of its sender; headers are trivially forged, so it discovers and never authenticates. */
export function sightingOf(event: EndpointEvent & { kind: "checkIn" }, atMs: Ms): Sighting {
  const { request } = event;
  const running = runningOf(request);
  const model = request.agent?.model;
  const family = model === undefined ? undefined : familyOfModel(model);
  const serial = request.xDevice?.serial;
  return {
    source: "provisioning",
    atMs,
    address: event.address,
    facts: {
      ...(request.mac === undefined ? {} : { mac: request.mac }),
      ...(serial === undefined ? {} : { serial }),
      ...(model === undefined ? {} : { model }),
      ...(family === undefined ? {} : { family }),
      ...(request.agent?.vendor === undefined ? {} : { vendor: request.agent.vendor }),
      ...(running === undefined ? {} : { running }),
    },
    evidence: [
      {
        via: "provisioning",
        what: `${event.method} ${event.asked}${request.userAgent === undefined ? "" : `, ${request.userAgent}`}`.slice(0, 300),
        atMs,
      },
    ],
  };
}
