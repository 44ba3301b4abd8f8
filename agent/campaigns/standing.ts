/**
 * Which image each phone runs and is to stay on: that of its last update of ours that went well, as long as it runs its
 * version. From the rows alone; the depot thread is told at the start and whenever one of them may have changed.
 */
import { createHash } from "node:crypto";
import { legAt } from "../../firmware/waves/legs.ts";
import { notAboveOf } from "../../firmware/waves/lower.ts";
import type { PlannedTask } from "../../firmware/waves/shape.ts";
import { legOf } from "../../firmware/waves/task-state.ts";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { loopTurn } from "../../protocols/core/time.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { TaskRow } from "../../store/tasks.ts";
import type { Log } from "../log.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { DepotRequests, StandingOrder } from "../threads/depot-requests.ts";

export interface StandingIo {
  readonly store: Pick<Store, "tasks" | "attempts" | "campaigns" | "devices">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  readonly log: Log;
}

export interface Standing {
  /** This device's task or version changed, maybe in a transaction that is not over: it is looked at soon. */
  note(device: DeviceId): void;
  /** All of them, in place of whatever the depot thread was told before. */
  tellAll(): Promise<void>;
  /** Resolves when what was noted has been told. */
  settled(): Promise<void>;
}

/** The task and leg whose image stands for the device. `held`: it was given the image and has not answered yet. */
export interface StandingLeg {
  readonly task: TaskRow;
  readonly planned: PlannedTask;
  /** Index of the leg. */
  readonly leg: number;
  readonly held: boolean;
}

/**
 * @param rows  tasks of one device that gave it an image, newest first
 * @param plannedOf  what was planned for a task; one whose plan is gone stands for nothing
 */
export function standingLeg(
  rows: readonly TaskRow[],
  running: string | undefined,
  plannedOf: (task: TaskRow) => PlannedTask | undefined,
): StandingLeg | undefined {
  for (const task of rows) {
    const planned = plannedOf(task);
    if (planned === undefined) continue;
    const { state } = task;
    // It may come back on either version. Named but not given, the image keeps it on whichever that is until it is read.
    if (state.at === "rebooting") return { task, planned, leg: state.attempt.leg, held: true };
    const given = legOf(state, planned.legs.length) + (state.at === "verifying" || state.at === "soaking" ? 1 : 0);
    // An Updater's image is given once; the application's is what a phone asks for at every start.
    const leg = planned.legs.slice(0, given).findLastIndex(({ kind, to }) => kind !== "updater" && to === running);
    if (leg >= 0) return { task, planned, leg, held: false };
  }
  return undefined;
}

/** Not the attempt's own, which died with it; the same after every start, so that a phone's master file stays as it is. */
export const standingToken = (attemptToken: string, leg: number): string =>
  createHash("sha256").update(`standing ${attemptToken} ${leg}`).digest("hex").slice(0, 32);

/** Devices looked at before other work has its turn. */
const AT_ONCE = 100;

export function createStanding({ store, depot, log }: StandingIo): Standing {
  const noted = new Set<DeviceId>();
  let told: Promise<void> | undefined;

  const orderOf = (row: DeviceRow): StandingOrder | undefined => {
    const { mac } = row;
    const rows = mac === undefined ? [] : store.tasks.gaveImage(row.id);
    const plannedOf = ({ campaign, id }: TaskRow): PlannedTask | undefined =>
      store.campaigns.load(campaign)?.plan.tasks.find((planned) => planned.id === id);
    const found = standingLeg(rows, row.running, plannedOf);
    if (found === undefined || found.planned.mac !== mac) return undefined;
    const { planned, leg } = found;
    const token = store.attempts.ofTask(found.task.id)[0]?.token;
    const recipe = familyOf(planned.family)?.update;
    const { partNumber } = planned;
    if (token === undefined || partNumber === undefined || recipe === undefined || recipe.offer === "updateServer") return undefined;
    const { image, release, to, kind } = legAt(planned, leg);
    return {
      ...{ token: standingToken(token, leg), mac, sha256: image, release, ...notAboveOf({ from: to, to, kind }) },
      ...{ held: found.held, imageName: recipe.imageName, partNumbers: [partNumber], model: planned.model },
      ...(row.address === undefined ? {} : { seenAt: row.address }),
    };
  };

  const tell = async (input: DepotRequests["stand"]["input"]): Promise<void> => {
    if (!input.whole && input.images.length + input.ended.length === 0) return;
    try {
      const { missing } = await depot.ask("stand", input);
      if (missing.length > 0) log.warn("images that devices run are gone from the depot; the devices stay on them", { images: missing });
    } catch (error) {
      // A depot thread that starts anew is told all of them.
      if (!(error instanceof ThreadGone)) throw error;
    }
  };

  const tellSome = async (some: readonly DeviceId[]): Promise<void> => {
    const images: StandingOrder[] = [];
    const ended: Mac[] = [];
    for (const device of some) {
      const row = store.devices.load(device);
      const order = row === undefined ? undefined : orderOf(row);
      if (order !== undefined) images.push(order);
      else if (row?.mac !== undefined) ended.push(row.mac);
    }
    await tell({ images, ended, whole: false });
  };

  const tellNoted = async (): Promise<void> => {
    try {
      while (noted.size > 0) {
        await loopTurn();
        const some = [...noted].slice(0, AT_ONCE);
        for (const device of some) noted.delete(device);
        await tellSome(some);
      }
    } catch (error) {
      // One that could not be told keeps neither the next from being told nor an offer from being withdrawn.
      log.error("the images that stand could not be told", { error });
    } finally {
      told = undefined;
    }
  };

  return {
    note(device) {
      noted.add(device);
      told ??= tellNoted();
    },
    async tellAll() {
      const images: StandingOrder[] = [];
      const devices = store.tasks.devicesGivenImages();
      for (const [i, device] of devices.entries()) {
        if (i % AT_ONCE === AT_ONCE - 1) await loopTurn();
        const row = store.devices.load(device);
        const order = row === undefined ? undefined : orderOf(row);
        if (order !== undefined) images.push(order);
      }
      await tell({ images, ended: [], whole: true });
    },
    settled: async () => told,
  };
}
