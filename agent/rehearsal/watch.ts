/** Writes down what happens in a rehearsal, as the rows tell it. */
import type { CampaignEvent, CampaignState } from "../../firmware/waves/campaign-state.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import { type Hold, isAtRisk, isFinal, type TaskState } from "../../firmware/waves/task-state.ts";
import { windowView } from "../../firmware/waves/window.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { CampaignEars } from "../campaigns/drive-store.ts";
import type { Counted, PlayEnd, PlayedWave } from "./played.ts";

export interface Watch {
  readonly ears: CampaignEars;
  isOver(device: DeviceId): boolean;
  /** Tasks with an attempt under way; `soaking`: those of them that only have to stay well. */
  moving(): { readonly all: number; readonly soaking: number };
  done(): number;
  /** The last moment at which an attempt began or a task ended. */
  movedMs(): Ms;
  counts(): Readonly<Record<Counted, number>>;
  touched(): number;
  hurt(): number;
  windows(): number;
  waves(): readonly PlayedWave[];
  waits(): (PlayEnd & { at: "stuck" })["waits"];
}

const COUNTED_AS: Partial<Record<TaskState["at"], Counted>> = {
  ...{ succeeded: "succeeded", failed: "failed", lost: "lost", refused: "refused", skipped: "skipped" },
};

export function createWatch(plan: Plan, startMs: Ms, onWave: (index: number, atMs: Ms) => void): Watch {
  const states = new Map<DeviceId, TaskState>();
  const touched = new Set<DeviceId>();
  const openings = new Set<Ms>();
  const waves = new Map<number, { index: number; startMs: Ms; endMs?: Ms; isCommanded: boolean }>();
  const window = windowView(plan.calendar);
  const waits = new Map<DeviceId, Hold["code"]>();
  let moving = 0;
  let soaking = 0;
  let movedMs = startMs;
  const isMoving = (state: TaskState | undefined): boolean => state !== undefined && "attempt" in state;
  const of = (holds: (state: TaskState) => boolean): number => [...states.values()].filter(holds).length;
  return {
    ears: {
      onTask({ row: { device, wave }, event, next, atMs }) {
        moving += Number(isMoving(next)) - Number(isMoving(states.get(device)));
        soaking += Number(next.at === "soaking") - Number(states.get(device)?.at === "soaking");
        states.set(device, next);
        // A closed window is what everybody waits for at night.
        const reason = next.at === "held" ? next.reasons.find(({ code }) => code !== "window" && code !== "start") : undefined;
        if (reason !== undefined) waits.set(device, reason.code);
        if (isMoving(next) || isFinal(next)) movedMs = atMs;
        if (event.kind !== "commandIntended") return;
        touched.add(device);
        const mine = waves.get(wave);
        // A wave is under way long before its window opens.
        if (mine !== undefined && !mine.isCommanded) Object.assign(mine, { startMs: atMs, isCommanded: true });
        openings.add(window.around(atMs)?.fromMs ?? atMs);
      },
      onWave(_campaign, index, event, next, atMs) {
        if (event.kind === "started") {
          waves.set(index, { index, startMs: atMs, isCommanded: false });
          onWave(index, atMs);
        }
        const known = waves.get(index);
        if (next.at === "passed" && known !== undefined) known.endMs = atMs;
      },
      onCampaign: (_campaign, _event: CampaignEvent, _next: CampaignState) => undefined,
    },
    isOver(device) {
      const state = states.get(device);
      return state !== undefined && isFinal(state);
    },
    moving: () => ({ all: moving, soaking }),
    done: () => of(isFinal),
    movedMs: () => movedMs,
    counts() {
      const counts = { succeeded: 0, failed: 0, lost: 0, refused: 0, skipped: 0, waiting: plan.tasks.length };
      for (const { at } of states.values()) {
        const name = COUNTED_AS[at];
        if (name === undefined) continue;
        counts[name]++;
        counts.waiting--;
      }
      return counts;
    },
    touched: () => touched.size,
    hurt: () => of((state) => (state.at === "failed" || state.at === "lost") && isAtRisk(state)),
    windows: () => openings.size,
    waves: () => [...waves.values()].map(({ isCommanded: _, ...wave }) => wave).toSorted((a, b) => a.index - b.index),
    waits() {
      const codes = [...states].flatMap(([device, state]) => (isFinal(state) ? [] : [waits.get(device) ?? ("window" as const)]));
      const byCode = Map.groupBy(codes, (code) => code);
      return [...byCode].map(([code, all]) => ({ code, devices: all.length })).toSorted((a, b) => b.devices - a.devices);
    },
  };
}
