/**
 * Devices found and not covered, handed in for registration: as a file for a person, or through the portal. No piece of
 * hardware is handed in twice, whatever becomes of its row: its key is made of its serial number or MAC.
 */
import { createHash } from "node:crypto";
import { writeCsv } from "../../protocols/core/csv.ts";
import { type DeviceId, type Mac, showMac } from "../../protocols/core/ids.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { Registration } from "../../store/coverage.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { tokensOf } from "./decide.ts";
import type { Hardware, Portal, Registered } from "./portal.ts";

type Tables = Pick<Store, "transaction" | "devices" | "coverage" | "places" | "sightings">;

/** One line of a registration file. */
export interface ToRegister {
  readonly device: DeviceId;
  readonly key: string;
  readonly serial?: string;
  readonly mac?: string;
  readonly model?: string;
  readonly partNumber?: string;
  readonly name: string;
  readonly room?: string;
  readonly firmware?: string;
  /** ISO 8601. */
  readonly firstSeen: string;
  /** How it was found, for whoever asks. */
  readonly found: string;
  /** It was in an earlier file, or its registration is under way. */
  readonly earlier?: Registration["state"];
}

/** All names of a device, so that one known first by its MAC is still known by its serial number. */
function keyOf(token: string): string {
  return createHash("sha256").update(`registration|${token}`).digest("hex").slice(0, 32);
}

/** The same for the same hardware. The serial number counts first: it is what a contract is on. */
export function registrationKey(device: { readonly mac?: Mac; readonly serial?: string }): string | undefined {
  const [mac, serial] = [device.mac, device.serial];
  const bySerial = serial === undefined ? undefined : [...tokensOf({ serial })][0];
  const token = bySerial ?? (mac === undefined ? undefined : [...tokensOf({ mac })][0]);
  return token === undefined ? undefined : keyOf(token);
}

/** What was handed in of this hardware earlier, under whichever of its names. */
function earlierOf(device: DeviceRow, known: readonly Registration[]): Registration | undefined {
  const names = tokensOf(device);
  return known.find((one) => one.device === device.id || [...tokensOf(one)].some((token) => names.has(token)));
}

/** Every device that is not covered, the first found first. One without serial and MAC cannot be named to anybody. */
export function toRegister(tables: Tables): readonly ToRegister[] {
  const known = tables.coverage.registrations();
  const uncovered = [...tables.coverage.all().values()].filter(({ state }) => state === "notCovered");
  return uncovered
    .flatMap(({ device: id }) => tables.devices.load(id) ?? [])
    .toSorted((a, b) => a.firstSeenMs - b.firstSeenMs || (a.id < b.id ? -1 : 1))
    .flatMap((device): ToRegister[] => {
      const earlier = earlierOf(device, known);
      const key = earlier?.key ?? registrationKey(device);
      return key === undefined ? [] : [{ ...lineOf(device, tables), key, ...(earlier === undefined ? {} : { earlier: earlier.state }) }];
    });
}

function lineOf(device: DeviceRow, tables: Tables): Omit<ToRegister, "key"> {
  const { id, serial, mac, model, partNumber, name, running, firstSeenMs } = device;
  const first = tables.sightings.first(id);
  const known = {
    serial,
    mac: mac === undefined ? undefined : showMac(mac),
    model,
    partNumber,
    room: tables.places.ofDevice(id)?.room,
    firmware: running,
  };
  return {
    device: id,
    name,
    ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Partial<ToRegister>),
    firstSeen: isoOf(firstSeenMs),
    found: first === undefined ? "" : `${first.source}: ${first.evidence[0]?.what ?? ""}`.slice(0, 200),
  };
}

const HEADER = ["serial", "mac", "model", "partNumber", "name", "room", "firmware", "firstSeen", "found", "key"] as const;

/** For a portal's upload form, or a person. */
export function registrationCsv(lines: readonly ToRegister[]): string {
  return writeCsv([[...HEADER], ...lines.map((line) => HEADER.map((column) => line[column] ?? ""))]);
}

/** Notes that these are in a file now. */
export function markListed(lines: readonly ToRegister[], tables: Tables, atMs: Ms): void {
  tables.transaction(() => {
    for (const { key, device, earlier } of lines) {
      const row = earlier === undefined ? rowOf(key, device, tables) : undefined;
      if (row !== undefined) tables.coverage.saveRegistration({ ...row, state: "listed", atMs });
    }
  });
}

function rowOf(key: string, id: DeviceId, tables: Tables): Omit<Registration, "state" | "atMs"> | undefined {
  const device = tables.devices.load(id);
  if (device === undefined) return undefined;
  const { serial, mac } = device;
  return { key, device: device.id, ...(serial === undefined ? {} : { serial }), ...(mac === undefined ? {} : { mac }) };
}

export interface HandedIn {
  readonly device: string;
  readonly name: string;
  readonly state: Registration["state"] | "waits";
  readonly reference?: string;
  readonly why?: string;
}

/**
 * Hands them in one after the other: intent in the row, call, answer in the row. One whose call may have arrived is looked up
 * before it is sent again. Stops asking where the portal says "later" or does not answer: the next run goes on there.
 */
export async function handIn(
  lines: readonly ToRegister[],
  io: {
    readonly tables: Tables;
    readonly portal: Portal;
    readonly site: string;
    readonly nowMs: () => Ms;
  },
  signal: AbortSignal,
): Promise<readonly HandedIn[]> {
  const results: HandedIn[] = [];
  for (const line of lines) {
    if (signal.aborted) break;
    const outcome = await handInOne(line, io, signal);
    results.push({ device: line.device, name: line.name, ...viewOf(outcome) });
    if (outcome.kind === "later" || outcome.kind === "unknown") break;
  }
  return results;
}

async function handInOne(
  line: ToRegister,
  { tables, portal, site, nowMs }: { readonly tables: Tables; readonly portal: Portal; readonly site: string; readonly nowMs: () => Ms },
  signal: AbortSignal,
): Promise<Registered> {
  const row = rowOf(line.key, line.device, tables);
  if (row === undefined) return { kind: "refused", why: "the device is gone" };
  const save = (state: Registration["state"], more: { readonly reference?: string; readonly why?: string } = {}): void =>
    tables.coverage.saveRegistration({ ...row, state, atMs: nowMs(), ...more });
  if (line.earlier === "sending") {
    const found = await portal.find(line.key, signal);
    if (!found.ok) return { kind: "unknown", why: "it does not say whether an earlier call arrived" };
    if (found.value !== undefined) {
      save("registered", found.value);
      return { kind: "done", reference: found.value.reference };
    }
  }
  save("sending");
  const outcome = await portal.register(hardwareOf(line, site), signal);
  if (outcome.kind === "done") save("registered", { reference: outcome.reference });
  if (outcome.kind === "refused") save("refused", { why: outcome.why });
  return outcome;
}

function hardwareOf({ key, serial, mac, model, partNumber, firstSeen }: ToRegister, site: string): Hardware {
  const known = Object.fromEntries(Object.entries({ serial, mac, model, partNumber }).filter(([, value]) => value !== undefined));
  return { key, site, ...known, foundAt: firstSeen };
}

function viewOf(outcome: Registered): Omit<HandedIn, "device" | "name"> {
  switch (outcome.kind) {
    case "done":
      return { state: "registered", reference: outcome.reference };
    case "refused":
      return { state: "refused", why: outcome.why };
    case "later":
      return { state: "waits", why: outcome.why };
    case "unknown":
      return { state: "sending", why: outcome.why };
  }
}
