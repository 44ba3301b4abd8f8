/** What all contenders send: the same events to the same broker. */

import { type EventData, eventMessage } from "../../agent/feed/events.ts";
import type { DeviceId, SiteId } from "../../protocols/core/ids.ts";
import type { OutboxMessage } from "../../store/outbox.ts";

export const SITE = "bench-01" as SiteId;
export const ROWS = 100_000;
/** Unacknowledged at once, the same for all contenders. A guess: twice the window the agent has. */
export const WINDOW = 100;
export const T0 = Date.UTC(2026, 10, 22, 20);

export function deviceIdOf(number: number): DeviceId {
  return `d-64167f${number.toString(16).padStart(6, "0")}` as DeviceId;
}

/** Some 450 bytes, as events are. */
export function eventOf(sequence: number): OutboxMessage {
  const device = deviceIdOf(sequence % 10_000);
  const data: EventData<"condition.opened"> = {
    ...{ device, kind: "registrationLost", severity: "error", causeClass: "network" },
    evidence: `${sequence % 3} of 3 lines are registered`,
  };
  return eventMessage("condition.opened", { site: SITE, subject: device, revision: sequence, sequence, atMs: T0 + sequence }, data);
}
