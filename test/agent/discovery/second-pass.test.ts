/**
 * What a second pass over the simulated site costs, counted as it leaves for the site's doors.
 */
import { expect, onTestFinished, test } from "vitest";
import { createDiscovery } from "../../../agent/discovery/discover.ts";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { runSweep, type SweepEvent, type SweepOrder } from "../../../agent/discovery/sources/sweep-order.ts";
import { askSwitch } from "../../../agent/discovery/sources/switches.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { FieldRequests } from "../../../agent/threads/requests.ts";
import { startSite } from "../../../fixtures/site/site.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { MINUTE, systemClock } from "../../../protocols/core/time.ts";
import { temporaryStore } from "../../store/temporary.ts";
import { familyIo } from "../../support/family-io.ts";
import { captureSends, packetsOf } from "../../support/sends.ts";

const never = new AbortController().signal;
const DEVICES = 60;

test("discovery: a second pass costs a fifth of the first at most, and forgets nobody", async () => {
  const clock = systemClock();
  const { ready, site, close } = await startSite({
    ...{ seed: 11, devices: DEVICES, mix: "office", clock, provisioning: undefined, channelFolder: undefined },
  });
  onTestFinished(() => close());
  const io = { ...familyIo(), clock };
  onTestFinished(() => io.close());
  const store = temporaryStore();
  const { ports, credentials: keys } = ready;
  const credentials: readonly Credential[] = [
    { kind: "password", id: "phones", user: keys.phoneUser, password: new Secret(keys.phonePassword), families: ["uc-phone"] },
    { kind: "password", id: "rooms", user: keys.roomUser, password: new Secret(keys.roomPassword), families: ["video-os"] },
    { kind: "password", id: "groups", user: keys.groupUser, password: new Secret(keys.groupPassword), families: ["group"] },
    { kind: "community", id: "snmp", community: new Secret(keys.community) },
  ];
  const random = seededRandom(3);
  const memories = new Map();
  const field = {
    ask(name: string, input: unknown, signal: AbortSignal) {
      if (name === "neighbours") return askSwitch((input as { address: string }).address, { ports, credentials, memories }, io, signal);
      const tell = (event: SweepEvent): void => discovery.onEvent(event);
      return runSweep(input as SweepOrder, { io, random, ports, credentials, oldTls: [], tell }, signal);
    },
  };
  const discovery = createDiscovery({
    field: field as unknown as Thread<FieldRequests>,
    inventory: createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined }),
    store,
    // The office's /22 is mostly empty here; its density is what an office has.
    networks: [...new Set(site.devices.map(({ address }) => `${address.split(".").slice(0, 3).join(".")}.0/27`))],
    ...{ exclude: [], switches: [], clock, log: SILENT, seed: () => 5, newRunId: () => random.hex(4), onProgress: () => undefined },
    knownSwitches: () => store.devices.list({ family: "switch" }).flatMap(({ address }) => address ?? []),
    knownSix: async () => [],
    watched: () => store.devices.watchedAddresses(clock.nowMs() - MINUTE),
    pace: { ratePerSecond: 2_000, ratePerSubnet: 2_000, timeoutMs: 1_000, retries: 1, allowPublic: false },
  });
  const sent = captureSends();
  const lives = new Set(site.devices.map(({ address }) => address));
  const atTheSite = (): number => {
    const toSite = sent.filter(({ port }) => Object.values(ports).includes(port));
    const toSomebody = toSite.filter(({ address }) => lives.has(address));
    // Where nobody lives the site takes a connection and drops it, with our greeting in it or not yet; a network would take none.
    return packetsOf(toSomebody) + toSite.length - toSomebody.length;
  };
  const first = await discovery.run(undefined, never);
  const firstCost = atTheSite();
  const second = await discovery.run(undefined, never);
  const secondCost = atTheSite() - firstCost;

  expect(store.devices.count()).toBe(DEVICES);
  expect(first).toMatchObject({ spared: 0, faults: [] });
  expect(second.faults).toEqual([]);
  expect(second.spared).toBeGreaterThan(0.8 * first.answered);
  expect(secondCost / firstCost).toBeLessThan(0.2);
});
