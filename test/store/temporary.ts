/** Real files in folders that go away with the test, and rows to fill them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Plan, PlannedTask } from "../../firmware/waves/shape.ts";
import { type CampaignId, type DeviceId, type Mac, type Sha256, taskIdOf } from "../../protocols/core/ids.ts";
import type { DeviceRow } from "../../store/devices.ts";
import { openFile, openStore, type Store } from "../../store/open.ts";
import type { OutboxRow } from "../../store/outbox.ts";
import type { Sql } from "../../store/sql.ts";

export const T0 = Date.UTC(2026, 10, 22, 20);

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function storeIn(directory: string): Store {
  const store = openStore({ directory, nowMs: T0 });
  onTestFinished(() => store.close());
  return store;
}

export function temporaryStore(): Store {
  return storeIn(temporaryFolder());
}

/** All that waits in the outbox, in the order of writing. */
export function waitingIn({ outbox }: Pick<Store, "outbox">): readonly OutboxRow[] {
  const ask = { limit: 100_000, bytesMax: Number.MAX_SAFE_INTEGER };
  return (["people", "state", "health"] as const).flatMap((lane) => outbox.next(lane, ask)).toSorted((a, b) => a.seq - b.seq);
}

/** Behind the store's back: what a person with a SQL tool, or a damaged disk, could do. */
export function rawly<T>(file: string, act: (sql: Sql) => T): T {
  const sql = openFile(file, "FULL");
  try {
    return act(sql);
  } finally {
    sql.close();
  }
}

export function deviceId(number: number): DeviceId {
  return `d-${macOf(number)}` as DeviceId;
}

export function macOf(number: number): Mac {
  return `64167f${number.toString(16).padStart(6, "0")}` as Mac;
}

export function device(number: number, changes: Partial<DeviceRow> = {}): DeviceRow {
  return {
    id: deviceId(number),
    mac: macOf(number),
    name: `Phone ${number}`,
    managedBy: "none",
    availability: "online",
    inUse: { state: "idle" },
    lines: [],
    parts: [],
    firstSeenMs: T0,
    lastSeenMs: T0,
    adopted: true,
    ...changes,
  };
}

export const CAMPAIGN = "c-test" as CampaignId;
export const HASH = "ab".repeat(32) as Sha256;

/** A plan as far as the store looks at it: tasks and waves. */
export function planOf(numbers: readonly number[], campaign: CampaignId = CAMPAIGN): Plan {
  const tasks = numbers.map((number) => ({ id: taskIdOf(campaign, deviceId(number)), device: deviceId(number) }) as PlannedTask);
  const canary = { index: 1, tasks: tasks.slice(0, 1).map((task) => task.id), failuresAllowed: 0, soakMs: 1_000, proof: [] };
  const rest = { index: 2, tasks: tasks.slice(1).map((task) => task.id), failuresAllowed: 0, soakMs: 1_000, proof: [] };
  const partial: Partial<Plan> = { schema: "groundswell.plan/1", campaign, tasks, waves: [canary, rest], domains: [], heldBack: [] };
  return { ...partial, policy: {} } as Plan;
}

/** Devices 1 to 3, a campaign with them in two waves. */
export function storeWithCampaign(directory: string = temporaryFolder()): Store {
  const store = storeIn(directory);
  store.transaction(() => {
    for (const number of [1, 2, 3]) store.devices.save(device(number));
    const plan = planOf([1, 2, 3]);
    store.campaigns.create({
      id: CAMPAIGN,
      state: { at: "planned" },
      plan,
      planHash: HASH,
      waves: [
        { index: 1, state: { at: "pending" } },
        { index: 2, state: { at: "pending" } },
      ],
      atMs: T0,
    });
    store.tasks.createAll(CAMPAIGN, plan, T0);
  });
  return store;
}

export function taskOf(number: number) {
  return taskIdOf(CAMPAIGN, deviceId(number));
}
