/**
 * Every model of every family, probed as a person would, against what the site itself says of it. What no door tells stands in a
 * table with its reason, so that a gap nobody knows of fails here.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DeviceKind, SimDevice } from "../../fixtures/site/device.ts";
import { PANELS } from "../../fixtures/site/plan-models.ts";
import { macFromVideoSerial } from "../../protocols/core/ids.ts";
import type { Identified } from "../../protocols/families/identify.ts";
import { type EverySite, ORDER_NUMBERS, openEverySite, POLLING_PARAMS, type Row } from "../support/every-site.ts";

let site: EverySite;
let truth: readonly Row[];
let idle: ReadonlyMap<string, Identified>;

beforeAll(async () => {
  site = await openEverySite();
  // The only word of a SoundPoint on its calls is state polling.
  for (const device of site.ofKind("soundpoint")) device.vars.set("params", POLLING_PARAMS);
  truth = await site.truth();
  idle = await probeAll(site.devices);
});
afterAll(() => site.close());

async function probeAll(devices: readonly SimDevice[]): Promise<ReadonlyMap<string, Identified>> {
  return new Map(await Promise.all(devices.map(async (device) => [device.mac, await site.probe(device)] as const)));
}

const FIELDS = [
  "family",
  "model",
  "mac",
  "serial",
  "partNumber",
  "application",
  "updater",
  "linesRegistered",
  "linesConfigured",
  "managedBy",
  "inUse",
] as const;
type Field = (typeof FIELDS)[number];
type Told = Partial<Record<Field, string | number | undefined>>;

interface Gap {
  readonly kinds: readonly DeviceKind[];
  readonly fields: readonly Field[];
  readonly of?: (row: Row) => boolean;
  readonly because: string;
}

/** What cannot be known by asking the device itself. */
const GAPS: readonly Gap[] = [
  { kinds: ["panel"], fields: FIELDS, because: "a panel has no door: its room's system tells of it (protocols/video.md 2.5)" },
  {
    kinds: ["soundpoint"],
    fields: ["linesRegistered", "linesConfigured"],
    because: "no REST, and state polling tells the state of line keys, not registrations (protocols/uc-phones.md 6)",
  },
  {
    kinds: ["soundpoint"],
    fields: ["partNumber"],
    of: ({ running }) => running.startsWith("3."),
    because: "its pages came with 4.0 (protocols/uc-phones.md 1); switch, DHCP and file requests tell it",
  },
  {
    kinds: ["studio", "group", "hdx", "mcu", "switch"],
    fields: ["partNumber"],
    because: "no answer on record states one (protocols/video.md 2.2, 4.2, 5; protocols/snmp.md 4)",
  },
  { kinds: ["studio", "group", "hdx", "mcu", "switch"], fields: ["updater"], because: "one program, one number" },
  {
    kinds: ["hdx"],
    fields: ["linesRegistered", "linesConfigured", "managedBy"],
    because: "neither its status page nor its commands are on record to name registrar or manager (protocols/video.md 5)",
  },
  {
    kinds: ["mcu", "switch"],
    fields: ["linesRegistered", "linesConfigured", "managedBy", "inUse"],
    because: "nothing that registers; watched, never updated, so nobody asks whether it is free",
  },
  {
    kinds: ["switch"],
    fields: ["mac"],
    of: ({ model }) => model.startsWith("ISR"),
    because: "a router has no bridge and so no bridge's address",
  },
  {
    kinds: ["mcu"],
    fields: ["mac", "serial"],
    because: "no object of theirs holds one (protocols/snmp.md 4.3 to 4.5); a router's ARP does",
  },
  {
    kinds: ["mcu"],
    fields: ["application"],
    of: ({ model }) => model !== "RMX",
    because: "no object of Resource Manager or DMA holds a version (protocols/snmp.md 4.4, 4.5)",
  },
];

const isGap = (row: Row, field: Field): boolean =>
  GAPS.some(({ kinds, fields, of }) => kinds.includes(row.kind) && fields.includes(field) && of?.(row) !== false);

/** One spelling per model over all sources. */
function spelt(model: string): string {
  const servers: Readonly<Record<string, string>> = {
    RPRM: "RealPresence Resource Manager",
    DMA: "RealPresence DMA",
    ...ORDER_NUMBERS,
  };
  return servers[model] ?? model.replace(/^StudioX/, "Studio X").replace(/ HD$/, "");
}

function expectedOf(row: Row): Told {
  const whole: Told = {
    family: row.family,
    model: spelt(row.model),
    mac: row.mac,
    serial: row.serial,
    partNumber: row.partNumber,
    application: row.build === "" ? row.running : `${row.running}-${row.build}`,
    updater: row.updater,
    linesRegistered: row.lines.filter(({ registered }) => registered).length,
    linesConfigured: row.lines.length,
    managedBy: "none",
    inUse: "idle",
  };
  return Object.fromEntries(FIELDS.map((field) => [field, isGap(row, field) ? undefined : whole[field]]));
}

function toldBy(identified: Identified | undefined): Told {
  if (identified === undefined) return {};
  const { facts, reading, inUse } = identified;
  return {
    family: facts.family,
    model: facts.model,
    mac: facts.mac,
    serial: facts.serial,
    partNumber: facts.partNumber,
    application: facts.running?.application,
    updater: facts.running?.updater,
    linesRegistered: reading.registeredLines,
    linesConfigured: reading.configuredLines,
    managedBy: facts.managedBy,
    // "Unknown" tells nothing, and must say why.
    inUse: inUse?.state === "unknown" && inUse.reason !== "" ? undefined : inUse?.state,
  };
}

const KINDS: readonly DeviceKind[] = ["vvx", "trio", "ccx", "edge", "soundpoint", "studio", "panel", "group", "hdx", "mcu", "switch"];
const nameOf = ({ kind, model, mac }: Row | SimDevice): string => `${kind} ${model} ${mac}`;

test("the site: 73 models of eleven kinds stand there", () => {
  const models = new Set(truth.filter(({ kind }) => kind !== "switch").map(({ model }) => model));
  expect(models.size).toBe(73);
  expect(new Set(truth.map(({ kind }) => kind))).toEqual(new Set(KINDS));
});

test.each(KINDS)("probe: every %s is what the site says it is, but for what no door tells", (kind) => {
  const rows = truth.filter((row) => row.kind === kind);
  const told = rows.map((row) => [nameOf(row), toldBy(idle.get(row.mac))]);
  expect(told).toEqual(rows.map((row) => [nameOf(row), expectedOf(row)]));
});

test("the table of gaps: each of its lines is about something the site has", () => {
  for (const { kinds, of, because } of GAPS) {
    const met = kinds.filter((kind) => truth.some((row) => row.kind === kind && of?.(row) !== false));
    expect([because, met]).toEqual([because, kinds]);
  }
});

test("probe: nobody who tells all is at fault; a shut door is told as one", () => {
  for (const device of site.devices) {
    const faults = idle.get(device.mac)?.faults.map((fault) => `${fault.kind} ${"via" in fault ? fault.via : ""}`) ?? [];
    const shut = ["unreachable tls", "unreachable https", "unreachable sip", "unreachable ssh", "unreachable snmp", "off https"];
    expect([nameOf(device), faults.filter((fault) => !shut.includes(fault))]).toEqual([nameOf(device), []]);
  }
});

test("probe: serial number and MAC of a video system belong together", () => {
  for (const device of site.ofKind("studio", "group", "hdx")) {
    const { serial = "", mac } = idle.get(device.mac)?.facts ?? {};
    expect([device.mac, macFromVideoSerial(serial)]).toEqual([mac, mac]);
  }
});

test("probe: a room's system tells of its panel what the panel has no door to tell", () => {
  const studios = site.ofKind("studio");
  expect(new Set(studios.map(({ panel }) => panel?.model))).toEqual(new Set(PANELS.map(({ model }) => model)));
  for (const { mac, panel } of studios) {
    const { model, serial, running, build } = panel as SimDevice;
    expect(idle.get(mac)?.parts).toEqual([{ model, mac: panel?.mac, serial, version: `${running}-${build}`, connected: true }]);
  }
});
