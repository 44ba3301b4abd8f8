/** Work on the outbox and on incidents, the same for the same seed: each step is one transaction. */
import { createHash } from "node:crypto";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import type { OutboxKind } from "../../../store/outbox.ts";
import type { Sql } from "../../../store/sql.ts";
import type { Store } from "../../../store/store.ts";

export const T0 = Date.UTC(2026, 10, 22, 20);
export const STEPS = 160;
const DEVICES = 5;
const KINDS = ["event", "ticket", "state", "health", "reply"] as const satisfies readonly OutboxKind[];

/** Everything the cut may not touch. */
const TABLES = ["outbox", "outbox_waiting", "outbox_load", "counters", "conditions", "incidents", "incident_conditions"] as const;

export function runStep(store: Store, step: number): void {
  const random = seededRandom(step);
  const nowMs = T0 + step * 1_000;
  store.transaction(() => {
    if (step === 1) for (let number = 1; number <= DEVICES; number++) saveDevice(store, number);
    for (let i = random.below(6); i >= 0; i--) tell(store, nowMs, random.below(KINDS.length), random.below(3_000));
    const open = store.incidents.listOpen();
    const chosen = open[random.below(Math.max(1, open.length))];
    const what = random.below(4);
    if (chosen === undefined || what === 0) openIncident(store, step, nowMs);
    else if (what === 1) store.incidents.close(chosen.id, nowMs);
    else {
      const { condition } = store.conditions.openOnce({ ...aCondition, deviceId: deviceId(1 + random.below(DEVICES)), sinceMs: nowMs });
      store.incidents.join(chosen.id, condition.id);
    }
    if (random.below(3) === 0) {
      const rows = store.outbox.next("people", { limit: 5, bytesMax: 1e6 });
      store.outbox.markPublished(rows.map(({ seq }) => seq));
    }
    if (random.below(10) === 0) store.outbox.resend({ after: step, limit: 3 });
    if (random.below(5) === 0) store.outbox.prune({ keptBeforeMs: nowMs - 60_000, keptMax: 50, healthBeforeMs: 0, healthBytesMax: 20_000 });
  });
}

const deviceId = (number: number): DeviceId => `d-s-${100 + number}` as DeviceId;

function saveDevice(store: Store, number: number): void {
  store.devices.save({
    ...{ id: deviceId(number), name: `Phone ${number}`, managedBy: "none", availability: "online", inUse: { state: "idle" } },
    ...{ lines: [], parts: [], firstSeenMs: T0, lastSeenMs: T0, adopted: true },
  });
}

const aCondition = { kind: "deviceOffline", severity: "error", causeClass: "network", evidence: [] } as const;

function openIncident(store: Store, step: number, nowMs: number): void {
  const { id } = store.conditions.open({ ...aCondition, deviceId: deviceId(1 + (step % DEVICES)), sinceMs: nowMs });
  store.incidents.open({ cause: `switch ${step % 7}`, sinceMs: nowMs, conditions: [id] });
}

function tell(store: Store, atMs: number, which: number, bytes: number): void {
  const kind = KINDS[which] ?? "event";
  const number = store.outbox.nextSequence(kind === "health" ? "health" : "event");
  store.outbox.add({ topic: `t/${bytes % 9}`, payload: Buffer.alloc(bytes, number), retain: kind === "state", qos: 1, kind, atMs, number });
}

/** What the tables hold, as a hash over every cell. */
export function contentOf(sql: Sql): string {
  const hash = createHash("sha256");
  for (const table of TABLES) {
    for (const row of sql.all(`select * from ${table} order by 1, 2`)) {
      for (const [name, value] of Object.entries(row))
        hash
          .update(`${table}.${name}=`)
          .update(Buffer.isBuffer(value) ? value : `${value}`)
          .update("\0");
    }
  }
  return hash.digest("hex");
}
