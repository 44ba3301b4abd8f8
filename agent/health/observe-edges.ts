/** Writes the conditions that begin and end, and remembers them once they are on disk. */
import type { Evidence } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Judged } from "./judge-device.ts";
import type { Kept, ObserverMemory } from "./observe-memory.ts";

export interface ConditionTold {
  readonly kind: string;
  readonly severity: string;
  readonly causeClass: string;
  readonly evidence: string;
}

export interface EdgeIo {
  readonly store: Pick<Store, "conditions">;
  /** Inside the transaction. */
  onCondition(edge: "opened" | "closed", device: DeviceRow, condition: ConditionTold): void;
}

/** In the caller's transaction. */
export function writeEdges(
  device: DeviceRow,
  { edges }: Pick<Judged, "edges">,
  { atMs, via }: { readonly atMs: Ms; readonly via: Evidence["via"] },
  { store, onCondition }: EdgeIo,
): void {
  for (const { rule, to, words } of edges) {
    const { id: kind, severity, causeClass } = rule;
    const about: ConditionTold = { kind, severity, causeClass, evidence: words };
    if (to === "open") {
      const evidence = [{ via, what: words === "" ? kind : words, atMs }];
      const { opened } = store.conditions.openOnce({ deviceId: device.id, kind, severity, causeClass, sinceMs: atMs, evidence });
      if (opened) onCondition("opened", device, about);
      continue;
    }
    const known = store.conditions.openOf(device.id).find((one) => one.kind === kind);
    if (known !== undefined && store.conditions.close(known.id, atMs)) onCondition("closed", device, about);
  }
}

/** After it is on disk. */
export function rememberJudged(id: DeviceId, { edges, states, usual }: Judged, kept: Kept, memory: ObserverMemory): void {
  for (const [rule, state] of states) {
    if (state === undefined) kept.states.delete(rule);
    else kept.states.set(rule, state);
    memory.touch(id, rule);
  }
  for (const [rule, most] of usual) {
    kept.usual.set(rule, most);
    memory.touch(id, rule);
  }
  for (const { rule, to } of edges) {
    if (to === "open") kept.open.add(rule.id);
    else kept.open.delete(rule.id);
  }
}
