/** The agent's Lens client against the simulated Lens, over real TLS; both live on one clock. */
import { afterEach, expect, test } from "vitest";
import { entitlementsIn, linesOf } from "../../agent/coverage/list-lens.ts";
import type { SimDevice } from "../../fixtures/site/device.ts";
import type { LensSettings } from "../../fixtures/site/lens-account.ts";
import type { LensReport } from "../../fixtures/site/lens-control.ts";
import { startSite } from "../../fixtures/site/site.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { type ManualClock, manualClock } from "../../protocols/core/time.ts";
import { createHttpClient, type HttpClient } from "../../protocols/http/client.ts";
import { createLensClient, type LensClient } from "../../protocols/lens/client.ts";
import { createLens, type Lens } from "../../protocols/lens/inventory.ts";
import { ACCOUNTS, RELEASES } from "../../protocols/lens/queries.ts";

interface Stage {
  readonly clock: ManualClock;
  readonly running: Awaited<ReturnType<typeof startSite>>;
  readonly client: LensClient;
  readonly lens: Lens;
  /** Another client of the same account that knows nothing yet. */
  fresh(secret?: string): { readonly client: LensClient; readonly lens: Lens };
  order(path: string, body: unknown): Promise<void>;
  report(): Promise<LensReport>;
}

const open: { close(): Promise<void>; report(): Promise<LensReport> }[] = [];
const never = new AbortController().signal;

/** Whatever a test did: the agent changes nothing through Lens. */
afterEach(async () => {
  for (const stage of open.splice(0)) {
    const { mutationCount } = await stage.report();
    await stage.close();
    expect(mutationCount).toBe(0);
  }
});

async function openStage(devices: number, settings: Partial<LensSettings> = {}): Promise<Stage> {
  const clock = manualClock(1_780_000_000_000);
  const options = { seed: 7, devices, provisioning: undefined, channelFolder: undefined, clock, lens: settings };
  const running = await startSite(options);
  const { ready } = running;
  const https: HttpClient[] = [];
  const fresh = (secret = ready.lens.account.clientSecret) => {
    const http = createHttpClient({ random: seededRandom(7) });
    https.push(http);
    const { clientId } = ready.lens.account;
    const account = {
      clientId: new Secret(clientId),
      clientSecret: new Secret(secret),
      endpoints: { token: ready.lens.token, graphql: ready.lens.graphql },
      roots: ready.lens.ca,
    };
    const client = createLensClient(account, { http, clock });
    return { client, lens: createLens({ client, clock }) };
  };
  const report = async () => (await (await fetch(`${ready.control}/lens`)).json()) as LensReport;
  open.push({
    report,
    async close() {
      await Promise.all(https.map((http) => http.close()));
      await running.close();
    },
  });
  return {
    clock,
    running,
    ...fresh(),
    fresh,
    report,
    async order(path, body) {
      const answer = await fetch(ready.control + path, { method: "POST", body: JSON.stringify(body) });
      expect(await answer.text()).toBe('{"ok":true}');
    },
  };
}

async function listed(lens: Lens) {
  const list = await lens.list(never);
  if (!list.ok) throw new Error(`no list: ${JSON.stringify(list.fault)}`);
  return list.value;
}

function vvxOf({ running }: Stage): SimDevice {
  const found = running.site.devices.find(({ kind }) => kind === "vvx");
  if (found === undefined) throw new Error("no phone at the site");
  return found;
}

async function found(stage: Stage, mac: string, lens = stage.lens) {
  const { devices } = await listed(lens);
  const device = devices.find(({ id }) => id === mac);
  if (device === undefined) throw new Error(`"${mac}" is not in the list`);
  return device;
}

/** Asks the site until that holds, the clock standing still; then a few times more: whoever does not wait asks again meanwhile. */
async function untilReport(stage: Stage, holds: (report: LensReport) => boolean): Promise<LensReport> {
  for (let times = 0; times < 5_000; times++) {
    if (!holds(await stage.report())) continue;
    for (let more = 0; more < 20; more++) await stage.report();
    return stage.report();
  }
  throw new Error("the site never reported that");
}

/** Moves the clock while the work goes on; every step waits for an answer of the site, so that real requests keep up. */
async function whileTimePasses<T>(stage: Stage, work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  for (let steps = 0; steps < 2_000 && !done; steps++) {
    await stage.report();
    await stage.clock.advance(15_000);
  }
  return finished;
}

test("lens end to end: whom it says to be under contract becomes a list of entitlements, a third covered and a third lapsed [lens 10.3]", async () => {
  const stage = await openStage(300);
  const told = entitlementsIn(await listed(stage.lens));
  if (typeof told === "string") throw new Error(told);
  const { lines, unreadable } = linesOf(told.entitlements, "Europe/Zurich");
  expect([unreadable, lines.length]).toEqual([0, told.entitlements.length]);
  expect(lines.length).toBeGreaterThan(100);
  const ended = lines.filter(({ ended: over }) => over === true).length;
  expect([ended > 50, lines.length - ended > 50]).toEqual([true, true]);
  expect(JSON.stringify(told)).not.toContain("SECRET");
});

test.each([
  [{ kind: "partial", field: "entitlements" }, "only a part"],
  [{ kind: "renamed", from: "entitlements", to: "licences" }, "does not tell entitlements"],
])("lens end to end: %j gives no list of entitlements, though the devices are listed", async (trouble, why) => {
  const stage = await openStage(40);
  await stage.order("/lens/misbehave", trouble);
  expect(entitlementsIn(await listed(stage.lens))).toContain(why);
});

test("lens end to end: a site of 300 devices is one list, as the site knows them", async () => {
  const stage = await openStage(300);
  const { devices, complete, faults, without } = await listed(stage.lens);
  expect([complete, faults, without]).toEqual([true, [], []]);
  const known = stage.running.site.devices.filter(({ kind }) => kind !== "switch");
  expect(devices.filter(({ usb }) => !usb).map(({ id }) => id)).toEqual(known.map(({ mac }) => mac));
  expect(devices.filter(({ usb }) => usb)).toHaveLength(3);
  const phone = vvxOf(stage);
  const told = devices.find(({ id }) => id === phone.mac);
  expect(told).toMatchObject({ connected: true, provisioningEnabled: false, facts: { model: phone.model } });
});

test("lens end to end: 1,300 devices come page by page, each once, with one token [lens 4.1]", async () => {
  const stage = await openStage(300, { devices: 1_300 });
  const { devices, complete } = await listed(stage.lens);
  expect(complete).toBe(true);
  expect(new Set(devices.map(({ id }) => id)).size).toBe(1_300);
  expect(await stage.report()).toMatchObject({ requests: 3, tokens: 1, limited: 0 });
});

test("lens end to end: what Lens provisions is managed by Lens, and nobody else is [lens 12.6]", async () => {
  const stage = await openStage(20);
  const { mac } = vvxOf(stage);
  await stage.order("/lens/manage", { mac, on: true });
  const { devices } = await listed(stage.lens);
  expect(devices.filter(({ facts }) => facts.managedBy === "lens").map(({ id }) => id)).toEqual([mac]);
});

test("lens end to end: a phone is busy while it calls and idle before and after", async () => {
  const stage = await openStage(20);
  const { mac } = vvxOf(stage);
  const inUse = async () => (await stage.lens.inUse(await found(stage, mac), never)).state;
  expect(await inUse()).toBe("idle");
  await stage.order(`/devices/${mac}/call`, { active: true });
  expect(await inUse()).toBe("busy");
  await stage.order(`/devices/${mac}/call`, { active: false });
  expect(await inUse()).toBe("idle");
});

test("lens end to end: a spent budget is waited out on the clock, and no request is wasted meanwhile [lens 3.4]", async () => {
  const stage = await openStage(20, { devices: 1_300, windowSeconds: 900 });
  await listed(stage.lens);
  const { costUsed, requests } = await stage.report();
  await stage.clock.advance(900_000);
  // Two pages of 500 fit, the one of 300 does not.
  await stage.order("/lens/set", { budget: Math.ceil((costUsed * 1_050) / 1_300) });
  const startMs = stage.clock.nowMs();
  const { lens } = stage.fresh();
  const work = listed(lens);
  const waiting = await untilReport(stage, (report) => report.requests >= requests + 2);
  expect(waiting.requests).toBe(requests + 2);
  const list = await whileTimePasses(stage, work);
  expect([list.complete, list.devices.length]).toEqual([true, 1_300]);
  expect(stage.clock.nowMs() - startMs).toBeGreaterThanOrEqual(900_000);
  expect(await stage.report()).toMatchObject({ requests: requests + 3, limited: 0 });
});

test.each([400, 429] as const)(
  "lens end to end: a rate limit told by %i is waited out and the list is whole [lens 3.3]",
  async (status) => {
    const stage = await openStage(20, { devices: 1_300 });
    await stage.order("/lens/misbehave", { kind: "rateLimited", status, after: 1, count: 1 });
    const startMs = stage.clock.nowMs();
    const list = await whileTimePasses(stage, listed(stage.lens));
    expect([list.complete, list.devices.length]).toEqual([true, 1_300]);
    expect(stage.clock.nowMs()).toBeGreaterThan(startMs);
    expect(await stage.report()).toMatchObject({ requests: 4, limited: 1 });
  },
);

test.each([401, 200] as const)("lens end to end: a token that ends mid-way is replaced once, told by %i", async (deniedStatus) => {
  const stage = await openStage(20, { devices: 1_300, deniedStatus });
  await stage.order("/lens/misbehave", { kind: "expiresTokens", after: 1 });
  expect((await listed(stage.lens)).complete).toBe(true);
  expect((await stage.report()).tokens).toBe(2);
});

test("lens end to end: a wrong secret is not tried again and again, and no fault repeats it [lens 2.5]", async () => {
  const stage = await openStage(20);
  const { lens } = stage.fresh("a-wrong-secret");
  for (let times = 0; times < 4; times++) {
    const list = await lens.list(never);
    expect(list.ok).toBe(false);
    expect(JSON.stringify(list)).not.toContain("a-wrong-secret");
    await stage.clock.advance(600_000);
  }
  const { tokensRefused } = await stage.report();
  expect(tokensRefused).toBeGreaterThan(0);
  expect(tokensRefused).toBeLessThanOrEqual(2);
});

test("lens end to end: a renamed field is left out, and the devices are still listed [lens 3.6]", async () => {
  const stage = await openStage(20);
  await stage.order("/lens/misbehave", { kind: "renamed", from: "callStatus" });
  const { without, devices, complete } = await listed(stage.lens);
  expect([without, complete]).toEqual([["callStatus"], true]);
  expect(devices.length).toBeGreaterThan(20);
});

test("lens end to end: a part that failed is a fault beside the devices [lens 3.2]", async () => {
  const stage = await openStage(20);
  await stage.order("/lens/misbehave", { kind: "partial", field: "entitlements" });
  const { devices, faults } = await listed(stage.lens);
  expect(devices.length).toBeGreaterThan(20);
  expect(faults.length).toBeGreaterThan(0);
});

test("lens end to end: a page that names itself as the next one ends, and the list is known to be a part", async () => {
  const stage = await openStage(20, { devices: 1_300 });
  await stage.order("/lens/misbehave", { kind: "repeatsToken" });
  const { complete, devices } = await listed(stage.lens);
  expect(complete).toBe(false);
  expect(devices).toHaveLength(1_000);
  expect((await stage.report()).requests).toBeLessThan(5);
});

test("lens end to end: a page of HTML is a fault and no list", async () => {
  const stage = await openStage(20);
  await stage.order("/lens/misbehave", { kind: "html" });
  const list = await stage.lens.list(never);
  expect(list).toMatchObject({ ok: false, fault: { kind: "garbled", via: "lens" } });
});

test("lens end to end: a device of two accounts is one device", async () => {
  const stage = await openStage(20);
  await stage.order("/lens/misbehave", { kind: "twoAccounts" });
  const { devices } = await listed(stage.lens);
  const { mac } = vvxOf(stage);
  expect(devices.filter(({ id }) => id === mac)).toMatchObject([{ connected: true }]);
  const accounts = await stage.client.ask(ACCOUNTS, {}, never);
  expect(accounts.ok && accounts.value.value.tenants.length).toBe(2);
});

test("lens end to end: the catalogue is read without a token, and what is blocked is withdrawn [lens 6.1]", async () => {
  const stage = await openStage(20);
  const releases = async (pid: string) => {
    const answer = await stage.client.ask(RELEASES, { pid }, never);
    return answer.ok ? answer.value.value.map(({ version, withdrawn }) => ({ version, withdrawn })) : answer.fault;
  };
  expect(await releases("Edge E350")).toEqual([{ version: "8.5.1.0904", withdrawn: false }]);
  expect(await releases("Trio 8800")).toEqual([{ version: "7.2.7.0110", withdrawn: true }]);
  expect(await releases("431a")).toEqual([{ version: "0225_0_0", withdrawn: false }]);
  expect(await releases("no such product")).toEqual([]);
  expect((await stage.report()).tokens).toBe(0);
});
