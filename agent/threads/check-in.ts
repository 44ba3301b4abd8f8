/**
 * A phone's request to the provisioning endpoint, as a sighting. Pure.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { familyOfModel } from "../../protocols/families/models.ts";
import { partContradiction, withModelOfPart } from "../../protocols/families/part-numbers.ts";
import type { EndpointEvent } from "../../protocols/provisioning/endpoint.ts";
import { runningOf } from "../../protocols/provisioning/request.ts";

/** What the request says of its sender; headers are trivially forged, so it discovers and never authenticates. */
export function sightingOf(event: EndpointEvent & { kind: "checkIn" }, atMs: Ms): Sighting {
  const { request } = event;
  const running = runningOf(request);
  const model = request.agent?.model;
  const family = model === undefined ? undefined : familyOfModel(model);
  const serial = request.xDevice?.serial;
  // The phone puts its own part number before the name of the image.
  const partNumber = request.asked.kind === "image" ? request.asked.partNumber : undefined;
  const facts = withModelOfPart({
    ...(request.mac === undefined ? {} : { mac: request.mac }),
    ...(serial === undefined ? {} : { serial }),
    ...(model === undefined ? {} : { model }),
    ...(family === undefined ? {} : { family }),
    ...(partNumber === undefined ? {} : { partNumber }),
    ...(request.agent?.vendor === undefined ? {} : { vendor: request.agent.vendor }),
    ...(running === undefined ? {} : { running }),
  });
  const words = [`${event.method} ${event.asked}`, partContradiction(facts), request.userAgent];
  const what = words.filter((word) => word !== undefined).join(", ");
  return {
    source: "provisioning",
    atMs,
    address: event.address,
    facts,
    evidence: [{ via: "provisioning", what: what.slice(0, 300), atMs }],
  };
}
