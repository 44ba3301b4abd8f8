/** Deaths of the process at a write, before or after it is on disk; and every write that lasts, shown to whoever watches. */
import type { Life } from "../../../agent/rehearsal/hands.ts";
import type { DriveStore } from "../../../firmware/waves/ports.ts";
import type { Store } from "../../../store/store.ts";
import type { Step } from "./steps.ts";

/** Ends whatever a dead process was doing. */
export class Killed extends Error {
  override readonly name = "Killed";
}

export interface DeathIo {
  readonly tell: (step: Step) => void;
  /** Asked at each write: does the process die here? */
  readonly diesHere: () => boolean;
  readonly kill: () => void;
}

export interface Deaths {
  /** The store for what a life does: nothing is written by the dead, and what an outer transaction undoes is not shown. */
  storeOf(store: Store, life: Life): Store;
  rowsOf(rows: DriveStore, life: Life): DriveStore;
}

export function createDeaths(io: DeathIo): Deaths {
  let depth = 0;
  let waiting: Step[] = [];
  const alive = (life: Life): void => {
    if (life.isDead) throw new Killed();
  };
  const dieIfDue = (): void => {
    if (depth > 0 || !io.diesHere()) return;
    io.kill();
    throw new Killed();
  };
  const show = (step: Step): void => {
    if (depth > 0) waiting.push(step);
    else io.tell(step);
  };
  /** One write: maybe the last one, maybe never done. */
  const write = <T>(life: Life, act: () => T, step: (value: T) => Step | undefined): T => {
    alive(life);
    dieIfDue();
    const value = act();
    const shown = step(value);
    if (shown !== undefined) {
      show(shown);
      dieIfDue();
    }
    return value;
  };
  const within = <T>(life: Life, transaction: (run: () => T) => T, run: () => T): T => {
    alive(life);
    dieIfDue();
    depth++;
    let value: T;
    try {
      value = transaction(run);
    } catch (error) {
      if (depth === 1) waiting = [];
      throw error;
    } finally {
      depth--;
    }
    if (depth > 0) return value;
    const lasting = waiting;
    waiting = [];
    for (const step of lasting) io.tell(step);
    if (lasting.length > 0) dieIfDue();
    return value;
  };
  return {
    storeOf: (store, life) => ({
      ...store,
      transaction: (run) => within(life, store.transaction, run),
      kills: {
        ...store.kills,
        add: (row) =>
          write(
            life,
            () => store.kills.add(row),
            (isNew) => (isNew ? { kind: "switched", on: true, scope: row.scope } : undefined),
          ),
        remove: (scope) =>
          write(
            life,
            () => store.kills.remove(scope),
            (wasOn) => (wasOn ? { kind: "switched", on: false, scope } : undefined),
          ),
      },
    }),
    rowsOf: (rows, life) => ({
      ...rows,
      together: (run) => within(life, rows.together, run),
      applyTask: (change) =>
        write(
          life,
          () => rows.applyTask(change),
          (done) => (done ? { kind: "task", change } : undefined),
        ),
      reserve: (change, baseline) =>
        write(
          life,
          () => rows.reserve(change, baseline),
          (taken) => (taken.ok ? { kind: "task", change } : undefined),
        ),
      applyWave: (campaign, row, event, next, atMs) =>
        write(
          life,
          () => rows.applyWave(campaign, row, event, next, atMs),
          (done) => (done ? { kind: "wave", campaign, index: row.index, before: row.state, event, next } : undefined),
        ),
      applyCampaign: (row, event, next, atMs) =>
        write(
          life,
          () => rows.applyCampaign(row, event, next, atMs),
          (done) => (done ? { kind: "campaign", campaign: row.id, before: row.state, event, next } : undefined),
        ),
    }),
  };
}
