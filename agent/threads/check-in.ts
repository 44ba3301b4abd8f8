/**
 * A phone's request to the provisioning endpoint, as a sighting. Pure.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { familyOfModel, normaliseModel } from "../../protocols/families/models.ts";
import { partContradiction, withModelOfPart } from "../../protocols/families/part-numbers.ts";
import type { EndpointEvent } from "../../protocols/provisioning/exchange.ts";
import { runningOf } from "../../protocols/provisioning/request.ts";

/** What the request says of its sender; headers are trivially forged, so it discovers and never authenticates. */
export function sightingOf(event: EndpointEvent & { kind: "checkIn" }, atMs: Ms): Sighting {
  const { request } = event;
  const { forwardedFor, message } = request;
  const running = runningOf(request);
  const stated = request.agent?.model ?? message?.model;
  const model = stated === undefined ? undefined : normaliseModel(stated);
  const family = (model === undefined ? undefined : familyOfModel(model)) ?? request.agent?.family;
  const serial = request.xDevice?.serial ?? message?.serial;
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
  const words = [
    `${event.method} ${event.asked}`,
    forwardedFor === undefined ? undefined : `for ${forwardedFor} by ${event.address}`,
    partContradiction(facts),
    request.userAgent,
  ];
  const what = words.filter((word) => word !== undefined).join(", ");
  return {
    source: "provisioning",
    atMs,
    // Behind a proxy nobody proves where the device is, and the proxy's address is surely not it.
    ...(forwardedFor === undefined ? { address: event.address } : {}),
    facts,
    evidence: [{ via: "provisioning", what: what.slice(0, 300), atMs }],
  };
}
