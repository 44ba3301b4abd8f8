import { expect, test } from "vitest";
import { createDiscovery, type DiscoverIo, type DiscoveryProgress } from "../../../agent/discovery/discover.ts";
import type { Inventory } from "../../../agent/discovery/inventory.ts";
import type { SweepSummary } from "../../../agent/discovery/sources/sweep.ts";
import { NOTHING_FOUND } from "../../../agent/discovery/sources/sweep-course.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { FieldRequests } from "../../../agent/threads/requests.ts";
import type { DeviceRead, Sighting } from "../../../protocols/core/device.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { temporaryStore } from "../../store/temporary.ts";

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

const PACE = { ratePerSecond: 500, ratePerSubnet: 400, timeoutMs: 1_000, retries: 1, allowPublic: false };
const swept = (asked: number, answered: number): SweepSummary => ({ asked, answered, spared: 0 });
const STATE = { ...NOTHING_FOUND, position: 0, waiting: [] };

interface Asked {
  readonly name: string;
  readonly input: unknown;
}

function bench(changes: Partial<DiscoverIo> = {}, said?: Readonly<Record<string, readonly Sighting[]>>, store = temporaryStore()) {
  let runs = 0;
  const asked: Asked[] = [];
  const noted: Sighting[] = [];
  const reads: { address?: string; atMs: number }[] = [];
  const progress: DiscoveryProgress[] = [];
  const sweeps: PromiseWithResolvers<SweepSummary>[] = [];
  const neighbours: Readonly<Record<string, readonly Sighting[]>> = said ?? {
    "127.0.9.1": [seen({ mac: MAC }), seen({ model: "nobody" })],
  };
  const ask = async (name: string, input: unknown, signal?: AbortSignal): Promise<unknown> => {
    asked.push({ name, input });
    if (name === "sweep") {
      const sweep = Promise.withResolvers<SweepSummary>();
      sweeps.push(sweep);
      signal?.addEventListener("abort", () => sweep.reject(signal.reason));
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
    store,
    networks: ["127.0.5.0/24", "127.0.9.2"],
    exclude: ["127.0.5.9/32"],
    switches: ["127.0.9.1"],
    knownSwitches: () => ["127.0.9.2", "127.0.9.1"],
    watched: () => ["127.0.5.8"],
    knownSix: async () => ["fd00::8", "fd00::7", "fd00:1::9", "fd00::7"],
    pace: PACE,
    newRunId: () => `run-${++runs}`,
    seed: () => 7,
    clock: manualClock(0),
    log: SILENT,
    onProgress: (next) => progress.push(next),
    ...changes,
  });
  return { discovery, asked, noted, reads, progress, sweeps, store };
}

test("run(): sweeps the networks, then asks every switch once, and says what came of it", async () => {
  const { discovery, asked, progress, sweeps } = bench();
  const done = discovery.run(undefined, never);
  sweeps[0]?.resolve(swept(253, 12));
  expect(await done).toEqual({
    asked: 253,
    answered: 12,
    spared: 0,
    switches: 2,
    neighbours: 1,
    faults: [{ switch: "127.0.9.2", fault: { kind: "unreachable", via: "snmp" } }],
  });
  expect(asked).toEqual([
    {
      name: "sweep",
      input: {
        ...{ runId: "run-1", networks: ["127.0.5.0/24", "127.0.9.2"], seed: 7, light: false, from: STATE, spared: ["127.0.5.8"], ...PACE },
        exclude: ["127.0.5.9/32", "127.0.5.0/32", "127.0.5.255/32"],
      },
    },
    { name: "neighbours", input: { address: "127.0.9.1" } },
    { name: "neighbours", input: { address: "127.0.9.2" } },
  ]);
  expect(progress.map(({ phase }) => phase)).toEqual(["switches", "switches", "done"]);
  expect(discovery.progress?.phase).toBe("done");
});

test("run(): a pass under way is joined; other networks, or a pass after its end, are passes of their own", async () => {
  const { discovery, sweeps } = bench({ switches: [], knownSwitches: () => [] });
  const first = discovery.run(undefined, never);
  const joined = discovery.run(undefined, never);
  const other = discovery.run(["127.0.5.128/25"], never);
  for (const sweep of sweeps) sweep.resolve(swept(1, 0));
  expect(sweeps).toHaveLength(2);
  expect(await joined).toBe(await first);
  await other;
  const again = discovery.run(undefined, never);
  expect(sweeps).toHaveLength(3);
  sweeps[2]?.resolve(swept(1, 0));
  await again;
});

test("run(): a pass that fails is not joined by the next one", async () => {
  const { discovery, sweeps } = bench({ switches: [], knownSwitches: () => [] });
  const first = discovery.run(undefined, never);
  sweeps[0]?.reject(new Error("thread gone"));
  await expect(first).rejects.toThrow("thread gone");
  const second = discovery.run(undefined, never);
  await Promise.resolve();
  sweeps[1]?.resolve(swept(2, 1));
  expect(await second).toMatchObject({ asked: 2, resumed: true });
});

test("onEvent(): sightings and reads go to the inventory, progress is kept", () => {
  const { discovery, noted, reads, progress } = bench();
  const at = seen({ mac: MAC }, "127.0.5.1");
  const run = { runId: "run-1", state: STATE };
  discovery.onEvent({ kind: "sighting", ...run, sighting: at, read });
  discovery.onEvent({ kind: "sighting", ...run, sighting: at });
  discovery.onEvent({ kind: "sighting", ...run, sighting: seen({ mac: MAC }), read });
  const seenSoFar = { asked: 64, total: 253, found: 3, byFamily: { "uc-phone": 3 }, spared: 0, packetsPerSecond: 500, leftMs: 9_000 };
  discovery.onEvent({ kind: "sweepProgress", ...run, progress: seenSoFar });
  expect(noted).toHaveLength(3);
  expect(reads).toEqual([{ address: "127.0.5.1", atMs: 5 }]);
  expect(progress).toEqual([{ phase: "sweep", ...seenSoFar }]);
});

test("onEvent(): how far the sweep is is kept with the sighting, or neither is", async () => {
  const inventory = (fails: boolean): Inventory => ({
    note: (sighting) => {
      store.places.fromSettings({ mac: MAC, name: sighting.facts.model ?? "", duties: [] }, 0);
      if (fails) throw new Error("disk full");
      return undefined;
    },
    noteRead: () => undefined,
  });
  const store = temporaryStore();
  const sighting = seen({ mac: MAC, model: "VVX 411" }, "127.0.5.1");
  const event = { kind: "sighting", runId: "run-1", sighting, state: { ...STATE, position: 9, found: 1, waiting: ["127.0.5.3"] } } as const;
  const broken = bench({ inventory: inventory(true) }, {}, store);
  void broken.discovery.run(undefined, never);
  await broken.store.sweeps.list(1);
  expect(() => broken.discovery.onEvent(event)).toThrow("disk full");
  expect([store.places.ofMac(MAC), store.sweeps.unfinished()[0]?.position]).toEqual([undefined, 0]);
  bench({ inventory: inventory(false) }, {}, store).discovery.onEvent(event);
  expect(store.places.ofMac(MAC)?.name).toBe("VVX 411");
  expect(store.sweeps.unfinished()[0]).toMatchObject({ position: 9, found: 1, waiting: ["127.0.5.3"] });
});

test("run(): what an agent before this one began is gone on with from where it was", async () => {
  const first = bench({ switches: [], knownSwitches: () => [] });
  void first.discovery.run(undefined, never).catch(() => undefined);
  await Promise.resolve();
  first.discovery.onEvent({
    ...{
      kind: "sweepProgress",
      runId: "run-1",
      state: { ...STATE, position: 120, waiting: ["127.0.5.4"], found: 3, byFamily: { hdx: 3 } },
    },
    progress: { ...NOTHING_FOUND, asked: 120, total: 253, packetsPerSecond: 500 },
  });
  const second = bench({ switches: [], knownSwitches: () => [], seed: () => 99 }, {}, first.store);
  const done = second.discovery.run(undefined, never);
  await Promise.resolve();
  expect(second.asked[0]?.input).toMatchObject({
    ...{ runId: "run-1", seed: 7 },
    from: { position: 120, waiting: ["127.0.5.4"], found: 3, byFamily: { hdx: 3 } },
  });
  second.sweeps[0]?.resolve(swept(253, 5));
  expect(await done).toMatchObject({ asked: 253, resumed: true });
  expect(first.store.sweeps.unfinished()).toEqual([]);
});

test("run(): what was begun under other settings is dropped, and the pass begins anew", async () => {
  const first = bench();
  void first.discovery.run(undefined, never).catch(() => undefined);
  await Promise.resolve();
  for (const changes of [{ networks: ["127.0.6.0/24"] }, { exclude: ["127.0.5.77"] }]) {
    const other = bench(
      { ...changes, newRunId: () => `of ${JSON.stringify(changes)}`, switches: [], knownSwitches: () => [] },
      {},
      first.store,
    );
    const done = other.discovery.run(undefined, never);
    await Promise.resolve();
    expect(other.asked[0]?.input).toMatchObject({ from: { position: 0 }, ...(changes.networks === undefined ? {} : changes) });
    other.sweeps[0]?.resolve(swept(1, 0));
    expect((await done).resumed).toBeUndefined();
  }
  expect(first.store.sweeps.list(5).map(({ how }) => how)).toContain("dropped");
});

test("cancel(): ends the pass for good, and says what was found; the agent's own stop leaves it to be gone on with", async () => {
  const { discovery, store } = bench();
  expect(discovery.cancel()).toBe(0);
  const cancelled = discovery.run(undefined, never);
  await Promise.resolve();
  discovery.onEvent({
    ...{ kind: "sweepProgress", runId: "run-1", state: { ...STATE, position: 64 } },
    progress: { ...NOTHING_FOUND, asked: 64, total: 253, found: 3, packetsPerSecond: 500 },
  });
  expect(discovery.cancel()).toBe(1);
  expect(await cancelled).toEqual({ asked: 64, answered: 3, spared: 0, switches: 0, neighbours: 0, faults: [], cancelled: true });
  expect([discovery.progress?.phase, store.sweeps.list(1)[0]?.how]).toEqual(["cancelled", "cancelled"]);
  const stop = new AbortController();
  const stopped = discovery.run(undefined, stop.signal);
  await Promise.resolve();
  stop.abort(new Error("shutdown"));
  await expect(stopped).rejects.toThrow("shutdown");
  expect(store.sweeps.unfinished()).toHaveLength(1);
});

test("run(): a full pass asks those too that are watched", async () => {
  const { discovery, asked } = bench();
  void discovery.run(undefined, never, true).catch(() => undefined);
  await Promise.resolve();
  expect(asked[0]?.input).toMatchObject({ spared: [] });
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
  sweeps[0]?.resolve(swept(1, 1));
  await done;
  expect(noted.map(({ facts, address }) => [facts.name, address])).toEqual([
    [undefined, "127.0.5.8"],
    ["plugged in", undefined],
  ]);
});

test("run(): an IPv6 network is asked by who was heard of in it, a listed address in any case", async () => {
  const { discovery, asked, sweeps } = bench({
    networks: ["127.0.5.0/24", "fd00::/112", "fd00:2::5"],
    switches: [],
    knownSwitches: () => [],
  });
  const done = discovery.run(undefined, never);
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked[0]?.input).toMatchObject({ networks: ["127.0.5.0/24", "fd00:2::5", "fd00::7", "fd00::8"] });
  sweeps[0]?.resolve(swept(1, 0));
  await done;
});
