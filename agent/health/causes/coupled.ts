/**
 * A panel answers by its codec alone: a codec that is gone takes its panels, and one that misses a panel tells of the same
 * trouble as the silent panel. Pure.
 */
import { type Case, type Cause, deviceKey, isLost, type View, type Waits } from "./picture.ts";
import { nameOf } from "./site.ts";
import { isPending, waitsFor } from "./switches.ts";

export function codecOf(one: Case, view: View): { readonly cause?: Cause; readonly waits?: Waits } {
  const codec = view.site.devices.get(one.deviceId)?.codec;
  if (codec === undefined) return {};
  if (isLost(codec, one, view)) return { cause: coupledCause(codec, "reach", view) };
  if (isPending(codec, one, view)) return { waits: waitsFor(codec, one, view) };
  return view.missingParts.has(codec) ? { cause: coupledCause(codec, "hardware", view) } : {};
}

function coupledCause(codec: Case["deviceId"], group: "reach" | "hardware", view: View): Cause {
  const name = nameOf(view.site, codec);
  const panels = view.site.panels.get(codec)?.length ?? 0;
  return {
    key: deviceKey(codec, group),
    kind: "coupled",
    scope: codec,
    culprit: codec,
    causeClass: group === "reach" ? "network" : "hardware",
    total: panels,
    words: (affected) =>
      group === "reach"
        ? {
            title: `${name} does not answer, and ${affected} of its ${panels} panels are dark with it`,
            why: `a panel is reached by its codec, and ${name} is silent`,
            advice: `Look whether ${name} has power and network; its panels follow`,
          }
        : {
            title: `${name} misses ${affected} of its ${panels} panels`,
            why: `${name} answers and says that the panel is not connected`,
            advice: "Look at the panel's cable and power, then pair it again",
          },
  };
}
