import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { killVerbs } from "../../agent/campaigns/kill-verbs.ts";
import { createPlanDesk } from "../../agent/campaigns/plan-desk.ts";
import { VERBS } from "../../agent/commands/catalogue.ts";
import { configVerbs } from "../../agent/config-watch/verbs.ts";
import type { ConfigWatch } from "../../agent/config-watch/watch.ts";
import type { CoverageDesk } from "../../agent/coverage/desk.ts";
import { coverageVerbs } from "../../agent/coverage/verbs.ts";
import type { Discovery } from "../../agent/discovery/discover.ts";
import type { Imports } from "../../agent/discovery/imports.ts";
import { createInventory } from "../../agent/discovery/inventory.ts";
import type { Records } from "../../agent/discovery/sources/records.ts";
import { identityVerbs } from "../../agent/discovery/verbs.ts";
import { createTeller } from "../../agent/feed/tell.ts";
import { adviceVerbs } from "../../agent/firmware/advice-verbs.ts";
import { keyCodeKeysFrom } from "../../agent/firmware/key-seal.ts";
import type { Releases } from "../../agent/firmware/releases.ts";
import type { Sources } from "../../agent/firmware/sources.ts";
import { firmwareVerbs } from "../../agent/firmware/verbs.ts";
import { incidentVerbs } from "../../agent/health/incidents-verbs.ts";
import type { Poller } from "../../agent/health/poll.ts";
import { combineRules } from "../../agent/health/rule-file.ts";
import { createVerbs, type VerbsIo } from "../../agent/verbs.ts";
import type { SiteId } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { device, deviceId, T0 } from "../store/temporary.ts";
import { author, type Kit, kit, planned } from "./campaigns/kit.ts";

const KEY_CODE_KEYS = keyCodeKeysFrom(generateKeyPairSync("ed25519").privateKey);
const never = new AbortController().signal;

function bench(changes: Partial<VerbsIo> = {}, made: Kit = kit(), passes = 0) {
  const { store } = made;
  const asked: string[] = [];
  const discovery: Discovery = {
    foreign: (networks) => networks.find((network) => !network.startsWith("10.")),
    run: async (networks, _signal, full) => {
      asked.push(`discover ${networks?.join(" ") ?? "all"}${full === true ? ", those too that are watched" : ""}`);
      return { asked: 1, answered: 1, spared: 0, switches: 0, neighbours: 0, faults: [] };
    },
    cancel: () => passes,
    onEvent: () => undefined,
    progress: undefined,
  };
  const records: Records = {
    take: async (prefix) => {
      asked.push(`records ${prefix === "" ? "all" : prefix}`);
      return [
        { source: "lens", atMs: T0, listed: 2, devices: 1, unreadable: 0, fault: { kind: "denied", via: "lens" }, failingSinceMs: T0 },
      ];
    },
    states: [],
  };
  const poller = {
    refresh: async (id: string) => {
      asked.push(`refresh ${id}`);
      return undefined;
    },
  } as unknown as Poller;
  const forget: VerbsIo["forget"] = async (mac) => {
    asked.push(`forget ${mac}`);
    return store.pins.forget(mac);
  };
  const teller = createTeller({ store, site: "zug-01" as SiteId, nowMs: () => T0, wake: () => undefined });
  const desk = {} as CoverageDesk;
  const coverage = coverageVerbs({ store, desk, portal: undefined, site: "zug-01", zone: "UTC", clock: made.clock });
  const firmware = firmwareVerbs({
    ...{ store, clock: made.clock, hasChannel: true, keysFolder: "/nowhere" },
    releases: {} as Releases,
    sources: { kinds: [] } as unknown as Sources,
    depot: { ask: () => Promise.reject(new Error("no depot thread here")) },
    ...{ onAccepted: () => undefined, onWithdrawn: () => undefined },
  });
  const imports: Imports = {
    preview: ({ rows }) => rows.map(({ line }) => ({ line, outcome: "new", changes: [], overruled: [] })),
    run(order, actor) {
      asked.push(`import ${order.file} by ${actor}`);
      return [];
    },
  };
  const inventory = createInventory({ store, adopt: "ask", announce: () => undefined, onConflict: () => undefined });
  const judge = () => ({ verdict: "ask", why: "adopt: ask" }) as const;
  const identity = identityVerbs({ store, inventory, judge, random: seededRandom(1), nowMs: () => T0, changed: () => undefined });
  const incidents = incidentVerbs({ store, incidents: { standing: () => undefined }, nowMs: () => T0, wake: () => undefined });
  const verbs = createVerbs({
    store,
    rules: combineRules({ add: [], change: {} }),
    incidents,
    campaigns: made.io,
    plans: createPlanDesk({ store, clock: made.clock }),
    clock: { store, clock: made.clock, held: () => ({ is: "yes", answeredMs: T0 }), wake: () => undefined },
    kills: killVerbs({
      ...{ store, clock: made.clock, onTurned: () => undefined, wake: () => undefined, offerAgain: async () => undefined },
      kills: { list: () => [], on: () => Promise.reject(new Error("no threads here")), off: async () => false },
    }),
    discovery,
    records,
    imports,
    coverage,
    configs: configVerbs({ store, watch: {} as ConfigWatch, keys: { mark: "", seal: "", id: "" }, enabled: true }),
    advice: adviceVerbs({ store, keyCodeKeys: KEY_CODE_KEYS, watchKeys: { mark: "", seal: "", id: "" }, nowMs: () => T0 }),
    firmware,
    poller,
    teller,
    forget,
    identity,
    history: { ask: () => Promise.reject(new Error("no history thread here")) },
    reports: { report: async () => ({ ok: false, code: "notFound", message: "no history thread here" }) },
    nowMs: () => T0,
    status: () => "fine",
    ...changes,
  });
  return { verbs, asked, store, made };
}

test("createVerbs(): every command of the catalogue has its doing, and there is no other", () => {
  expect(Object.keys(bench().verbs).sort()).toEqual([...VERBS].sort());
});

test("discover.run: a network outside the settings is not asked", async () => {
  const { verbs, asked } = bench();
  expect(await verbs["discover.run"]({ networks: ["10.1.0.0/24", "8.8.8.0/24"], full: false }, author, never)).toMatchObject({
    ok: false,
    code: "notFound",
  });
  expect(asked).toEqual([]);
  expect(await verbs["discover.run"]({ networks: ["10.1.0.0/24"], full: false }, author, never)).toMatchObject({
    ok: true,
    result: { answered: 1 },
  });
  expect(await verbs["discover.run"]({ full: true }, author, never)).toMatchObject({
    result: { answered: 1, records: [{ source: "lens", listed: 2, devices: 1, fault: "lens turned us away" }] },
  });
  expect(asked).toEqual(["discover 10.1.0.0/24", "discover all, those too that are watched", "records all"]);
});

test("device.importPreview, device.import: the one shows, the other does it in the name of whoever gave it", async () => {
  const { verbs, asked } = bench();
  const order = { file: "site.csv", rows: [{ line: 2, serial: "8G1234" }] };
  expect(await verbs["device.importPreview"](order, author, never)).toMatchObject({
    ok: true,
    result: { rows: [{ line: 2, outcome: "new" }] },
  });
  expect(asked).toEqual([]);
  await verbs["device.import"](order, author, never);
  expect(asked).toEqual([`import site.csv by ${author.person}`]);
});

test("device.trust: forgets by MAC and tells what; a device without one has nothing kept", async () => {
  const { verbs, asked, store } = bench();
  const known = device(1);
  store.devices.save(known);
  const { mac: _none, ...nameless } = device(2);
  store.devices.save({ ...nameless, serial: "8G1" });
  store.pins.keep({ device: known.mac ?? "", via: "ssh", fingerprint: "SHA256:old", atMs: T0 });
  expect(await verbs["device.trust"]({ device: known.id, reason: "reset" }, author, never)).toMatchObject({
    ok: true,
    result: { device: known.id, forgotten: [{ via: "ssh", fingerprint: "SHA256:old" }] },
  });
  expect(asked).toEqual([`forget ${known.mac}`]);
  expect(await verbs["device.trust"]({ device: deviceId(2), reason: "" }, author, never)).toMatchObject({ ok: false, code: "wrongState" });
  expect(await verbs["device.trust"]({ device: "nobody", reason: "" }, author, never)).toMatchObject({ ok: false, code: "notFound" });
});

test("discover.cancel: says how many passes it ended, and where there is none, so", async () => {
  expect(await bench({}, kit(), 2).verbs["discover.cancel"]({}, author, never)).toMatchObject({ ok: true, result: { cancelled: 2 } });
  expect(await bench().verbs["discover.cancel"]({}, author, never)).toMatchObject({ ok: false, code: "notFound" });
});

test("device.show, device.refresh, ticket.show: what is not there is not found", async () => {
  const { verbs } = bench();
  for (const answer of [
    verbs["device.show"]({ device: "nobody" }, author, never),
    verbs["device.refresh"]({ device: "nobody" }, author, never),
    verbs["ticket.show"]({ key: "NONE.g1" }, author, never),
    verbs["campaign.status"]({ campaign: "c-none" as never, live: false, whole: false }, author, never),
  ])
    expect(await answer).toMatchObject({ ok: false, code: "notFound" });
});

test("device.refresh: a device without an address cannot be asked; one that could not be asked is a fault", async () => {
  const { verbs, store, asked } = bench();
  store.devices.save(device(9));
  expect(await verbs["device.refresh"]({ device: deviceId(9) }, author, never)).toMatchObject({ ok: false, code: "wrongState" });
  expect(asked).toEqual([]);
  expect(await verbs["device.refresh"]({ device: "Phone 1" }, author, never)).toMatchObject({ ok: false, code: "faulted" });
  expect(asked).toEqual([`refresh ${deviceId(1)}`]);
});

test("sync: everything retained is sent again, for a portal that saw a gap", async () => {
  const { verbs, store } = bench();
  expect(await verbs.sync({}, author, never)).toMatchObject({ ok: true, result: { documents: 3 } });
  expect(store.outbox.depth()).toBe(3);
});

test("ticket.list: no more than were asked for, the newest of them", async () => {
  const { verbs, store } = bench();
  for (let at = 1; at <= 5; at++)
    store.tickets.saveDoc({ key: `K${at}`, generation: 1, doc: { title: `${at}` }, state: "open", devices: [], atMs: T0 + at });
  const answer = await verbs["ticket.list"]({ state: "open", limit: 2 }, author, never);
  expect(answer).toMatchObject({ ok: true, result: { schema: "groundswell.tickets/1", tickets: [{ key: "K4.g1" }, { key: "K5.g1" }] } });
});

test("campaign.plan, campaign.list: a plan is made once and listed with its hash; a dry run is not", async () => {
  const { verbs, made } = bench();
  const dry = await verbs["campaign.plan"]({ release: "ucs-6.4.8", policy: {}, dryRun: true }, author, never);
  expect(dry).toMatchObject({ ok: true, result: { kept: false, planned: 3 } });
  expect(await verbs["campaign.list"]({}, author, never)).toMatchObject({ result: { campaigns: [] } });
  const { id, hash } = planned(made);
  expect(await verbs["campaign.list"]({}, author, never)).toMatchObject({
    result: { campaigns: [{ campaign: id, planHash: hash, planned: 3 }] },
  });
});

test("audit.verify: a whole chain is told as such", async () => {
  const { verbs, store } = bench();
  store.audit.append({ atMs: T0, actor: "a", action: "b", subject: "c", detail: {} });
  expect(await verbs["audit.verify"]({}, author, never)).toMatchObject({
    ok: true,
    result: { schema: "groundswell.audit-verify/1", ok: true },
  });
  expect(await verbs["agent.status"]({}, author, never)).toMatchObject({ ok: true, result: "fine" });
});

test("device.refresh: an ignored device is asked nothing, and the way back is said", async () => {
  const { verbs, store, asked } = bench();
  store.devices.save(device(9, { ignoredAtMs: T0, adopted: false, decidedBy: "person", family: "uc-phone", address: "127.0.0.9" }));
  expect(await verbs["device.refresh"]({ device: deviceId(9) }, author, never)).toMatchObject({
    ok: false,
    code: "wrongState",
    message: expect.stringContaining("groundswell inbox adopt"),
  });
  expect(asked).toEqual([]);
});
