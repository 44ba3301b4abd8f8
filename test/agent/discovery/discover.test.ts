import { expect, test } from "vitest";
import { createDiscovery, type DiscoverIo, type DiscoveryProgress } from "../../../agent/discovery/discover.ts";
import type { Inventory } from "../../../agent/discovery/inventory.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { FieldRequests } from "../../../agent/threads/requests.ts";
import type { DeviceRead, Sighting } from "../../../protocols/core/device.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { manualClock } from "../../../protocols/core/time.ts";

const MAC = "64167faabbcc" as Mac;
const never = new AbortController().signal;
const seen = (facts: Sighting["facts"], address?: string): Sighting => ({
  source: "lldp",
  atMs: 5,
  facts,
  evidence: [],
  ...(address === undefined ? {} : { address }),
});
const read: DeviceRead = { facts: {}, inUse: { state: "idle" }, lines: [], parts: [], reading: {}, evidence: [], faults: [] };

interface Asked {
  readonly name: string;
  readonly input: unknown;
}

function bench(changes: Partial<DiscoverIo> = {}, said?: Readonly<Record<string, readonly Sighting[]>>) {
  const asked: Asked[] = [];
  const noted: Sighting[] = [];
  const reads: { address?: string; atMs: number }[] = [];
  const progress: DiscoveryProgress[] = [];
  const sweeps: PromiseWithResolvers<{ asked: number; answered: number }>[] = [];
  const neighbours: Readonly<Record<string, readonly Sighting[]>> = said ?? {
    "127.0.9.1": [seen({ mac: MAC }), seen({ model: "nobody" })],
  };
  const ask = async (name: string, input: unknown): Promise<unknown> => {
    asked.push({ name, input });
    if (name === "sweep") {
      const sweep = Promise.withResolvers<{ asked: number; answered: number }>();
      sweeps.push(sweep);
      return sweep.promise;
    }
    const known = neighbours[(input as { address: string }).address];
    return known === undefined ? fail({ kind: "unreachable", via: "snmp" }) : ok(known);
  };
  const inventory: Inventory = {
    note(sighting) {
      noted.push(sighting);
      return sighting.facts.mac === undefined ? undefined : (`d-${sighting.facts.mac}` as DeviceId);
    },
    noteRead(_read, at) {
      reads.push(at);
      return undefined;
    },
  };
  const discovery = createDiscovery({
    field: { ask, open: 0, close: async () => undefined } as unknown as Thread<FieldRequests>,
    inventory,
    networks: ["127.0.5.0/24"],
    exclude: ["127.0.5.9/32"],
    switches: ["127.0.9.1"],
    knownSwitches: () => ["127.0.9.2", "127.0.9.1"],
    ratePerSecond: 500,
    newRunId: () => "run-1",
    seed: () => 7,
    clock: manualClock(0),
    log: SILENT,
    onProgress: (next) => progress.push(next),
    ...changes,
  });
  return { discovery, asked, noted, reads, progress, sweeps };
}

test("run(): sweeps the networks, then asks every switch once, and says what came of it", async () => {
  const { discovery, asked, progress, sweeps } = bench();
  const done = discovery.run(undefined, never);
  sweeps[0]?.resolve({ asked: 253, answered: 12 });
  expect(await done).toEqual({
    asked: 253,
    answered: 12,
    switches: 2,
    neighbours: 1,
    faults: [{ switch: "127.0.9.2", fault: { kind: "unreachable", via: "snmp" } }],
  });
  expect(asked).toEqual([
    { name: "sweep", input: { runId: "run-1", networks: ["127.0.5.0/24"], exclude: ["127.0.5.9/32"], ratePerSecond: 500, seed: 7 } },
    { name: "neighbours", input: { address: "127.0.9.1" } },
    { name: "neighbours", input: { address: "127.0.9.2" } },
  ]);
  expect(progress.map(({ phase }) => phase)).toEqual(["switches", "switches", "done"]);
  expect(discovery.progress).toEqual({ phase: "done", asked: 253, total: 253, found: 12 });
});

test("run(): a pass under way is joined; other networks, or a pass after its end, are passes of their own", async () => {
  const { discovery, sweeps } = bench({ switches: [], knownSwitches: () => [] });
  const first = discovery.run(undefined, never);
  const joined = discovery.run(undefined, never);
  const other = discovery.run(["127.0.5.128/25"], never);
  for (const sweep of sweeps) sweep.resolve({ asked: 1, answered: 0 });
  expect(sweeps).toHaveLength(2);
  expect(await joined).toBe(await first);
  await other;
  const again = discovery.run(undefined, never);
  expect(sweeps).toHaveLength(3);
  sweeps[2]?.resolve({ asked: 1, answered: 0 });
  await again;
});

test("run(): a pass that fails is not joined by the next one", async () => {
  const { discovery, sweeps } = bench({ switches: [], knownSwitches: () => [] });
  const first = discovery.run(undefined, never);
  sweeps[0]?.reject(new Error("thread gone"));
  await expect(first).rejects.toThrow("thread gone");
  const second = discovery.run(undefined, never);
  sweeps[1]?.resolve({ asked: 2, answered: 1 });
  expect(await second).toMatchObject({ asked: 2 });
});

test("onEvent(): sightings and reads go to the inventory, progress is kept", () => {
  const { discovery, noted, reads, progress } = bench();
  const at = seen({ mac: MAC }, "127.0.5.1");
  discovery.onEvent({ kind: "sighting", runId: "run-1", sighting: at, read });
  discovery.onEvent({ kind: "sighting", runId: "run-1", sighting: at });
  discovery.onEvent({ kind: "sighting", runId: "run-1", sighting: seen({ mac: MAC }), read });
  discovery.onEvent({ kind: "sweepProgress", runId: "run-1", asked: 64, total: 253, found: 3 });
  expect(noted).toHaveLength(3);
  expect(reads).toEqual([{ address: "127.0.5.1", atMs: 5 }]);
  expect(progress).toEqual([{ phase: "sweep", asked: 64, total: 253, found: 3 }]);
});

test("foreign(), run(): only parts of the configured networks may be asked", async () => {
  const { discovery, asked } = bench();
  expect(discovery.foreign(["127.0.5.0/24", "127.0.5.8/29", "127.0.5.7"])).toBeUndefined();
  for (const text of ["127.0.6.0/24", "127.0.4.0/23", "0.0.0.0/0", "fd00::/64", "nonsense"]) {
    expect(discovery.foreign(["127.0.5.7", text])).toBe(text);
    await expect(discovery.run([text], never)).rejects.toThrow("is not a configured one");
  }
  expect(asked).toEqual([]);
});

test("run(): a switch leads nobody out of the networks: its port still counts, a router's word does not", async () => {
  const port = { switchAddress: "127.0.9.1", name: "Gi1" };
  const said = [
    seen({ mac: MAC }, "127.0.5.8"),
    { ...seen({ mac: MAC, name: "plugged in" }, "192.0.2.9"), port },
    seen({ mac: MAC, name: "routed" }, "192.0.2.9"),
    seen({ mac: MAC, name: "excluded" }, "127.0.5.9"),
  ];
  const { discovery, noted, sweeps } = bench({ knownSwitches: () => [] }, { "127.0.9.1": said });
  const done = discovery.run(undefined, never);
  sweeps[0]?.resolve({ asked: 1, answered: 1 });
  await done;
  expect(noted.map(({ facts, address }) => [facts.name, address])).toEqual([
    [undefined, "127.0.5.8"],
    ["plugged in", undefined],
  ]);
});
