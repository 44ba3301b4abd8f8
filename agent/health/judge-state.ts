/** How a device stands, in one word. Pure. */
import type { Availability } from "./availability.ts";
import type { Severity } from "./rules-schema.ts";

export type HealthState = "ok" | "warning" | "error" | "unknown";

/**
 * The worst of what is open. `unknown` is not red: nothing is open, and the device does not say how it is, be it that nobody
 * reaches it or that something greater explains its silence.
 */
export function stateOf(availability: Availability, open: readonly { readonly severity: Severity }[]): HealthState {
  if (open.some(({ severity }) => severity === "error" || severity === "critical")) return "error";
  if (open.some(({ severity }) => severity === "warning")) return "warning";
  return availability === "offline" || availability === "unknown" ? "unknown" : "ok";
}
