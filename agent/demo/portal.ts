/**
 * A central portal's ear on the feed: remembers every event, finds gaps and duplicates, keeps retained state.
 */
import * as z from "zod";

const eventSchema = z.object({
  id: z.string(),
  source: z.string(),
  type: z.string(),
  sequence: z.union([z.string(), z.number()]),
  time: z.string(),
});

export interface PortalEvent {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Portal {
  take(topic: string, payload: Uint8Array): void;
  readonly events: readonly PortalEvent[];
  /** Deliveries beyond the first of the same event; at-least-once allows them, the id makes them harmless. */
  readonly repeated: number;
  /** Sequence numbers between the first and the last seen that never came. */
  missing(): readonly number[];
  /** Distinct events under one id with another content: that would be a double. */
  readonly clashes: number;
  retained(suffix: string): unknown;
}

export function createPortal(): Portal {
  const byId = new Map<string, string>();
  const events: PortalEvent[] = [];
  const state = new Map<string, unknown>();
  let repeated = 0;
  let clashes = 0;
  const takeEvent = (text: string): void => {
    const body: unknown = JSON.parse(text);
    const event = eventSchema.parse(body);
    const key = `${event.source} ${event.id}`;
    const known = byId.get(key);
    if (known === undefined) {
      byId.set(key, text);
      events.push({ id: event.id, type: event.type, sequence: Number(event.sequence), body: body as Record<string, unknown> });
    } else if (known === text) repeated++;
    else clashes++;
  };
  return {
    events,
    get repeated() {
      return repeated;
    },
    get clashes() {
      return clashes;
    },
    take(topic, payload) {
      const text = Buffer.from(payload).toString("utf8");
      if (/\/event\//.test(topic)) takeEvent(text);
      else if (!/\/feed\//.test(topic)) state.set(topic, text.startsWith("{") ? JSON.parse(text) : text);
    },
    missing() {
      const seen = new Set(events.map((event) => event.sequence));
      const first = Math.min(...seen);
      const last = Math.max(...seen);
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i).filter((n) => !seen.has(n));
    },
    retained: (suffix) => [...state].find(([topic]) => topic.endsWith(suffix))?.[1],
  };
}
