import { expect, test } from "vitest";
import { type Fault, fail } from "../../../protocols/core/fault.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import {
  lookAtSystem,
  moreTelling,
  nothingRead,
  readSystem,
  snmpTargets,
  systemEvidence,
  systemFacts,
} from "../../../protocols/families/snmp-system.ts";
import type { SnmpClient, SnmpTarget } from "../../../protocols/snmp/client.ts";
import { SYSTEM } from "../../../protocols/snmp/oids.ts";
import { credential, targetAt } from "../../support/family-io.ts";
import { fakeSnmp, object, text, ticks } from "../lldp/fake-snmp.ts";
import { never, realIo } from "./kit.ts";

const community = (id: string): Credential => ({ kind: "community", id, community: new Secret(id) });
const user: Credential = { kind: "usm", id: "v3", user: "reader", auth: { protocol: "sha", key: new Secret("authentication") } };
const HDX = {
  [SYSTEM.sysDescr]: text('"Polycom HDX 9006"'),
  [SYSTEM.sysObjectID]: object("1.3.6.1.4.1.2684.1.1"),
  [SYSTEM.sysUpTime]: ticks(12_399),
};

/** An agent that answers one community and is `otherwise` to the rest. */
function agent(good: string, otherwise: Fault): { snmp: SnmpClient; tried: string[] } {
  const tried: string[] = [];
  const honest = fakeSnmp(HDX);
  const name = ({ access }: SnmpTarget): string =>
    access.version === "3" ? `3 ${access.user}` : `${access.version} ${access.community.reveal()}`;
  const get: SnmpClient["get"] = async (target, oids, signal) => {
    tried.push(name(target));
    return name(target).endsWith(` ${good}`) ? honest.get(target, oids, signal) : fail(otherwise);
  };
  return { snmp: { ...honest, get }, tried };
}

const ioWith = (snmp: SnmpClient): FamilyIo => ({ ...realIo(), snmp });
const place = (...credentials: Credential[]): Promise<Target> => targetAt({}, { credentials });

test("snmpTargets(): every way in, best first, and no password as a community", async () => {
  expect(snmpTargets(await place(credential, user, community("ro"))).map(({ access }) => access.version)).toEqual(["3", "2c", "1"]);
});

test("readSystem(): silence and refusal lead to the next credential, the first one answered is kept", async () => {
  for (const kind of ["unreachable", "denied"] as const) {
    const { snmp, tried } = agent("right", { kind, via: "snmp" });
    const read = await readSystem(await place(community("wrong"), community("right")), ioWith(snmp), never);
    expect(tried).toEqual(["2c wrong", "1 wrong", "2c right"]);
    expect(read).toMatchObject({
      ok: true,
      value: { look: { sysDescr: '"Polycom HDX 9006"', sysObjectId: "1.3.6.1.4.1.2684.1.1" }, uptimeSeconds: 123 },
    });
  }
});

test("readSystem(): any other fault is the answer: no further credential goes out", async () => {
  const { snmp, tried } = agent("right", { kind: "garbled", via: "snmp", wanted: "an answer" });
  expect(await readSystem(await place(community("wrong"), community("right")), ioWith(snmp), never)).toMatchObject({
    ok: false,
    fault: { kind: "garbled" },
  });
  expect(tried).toEqual(["2c wrong"]);
});

test("readSystem(): a VSX knows version 1 alone: it is asked with it after silence to 2c [snmp 1.6] [snmp 1.5]", async () => {
  const honest = fakeSnmp({ ...HDX, [SYSTEM.sysDescr]: text("VSX 7000A") });
  const get: SnmpClient["get"] = async (target, oids, signal) =>
    target.access.version === "1" ? honest.get(target, oids, signal) : fail({ kind: "unreachable", via: "snmp" });
  const read = await readSystem(await place(user, community("public")), ioWith({ ...honest, get }), never);
  expect(read.ok && [read.value.target.access.version, systemFacts(read.value.look)]).toEqual([
    "1",
    { vendor: "Polycom", model: "VSX 7000A", family: "hdx" },
  ]);
});

test("readSystem(): the six objects of the system group in one question, with what else is wanted [snmp 5.5.13]", async () => {
  const snmp = fakeSnmp(HDX);
  await readSystem(await place(community("public")), ioWith(snmp), never, ["1.3.6.1.2.1.17.1.2.0"]);
  expect(snmp.asked).toEqual([...[1, 2, 3, 4, 5, 6].map((object) => `1.3.6.1.2.1.1.${object}.0`), "1.3.6.1.2.1.17.1.2.0"]);
});

test("readSystem(): without an SNMP credential it is off and nothing is asked", async () => {
  const { snmp, tried } = agent("right", { kind: "unreachable", via: "snmp" });
  expect(await readSystem(await place(credential), ioWith(snmp), never)).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(tried).toEqual([]);
});

test("systemFacts(): HDX and VSX say their model in sysDescr, quoted or not [snmp 3.1] [snmp 2.3]", () => {
  const facts = (sysDescr: string): unknown => systemFacts({ sysDescr, sysObjectId: "1.3.6.1.4.1.2684.1.1.5" });
  for (const sysDescr of ['"Polycom HDX 9006"', "HDX 9006"])
    expect(facts(sysDescr)).toEqual({ vendor: "Polycom", model: "HDX 9006", family: "hdx" });
  expect(facts("")).toEqual({ vendor: "Polycom" });
});

test("systemFacts(): RMX says its version [snmp 3.2]", () => {
  expect(systemFacts({ sysDescr: "RMX.8.4.0.100", sysName: "mcu" })).toEqual({
    name: "mcu",
    vendor: "Polycom",
    model: "RMX",
    running: { application: "8.4.0.100" },
  });
});

test("systemFacts(): other Polycom agents: neither model nor version from a text an administrator may change [snmp 3.3] [snmp 2.3]", () => {
  const look = { sysDescr: "Studio X50 4.2.0", sysObjectId: "1.3.6.1.4.1.13885.101", sysName: "Room 5" };
  expect(systemFacts(look)).toEqual({ name: "Room 5", vendor: "Polycom" });
});

test("systemFacts(): an RMX's text counts under its own numbers and net-snmp's, not under an endpoint's or another maker's [snmp 3.2] [snmp 3.4]", () => {
  const model = (sysObjectId: string): string | undefined => systemFacts({ sysDescr: "RMX.8.4.0.100", sysObjectId }).model;
  expect(["13885.9.1.10.2", "8072.3.2.10"].map((rest) => model(`1.3.6.1.4.1.${rest}`))).toEqual(["RMX", "RMX"]);
  expect(["13885.101", "13885.77", "8072.3.2.100", "9.1.1"].map((rest) => model(`1.3.6.1.4.1.${rest}`))).toEqual(Array(4).fill(undefined));
});

test("systemFacts(): enterprises are matched by number, not by text", () => {
  for (const sysObjectId of ["1.3.6.1.4.1.138851.1", "1.3.6.1.4.1.1388.5", "1.3.6.1.4.1.2684.1.10"])
    expect([sysObjectId, systemFacts({ sysObjectId })]).toEqual([sysObjectId, {}]);
});

test("systemEvidence(): what was said, cut short; nothing where nothing was said", () => {
  const [one] = systemEvidence({ sysDescr: "x".repeat(500), sysObjectId: "1.3.6" }, 7);
  expect(one).toMatchObject({ via: "snmp", atMs: 7, what: expect.stringContaining("sysObjectID 1.3.6") });
  expect(one?.what.length).toBeLessThan(200);
  expect(systemEvidence({ sysName: "only" }, 7)).toEqual([]);
});

test("lookAtSystem(): facts and uptime; use is unknown, never idle; a fault leaves all absent", async () => {
  const { snmp } = agent("right", { kind: "unreachable", via: "snmp" });
  expect(await lookAtSystem(await place(community("right")), ioWith(snmp), never)).toMatchObject({
    facts: { model: "HDX 9006" },
    inUse: { state: "unknown" },
    uptimeSeconds: 123,
    faults: [],
  });
  expect(await lookAtSystem(await place(community("wrong")), ioWith(snmp), never)).toEqual({
    facts: {},
    inUse: { state: "unknown", reason: expect.any(String) },
    faults: [{ kind: "unreachable", via: "snmp" }],
  });
});

test("nothingRead(): everything is absent and one fault says why", () => {
  const fault: Fault = { kind: "unreachable", via: "snmp" };
  expect(nothingRead(fault)).toMatchObject({
    facts: {},
    inUse: { state: "unknown" },
    lines: [],
    parts: [],
    reading: {},
    evidence: [],
    faults: [fault],
  });
});

test("readSystem(): texts of 60 kB become no name and no model; the evidence says that they were left out", async () => {
  const huge = { ...HDX, [SYSTEM.sysDescr]: text("HDX 9006 ".repeat(7_000)), [SYSTEM.sysName]: text("x".repeat(256)) };
  const read = await readSystem(await place(community("any")), ioWith(fakeSnmp(huge)), never);
  const look = read.ok ? read.value.look : {};
  expect(systemFacts(look)).toEqual({ vendor: "Polycom" });
  expect(systemEvidence(look, 7)).toEqual([
    {
      via: "snmp",
      what: "sysObjectID 1.3.6.1.4.1.2684.1.1, sysDescr of 63000 octets, where a text has at most 255, sysName of 256 octets, where a text has at most 255",
      atMs: 7,
    },
  ]);
});

test("systemFacts(): a text as long as a text may be is still no model", () => {
  expect(systemFacts({ sysObjectId: "1.3.6.1.4.1.2684.1.1", sysDescr: "x".repeat(255) })).toEqual({ vendor: "Polycom" });
});

test("moreTelling(): silence at one way in hides nothing that another one said", () => {
  const silence: Fault = { kind: "unreachable", via: "snmp" };
  const [denied, garbled] = (["denied", "garbled"] as const).map((kind) => ({ kind, via: "snmp", wanted: "an answer" }) as Fault);
  expect([moreTelling(undefined, silence), moreTelling(denied, silence), moreTelling(silence, garbled ?? silence)]).toEqual([
    silence,
    denied,
    garbled,
  ]);
});
