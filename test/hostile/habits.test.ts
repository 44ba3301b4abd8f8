/**
 * Every bad habit of the simulated site, at every kind of device it shows on: identifyDevice() ends, says what happened, and
 * never states a fact that is not so.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DeviceKind, MISBEHAVIOURS, type Misbehaviour, type SimDevice } from "../../fixtures/site/device.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import type { FamilyId } from "../../protocols/core/device.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { type Identified, identifyDevice } from "../../protocols/families/identify.ts";
import { normaliseModel } from "../../protocols/families/models.ts";
import { familyIo } from "../support/family-io.ts";

/** A whole visit is cut off here; single asks have their own, longer limits (probe.test.ts waits for one). */
const VISIT_MS = 4_000;
const PATIENCE_MS = 300;
let running: RunningSite;

beforeAll(async () => {
  running = await startSite({ seed: 9, devices: 0, mix: "every", provisioning: undefined, channelFolder: undefined, clock: systemClock() });
});
afterAll(() => running.close());

const FAMILY = {
  vvx: "uc-phone",
  edge: "uc-phone",
  soundpoint: "soundpoint",
  studio: "video-os",
  group: "group",
  hdx: "hdx",
  switch: "switch",
} as const satisfies Partial<Record<DeviceKind, FamilyId>>;
type Kind = keyof typeof FAMILY;

/** What a fault must say: any one of these, by kind and way. `fine` is a reading without any of them. */
type Wanted = readonly string[] | "fine";
const BY_TLS = { vvx: "https", edge: "https", soundpoint: "https", studio: "https", group: "https", hdx: "https" } as const;

/** The habit, its options, and what is said at each kind. A kind that is left out does not show the habit to a visitor. */
const TABLE: readonly (readonly [Misbehaviour, Readonly<Record<string, unknown>>, Partial<Record<Kind, Wanted>>])[] = [
  ...(
    ["acceptsAndIgnores", "reportsSuccessThenFallsBack", "installsOtherBuild", "neverReturns", "returnsAfter", "rebootsByChance"] as const
  ).map((habit) => [habit, {}, { vvx: "fine", studio: "fine", group: "fine" }] as const),
  ...(["callBetweenLookAndCommand", "losesRegistrationAfterUpdate", "dropsPanel"] as const).map(
    (habit) => [habit, {}, { vvx: "fine", studio: "fine", group: "fine" }] as const,
  ),
  ["answersTwice", {}, { vvx: ["garbled https"], edge: ["garbled https"], hdx: ["garbled http"], switch: "fine" }],
  ["dropsAfterBytes", { bytes: 300 }, { vvx: ["unreachable https"], edge: ["unreachable https"], studio: ["unreachable https"] }],
  ["dropsAfterBytes", { handshake: true }, each(BY_TLS, () => ["unreachable tls"])],
  ["slowLoris", {}, each(BY_TLS, () => ["overBudget https"])],
  ["slowLoris", { handshake: true }, each(BY_TLS, () => ["overBudget tls"])],
  ["endlessBanner", {}, { vvx: ["overBudget https"], studio: ["overBudget https"], group: ["overBudget ssh"], hdx: ["overBudget telnet"] }],
  ["hugeAnswer", {}, { ...each(BY_TLS, () => ["overBudget https"]), switch: ["unreachable snmp", "overBudget snmp"] }],
  ["garbage", {}, { ...each(BY_TLS, () => ["garbled https"]), switch: ["garbled snmp"] }],
  ["garbage", { handshake: true }, { ...each(BY_TLS, () => ["garbled tls"]) }],
  ["garbage", { raw: true }, { vvx: ["garbled https"], studio: ["garbled https"] }],
  ["wrongSnmpId", {}, { switch: ["garbled snmp"], hdx: ["garbled snmp"], vvx: "fine" }],
  ["locksOut", {}, { ...each(BY_TLS, () => ["lockedOut https", "denied https"]) }],
];

function each<T extends Readonly<Record<string, string>>>(
  table: T,
  of: (via: string) => readonly string[],
): Record<keyof T, readonly string[]> {
  return Object.fromEntries(Object.entries(table).map(([kind, via]) => [kind, of(via)])) as Record<keyof T, readonly string[]>;
}

const rows = TABLE.flatMap(([habit, options, kinds]) =>
  (Object.entries(kinds) as [Kind, Wanted][]).map(([kind, wanted]) => [habit, JSON.stringify(options), kind, wanted] as const),
);

function credentials(): readonly Credential[] {
  const { secrets } = running.site;
  const login = (id: string, user: string, password: string, families: readonly string[]): Credential => ({
    ...{ kind: "password", id, user, families },
    password: new Secret(password),
  });
  return [
    login("phones", secrets.phoneUser, secrets.phonePassword, ["uc-phone", "soundpoint"]),
    login("rooms", secrets.roomUser, secrets.roomPassword, ["video-os"]),
    login("groups", secrets.groupUser, secrets.groupPassword, ["group", "hdx"]),
    { kind: "community", id: "community", community: new Secret(secrets.community) },
  ];
}

const busy = new Set<SimDevice>();
const waiting: (() => void)[] = [];

/** A device of that kind for one visit: a kind has few, and rows run at once. */
async function borrow<T>(kind: Kind, use: (device: SimDevice) => Promise<T>): Promise<T> {
  let device: SimDevice | undefined;
  // SoundPoints before 4.0 have no pages to spoil.
  const fits = (one: SimDevice): boolean => one.kind === kind && !busy.has(one) && (kind !== "soundpoint" || one.running.startsWith("4."));
  for (;;) {
    device = running.site.devices.find(fits);
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

async function visit(device: SimDevice): Promise<Identified> {
  const io = familyIo();
  const target = { address: device.address, ports: running.site.ports, credentials: credentials(), trust: "any", telnet: true } as const;
  try {
    return await identifyDevice({ ...target, patienceMs: PATIENCE_MS }, io, AbortSignal.timeout(VISIT_MS));
  } finally {
    await io.close();
  }
}

/** Whatever is stated must be so; what cannot be read is absent. */
function expectNoLie({ facts, inUse, faults }: Identified, device: SimDevice, kind: Kind): void {
  if (facts.family !== undefined) expect(facts.family).toBe(FAMILY[kind]);
  if (facts.model !== undefined) expect(facts.model).toBe(normaliseModel(device.model));
  if (facts.mac !== undefined) expect(facts.mac.replaceAll(":", "")).toBe(device.mac);
  if (facts.serial !== undefined) expect(facts.serial.replaceAll(":", "").toLowerCase()).toBe(device.serial.toLowerCase());
  const version = facts.running?.application;
  if (version !== undefined) expect([device.running, `${device.running}-${device.build}`]).toContain(version);
  // What a door that spoke badly does not tell another may: an HDX's calls are on its command line too.
  const others: readonly string[] = kind === "hdx" ? ["snmp", "https", "http"] : ["snmp"];
  if (inUse?.state === "idle")
    expect(
      faults
        .filter(({ kind: what }) => what === "garbled" || what === "overBudget")
        .every((fault) => "via" in fault && others.includes(fault.via)),
    ).toBe(true);
}

test.concurrent.each(rows)("identifyDevice(): %s %s at a %s", { timeout: 120_000 }, async (habit, options, kind, wanted) => {
  await borrow(kind, async (device) => {
    device.misbehaviours.set(habit, JSON.parse(options) as Record<string, unknown>);
    const seen = await visit(device);
    expectNoLie(seen, device, kind);
    const said = seen.faults.map((fault) => `${fault.kind} ${"via" in fault ? fault.via : ""}`);
    if (wanted === "fine") {
      expect(said.filter((text) => !text.startsWith("unreachable") && !text.startsWith("off"))).toEqual([]);
      expect(seen.facts.family).toBe(FAMILY[kind]);
    } else {
      expect(said.some((text) => wanted.includes(text)) ? "said" : said).toBe("said");
      expect(seen.inUse?.state === "idle" && kind !== "hdx").toBe(false);
    }
  });
});

test("every misbehaviour has a row, or is one that only time shows", () => {
  const named = new Set(TABLE.map(([habit]) => habit));
  expect(MISBEHAVIOURS.filter((habit) => !named.has(habit))).toEqual(["flaps"]);
});

test("identifyDevice(): a device that is away just now answers nothing, and is back a minute later", async () => {
  await borrow("vvx", async (device) => {
    device.phase = "booting";
    const away = await visit(device);
    expect(away.facts).toEqual({});
    expect(away.faults.every(({ kind }) => kind === "unreachable")).toBe(true);
    device.phase = "up";
    expect((await visit(device)).facts.family).toBe("uc-phone");
  });
});
