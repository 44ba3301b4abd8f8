/**
 * Every bad habit of the simulated site, at every kind of device it shows on: identifyDevice() ends, says what happened, and
 * never states a fact that is not so.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { MISBEHAVIOURS, type SimDevice } from "../../fixtures/site/device.ts";
import { type Door, hasDoor } from "../../fixtures/site/kinds.ts";
import { PLACES, type Place } from "../../fixtures/site/misbehaviour-doors.ts";
import { FLAP_MS } from "../../fixtures/site/misbehaviours.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { manualClock, realElapsedMs, systemClock } from "../../protocols/core/time.ts";
import { type Identified, identifyDevice } from "../../protocols/families/identify.ts";
import { normaliseModel } from "../../protocols/families/models.ts";
import { ORDER_NUMBERS } from "../support/every-site.ts";
import { familyIo } from "../support/family-io.ts";
import { ALWAYS, AWAY, FAMILY, KINDS, type Kind, ROWS, type Row, UNSAID } from "./habits-table.ts";

/** A whole visit is cut off here; single asks have their own, longer limits (probe.test.ts waits for one). */
const VISIT_MS = 4_000;
const PATIENCE_MS = 300;
/** Where nothing keeps silent it costs no time, and a busy machine is not taken for silence. */
const PATIENT = { patienceMs: 3_000, visitMs: 30_000 };
/** A busy machine is late by less. */
const SLACK_MS = 2_000;
let running: RunningSite;
/** Where nobody listens. */
let closedPort = 0;

beforeAll(async () => {
  running = await startSite({ seed: 9, devices: 0, mix: "every", provisioning: undefined, channelFolder: undefined, clock: systemClock() });
});
afterAll(() => running.close());

beforeAll(async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closedPort = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
});

/** The kind's own password: whoever probes a device has that one. */
function credentials(kind: Kind, at = running): readonly Credential[] {
  const { secrets } = at.site;
  const login = (user: string, password: string): Credential => ({
    ...{ kind: "password", id: kind, user, families: [FAMILY[kind]] },
    password: new Secret(password),
  });
  const logins: Readonly<Record<Kind, Credential | undefined>> = {
    vvx: login(secrets.phoneUser, secrets.phonePassword),
    edge: login(secrets.phoneUser, secrets.phonePassword),
    soundpoint: login(secrets.phoneUser, secrets.phonePassword),
    studio: login(secrets.roomUser, secrets.roomPassword),
    group: login(secrets.groupUser, secrets.groupPassword),
    hdx: login(secrets.groupUser, secrets.groupPassword),
    switch: undefined,
  };
  const own = logins[kind];
  return [...(own === undefined ? [] : [own]), { kind: "community", id: "community", community: new Secret(secrets.community) }];
}

/** SoundPoints before 4.0 have no pages to spoil. */
const fitsKind = (kind: Kind) => (device: SimDevice) => device.kind === kind && (kind !== "soundpoint" || device.running.startsWith("4."));

const busy = new Set<SimDevice>();
const waiting: (() => void)[] = [];

/** A device of that kind for one visit: a kind has few, and rows run at once. */
async function borrow<T>(kind: Kind, use: (device: SimDevice) => Promise<T>): Promise<T> {
  let device: SimDevice | undefined;
  for (;;) {
    device = running.site.devices.find((one) => fitsKind(kind)(one) && !busy.has(one));
    if (device !== undefined) break;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  busy.add(device);
  try {
    return await use(device);
  } finally {
    device.misbehaviours.clear();
    for (const name of [...device.vars.keys()]) if (!name.startsWith("snmp.")) device.vars.delete(name);
    busy.delete(device);
    for (const go of waiting.splice(0)) go();
  }
}

async function visit(
  device: SimDevice,
  kind: Kind,
  {
    shut = [],
    at = running,
    patienceMs = PATIENCE_MS,
    visitMs = VISIT_MS,
  }: Partial<typeof PATIENT & { shut: readonly Door[]; at: RunningSite }> = {},
): Promise<Identified> {
  const io = familyIo();
  const ports = { ...at.site.ports, ...Object.fromEntries(shut.map((door) => [door, closedPort])) };
  const target = { address: device.address, ports, credentials: credentials(kind, at), trust: "any", telnet: true } as const;
  try {
    return await identifyDevice({ ...target, patienceMs }, io, AbortSignal.timeout(visitMs));
  } finally {
    await io.close();
  }
}

/** A switch whose description was read and its table of parts was not is known by its other name. */
const namesOf = (model: string): readonly string[] => [normaliseModel(model), ORDER_NUMBERS[model] ?? []].flat();

/** Whatever is stated must be so; what cannot be read is absent. */
function expectNoLie({ facts, inUse, faults }: Identified, device: SimDevice, kind: Kind): void {
  if (facts.family !== undefined) expect(facts.family).toBe(FAMILY[kind]);
  if (facts.model !== undefined) expect(namesOf(device.model)).toContain(facts.model);
  if (facts.mac !== undefined) expect(facts.mac.replaceAll(":", "")).toBe(device.mac);
  if (facts.serial !== undefined) expect(facts.serial.replaceAll(":", "").toLowerCase()).toBe(device.serial.toLowerCase());
  const version = facts.running?.application;
  if (version !== undefined) expect([device.running, `${device.running}-${device.build}`]).toContain(version);
  // What a door that spoke badly does not tell another may: the calls of Group and HDX are on their command lines too.
  const others: readonly string[] = kind === "hdx" || kind === "group" ? ["snmp", "https", "http"] : ["snmp"];
  if (inUse?.state === "idle")
    expect(
      faults
        .filter(({ kind: what }) => what === "garbled" || what === "overBudget")
        .every((fault) => "via" in fault && others.includes(fault.via)),
    ).toBe(true);
}

const saidOf = ({ faults }: Identified): ReadonlySet<string> =>
  new Set(faults.map((fault) => `${fault.kind} ${"via" in fault ? fault.via : ""}`));

/** What is said beyond a well-behaved device's, without those that may or may not come for want of time. */
function beyond(seen: Identified, { kind, said }: Row): readonly string[] {
  const maybe = said.filter((text) => text.startsWith("?")).map((text) => text.slice(1));
  return [...saidOf(seen)].filter((text) => !ALWAYS[kind].includes(text) && !maybe.includes(text)).toSorted();
}

const named = ROWS.map((row) => [row.habit, JSON.stringify(row.options), row.kind, row.shut.join(" and "), row] as const);

test.concurrent.each(named)("identifyDevice(): %s %s at a %s, shut: %s", async (habit, _options, kind, _shut, row) => {
  await borrow(kind, async (device) => {
    device.misbehaviours.set(habit, row.options);
    const seen = await visit(device, kind, { shut: row.shut, ...(row.said.length === 0 ? PATIENT : {}) });
    expectNoLie(seen, device, kind);
    const wanted = row.said.filter((text) => !text.startsWith("?"));
    expect(beyond(seen, row)).toEqual(wanted.toSorted());
    if (wanted.length === 0) expect(seen.facts.family).toBe(FAMILY[kind]);
  });
});

/** The handshake's door is HTTPS. */
const doorOf = (place: Place): Door | undefined =>
  place === "tls" ? "https" : VISIBLE.some((one) => one === place) ? (place as Door) : undefined;
const VISIBLE: readonly Place[] = ["https", "http", "tls", "ssh", "telnet", "snmp", "sip"];
const visiblePairs = MISBEHAVIOURS.flatMap((habit) =>
  (PLACES[habit] as readonly Place[]).filter((place) => VISIBLE.includes(place)).map((place) => [habit, place] as const),
);

test.each(visiblePairs)("the table of habits: %s at %s is said of some kind, or it is told why not", (habit, place) => {
  const said = ROWS.some((row) => row.habit === habit && row.said.some((text) => !text.startsWith("?") && text.endsWith(` ${place}`)));
  const away = habit === "flaps" && AWAY.some((text) => text.endsWith(` ${place === "https" ? "tls" : place}`));
  const unsaid = UNSAID.some(([one, where]) => one === habit && where === place);
  expect([said || away, unsaid].filter(Boolean)).toHaveLength(1);
});

test.each(MISBEHAVIOURS.filter((habit) => habit !== "flaps"))(
  "the table of habits: %s has a row for each kind that has such a door",
  (habit) => {
    const doors = (PLACES[habit] as readonly Place[]).flatMap((place) => doorOf(place) ?? []);
    const shows = KINDS.filter((kind) => doors.some((door) => hasDoor({ kind }, door)));
    const rowed = ROWS.filter((row) => row.habit === habit).map(({ kind }) => kind);
    expect(shows.filter((kind) => !rowed.includes(kind))).toEqual([]);
  },
);

test("identifyDevice(): a device that flaps is silent at every door for a minute, and itself in the next", async () => {
  const clock = manualClock(0);
  const site = await startSite({ seed: 9, devices: 0, mix: "every", provisioning: undefined, channelFolder: undefined, clock });
  onTestFinished(() => site.close());
  const flapping = KINDS.map((kind) => [kind, site.site.devices.find(fitsKind(kind)) as SimDevice] as const);
  for (const [, device] of flapping) device.misbehaviours.set("flaps", {});
  const visits = (): Promise<readonly Identified[]> => Promise.all(flapping.map(([kind, device]) => visit(device, kind, { at: site })));
  const there = (seen: readonly Identified[]): unknown => seen.map(({ facts }) => facts.family);
  expect(there(await visits())).toEqual(KINDS.map((kind) => FAMILY[kind]));
  await clock.advance(FLAP_MS);
  for (const seen of await visits()) expect([seen.facts, [...saidOf(seen)].toSorted()]).toEqual([{}, AWAY.toSorted()]);
  await clock.advance(FLAP_MS);
  expect(there(await visits())).toEqual(KINDS.map((kind) => FAMILY[kind]));
});

/** Addresses at which nothing is but these; UDP doors stay closed. */
async function bareAddress(take: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on("error", () => undefined));
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

test.each<readonly [string, (socket: Socket) => void]>([
  ["takes connections and says nothing", () => undefined],
  ["closes at once", (socket) => void socket.destroy()],
  ["resets at once", (socket) => void socket.resetAndDestroy()],
])("identifyDevice(): an address that %s ends in time, with one silence for each door", { timeout: 20_000 }, async (_what, take) => {
  const port = await bareAddress(take);
  const io = familyIo();
  onTestFinished(() => io.close());
  const all = { https: port, http: port, ssh: port, telnet: port, snmp: closedPort, sip: closedPort };
  const target = { address: "127.0.0.1", ports: all, credentials: credentials("hdx"), trust: "any", telnet: true } as const;
  const startedMs = realElapsedMs();
  const seen = await identifyDevice({ ...target, patienceMs: PATIENCE_MS }, io, AbortSignal.timeout(VISIT_MS));
  expect(realElapsedMs() - startedMs).toBeLessThan(VISIT_MS + SLACK_MS);
  expect([seen.facts, [...saidOf(seen)].toSorted()]).toEqual([{}, AWAY.toSorted()]);
});
