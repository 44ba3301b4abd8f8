/** What the gates of a simulated campaign are shown: readings of simulated phones, where the agent has its history. */
import type { Readings } from "../../fixtures/fleet/readings.ts";
import type { Time } from "../../fixtures/fleet/time.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { Random } from "../../protocols/core/random.ts";
import { type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { HealthEvidenceIo } from "../campaigns/health-evidence.ts";
import type { Life } from "./hands.ts";

export interface EvidenceIo {
  readonly time: Time;
  readonly random: Random;
  readonly store: Store;
  readonly readings: Pick<Readings, "latest" | "window" | "take">;
}

/** A reading on demand takes a moment, and fails where the device says nothing. */
export function evidenceOf({ store, time, random, readings }: EvidenceIo, life: Life): HealthEvidenceIo {
  const history = { latest: readings.latest } as HealthEvidenceIo["store"]["history"];
  const ask = async (name: string, input: { readonly deviceId: string; readonly fromMs: Ms; readonly toMs: Ms }) => {
    // Nothing is kept of the weeks before.
    if (name === "story") return { series: [] };
    if (name !== "window" && name !== "series") throw new Bug(`A simulated history was asked for "${name}"`);
    const found = readings.window(input.deviceId as string, input.fromMs, input.toMs);
    if (name === "window") return found;
    return found.flatMap(({ atMs, reading: { inCall } }) => (inCall === undefined ? [] : [{ atMs, value: inCall }]));
  };
  return {
    store: { history, tasks: store.tasks, attempts: store.attempts, devices: store.devices },
    history: { ask } as unknown as HealthEvidenceIo["history"],
    poller: {
      refresh: (device) =>
        new Promise((resolve) => {
          time.after(100 + random.below(3 * SECOND), () => {
            if (life.isDead) return;
            const reading = readings.take(device);
            resolve(reading === undefined ? undefined : { facts: {}, reading });
          });
        }),
    },
    clock: time.agent,
    staleAfterMs: 240 * SECOND,
  };
}
