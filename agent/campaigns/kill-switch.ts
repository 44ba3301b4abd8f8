/**
 * The kill switch at work: rows that outlive a restart, commands that are stopped on their way, images that stop at once.
 */
import { coversTask, type Kill, type KillScope, killsOf, sameScope } from "../../firmware/waves/kill.ts";
import type { DriveDevices } from "../../firmware/waves/ports.ts";
import type { PlannedTask } from "../../firmware/waves/shape.ts";
import { fail } from "../../protocols/core/fault.ts";
import type { KillRow } from "../../store/kills.ts";
import { StoreError } from "../../store/sql.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import type { Threads } from "../threads/start.ts";

export interface KillSwitchIo {
  readonly store: Pick<Store, "transaction" | "kills">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  /** Commands to devices leave from there. */
  readonly field: { ping(signal: AbortSignal): Promise<void> };
  /** Real milliseconds a thread has to say that it has stopped. */
  readonly patience: () => AbortSignal;
  readonly log: Log;
}

/** Of one stop. */
export interface Stopped {
  /** Newly on; what was on before stays as it was. */
  readonly isNew: boolean;
  /** The row is on disk. Where the disk does not take it, it holds until the agent ends. */
  readonly isKept: boolean;
  readonly row: KillRow;
  /** Who has not said yet that nothing leaves any more. */
  readonly unheard: readonly ("images" | "commands")[];
}

export interface KillSwitch {
  list(): readonly KillRow[];
  /** @param within  runs in the transaction of the row, where it is new */
  on(row: KillRow, within: () => void): Promise<Stopped>;
  /** @returns `false` where it was not on */
  off(scope: KillScope, within: () => void): Promise<boolean>;
  /** The depot thread has started and knows nothing: said before it is given any image. */
  tellDepot(): Promise<void>;
  /** Runs a command to a device; its signal aborts where the switch is turned for the task meanwhile. */
  guard<T>(planned: Pick<PlannedTask, "legs" | "model">, run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Why a command to a device was cut off. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** The same way to a device, cut off where the switch is turned for its task meanwhile. */
export function stoppable(trigger: DriveDevices["trigger"], kills: Pick<KillSwitch, "guard">): DriveDevices["trigger"] {
  return async (errand, signal) => {
    try {
      return await kills.guard(errand.planned, (killed) => trigger(errand, AbortSignal.any([signal, killed])));
    } catch (error) {
      // It may have left just before.
      if (error instanceof Killed) return fail({ fault: { kind: "cancelled", by: "operator" }, certain: false });
      throw error;
    }
  };
}

/** Real milliseconds. A thread answers within one turn of its loop; who stops everything waits no longer for its word. Guessed. */
const PATIENCE_MS = 5_000;

export function openKillSwitch(store: KillSwitchIo["store"], { depot, field }: Pick<Threads, "depot" | "field">, log: Log): KillSwitch {
  return createKillSwitch({ store, depot, field, patience: () => AbortSignal.timeout(PATIENCE_MS), log });
}

export function createKillSwitch({ store, depot, field, patience, log }: KillSwitchIo): KillSwitch {
  /** On, and not on disk. */
  let unkept: readonly KillRow[] = [];
  const commands = new Map<AbortController, Pick<PlannedTask, "legs" | "model">>();

  const list = (): readonly KillRow[] => {
    const kept = store.kills.list();
    return [...kept, ...unkept.filter(({ scope }) => !kept.some((row) => sameScope(row.scope, scope)))];
  };
  const bar = async (signal?: AbortSignal): Promise<void> => {
    try {
      await depot.ask("bar", { scopes: list().map(({ scope }) => scope) }, signal);
    } catch (error) {
      // With the thread all its connections have ended; the next one is told before anything else.
      if (!(error instanceof ThreadGone)) throw error;
    }
  };
  const heard = async (waits: Promise<void>, what: "images" | "commands"): Promise<readonly ("images" | "commands")[]> => {
    try {
      await waits;
      return [];
    } catch (error) {
      if (!(error instanceof ThreadGone)) log.error("the kill switch is on, and a thread has not said that it stopped", { what, error });
      return error instanceof ThreadGone ? [] : [what];
    }
  };
  const keep = (row: KillRow, within: () => void): { readonly isNew: boolean; readonly isKept: boolean } => {
    try {
      return store.transaction(() => {
        const isNew = store.kills.add(row);
        if (isNew) within();
        return { isNew, isKept: true };
      });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error("the database did not take the kill switch; it holds until the agent ends", { error });
      const isNew = !unkept.some(({ scope }) => sameScope(scope, row.scope));
      if (isNew) unkept = [...unkept, row];
      return { isNew, isKept: false };
    }
  };

  return {
    list,
    async on(row, within) {
      const kept = keep(row, within);
      for (const [command, planned] of commands) if (coversTask(row.scope, planned)) command.abort(new Killed());
      const signal = patience();
      // A command that was cut off has left that thread when it answers what it was asked after it.
      const unheard = await Promise.all([heard(bar(signal), "images"), heard(field.ping(signal), "commands")]);
      const stands = list().find(({ scope }) => sameScope(scope, row.scope)) ?? row;
      return { ...kept, row: stands, unheard: unheard.flat() };
    },
    async off(scope, within) {
      const wasOn = list().some((row) => sameScope(row.scope, scope));
      if (!wasOn) return false;
      store.transaction(() => {
        store.kills.remove(scope);
        within();
      });
      unkept = unkept.filter((row) => !sameScope(row.scope, scope));
      await bar();
      return true;
    },
    tellDepot: () => bar(),
    async guard(planned, run) {
      const command = new AbortController();
      if (killsOf<Kill>(list(), planned).length > 0) command.abort(new Killed());
      commands.set(command, planned);
      try {
        return await run(command.signal);
      } finally {
        commands.delete(command);
      }
    },
  };
}
