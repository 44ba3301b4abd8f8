/** A real store, its inventory fed with sightings, and a person who decides. */
import { createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { endTasksOf } from "../../../agent/campaigns/unit-gone.ts";
import type { Change } from "../../../agent/discovery/device-row.ts";
import { createInventory, type KeptInventory } from "../../../agent/discovery/inventory.ts";
import { type IdentityVerbs, identityVerbs } from "../../../agent/discovery/verbs.ts";
import type { DeviceFacts, Sighting } from "../../../protocols/core/device.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import type { Store } from "../../../store/store.ts";
import { deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";
import { author } from "../campaigns/kit.ts";

export interface Story {
  readonly store: Store;
  readonly inventory: KeptInventory;
  readonly changes: { readonly id: DeviceId; readonly changes: readonly Change[] }[];
  /** Names that are none any more, with whose they are now. */
  readonly renamed: (readonly [from: DeviceId, to: DeviceId])[];
  /** Moves on by itself with each `see`, a minute at a time. */
  nowMs: number;
  /** One sighting of hardware `number`, now. */
  see(number: number, facts?: DeviceFacts, more?: Partial<Sighting>): DeviceId | undefined;
  /** The person's word; fails the test where it is refused. */
  say<V extends keyof IdentityVerbs>(verb: V, args: Parameters<IdentityVerbs[V]>[0]): Promise<Record<string, unknown>>;
  /** Why it is refused; fails the test where it is not. */
  refused<V extends keyof IdentityVerbs>(verb: V, args: Parameters<IdentityVerbs[V]>[0]): Promise<string>;
}

export function story(store: Store = temporaryStore(), coverageOf?: (id: string) => string | undefined): Story {
  const changes: Story["changes"] = [];
  const note = (row: { id: DeviceId }, list: readonly Change[]) => void changes.push({ id: row.id, changes: list });
  const renamed: Story["renamed"] = [];
  const onRenamed = (from: DeviceId, to: DeviceId) => void renamed.push([from, to]);
  const inventory = createInventory({
    ...{ store, onRenamed, adopt: "all" },
    announce: (_what, row, list) => note(row, list),
    onConflict: () => undefined,
  });
  const made: Story = {
    store,
    inventory,
    changes,
    renamed,
    nowMs: T0,
    see(number, facts = {}, more = {}) {
      made.nowMs += 60_000;
      const atMs = made.nowMs;
      return inventory.note({
        source: "device",
        atMs,
        address: `10.20.0.${number}`,
        facts: { vendor: "Poly", family: "uc-phone", model: "VVX 450", mac: macOf(number), ...facts },
        evidence: [{ via: "https", what: `GET /info of ${number}`, atMs }],
        ...more,
      });
    },
    async say(verb, args) {
      const outcome = await ask(verb, args);
      if (!outcome.ok) throw new Error(`${verb} was refused: ${outcome.message}`);
      return outcome.result as Record<string, unknown>;
    },
    async refused(verb, args) {
      const outcome = await ask(verb, args);
      if (outcome.ok) throw new Error(`${verb} was not refused`);
      return outcome.message;
    },
  };
  const drive = createDriveStore(store, { onTask: () => undefined, onWave: () => undefined, onCampaign: () => undefined });
  const verbs = identityVerbs({
    store,
    inventory,
    coverageOf,
    onRenamed,
    random: seededRandom(5),
    nowMs: () => made.nowMs,
    endTasks: (gone) => endTasksOf(gone, { store, drive }),
    judge: () => ({ verdict: "ask", why: "adopt: ask" }),
    changed: (row, field, was, is) => note(row, [{ field, ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) }]),
  });
  const ask = (verb: keyof IdentityVerbs, args: unknown) =>
    // The table pairs each verb with its own arguments.
    (verbs[verb] as (args: unknown, subject: typeof author, signal: AbortSignal) => ReturnType<IdentityVerbs["place.list"]>)(
      args,
      author,
      new AbortController().signal,
    );
  return made;
}

export { deviceId, macOf, T0 };
export const withoutMac = { mac: undefined } as unknown as { mac: Mac };
