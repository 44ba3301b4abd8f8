/**
 * The monthly attestation: every Poly product of the site, how it was found, and whether it was under contract. Pure over rows.
 */
import * as z from "zod";
import { showMac } from "../../protocols/core/ids.ts";
import { instantOf, isoOf, type Ms } from "../../protocols/core/time.ts";
import type { CoverageRow } from "../../store/coverage.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import { keyTextSchema, kidSchema } from "../commands/keys.ts";
import { needsContract } from "./decide.ts";
import { WORST_FIRST } from "./view.ts";

const text = z.string().max(1_000);
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const moment = z.iso.datetime();
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const monthSchema = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'expected a month such as "2026-11"');
const state = z.enum(["covered", "expiring", "lapsed", "notCovered", "unknown"]);
const source = z.enum(["csv", "lens", "portal"]);

const attestedDevice = z.strictObject({
  device: text,
  name: text,
  model: text.optional(),
  serial: text.optional(),
  mac: text.optional(),
  partNumber: text.optional(),
  firmware: text.optional(),
  room: text.optional(),
  firstSeen: moment,
  lastSeen: moment,
  /** The first sighting that is kept, and every kind of source that has told of it since. */
  found: z.strictObject({ source: text, at: moment, evidence: text }).optional(),
  sources: z.array(text).max(20),
  coverage: z.strictObject({
    state,
    since: moment.optional(),
    until: day.optional(),
    contract: text.optional(),
    service: text.optional(),
    list: source.optional(),
    why: text,
  }),
  /** Handed in for registration. */
  registration: z.strictObject({ state: text, at: moment, reference: text.optional() }).optional(),
});
export type AttestedDevice = z.infer<typeof attestedDevice>;

export const attestationSchema = z.strictObject({
  schema: z.literal("groundswell.attestation/1"),
  site: z.strictObject({ id: text, name: text, environment: text }),
  month: monthSchema,
  /** Whose days and months count. */
  zone: text,
  /** The moment it tells of: the end of the month, or now while the month lasts. */
  asOf: moment,
  /** False while the month lasts. */
  complete: z.boolean(),
  madeAt: moment,
  agentVersion: text,
  /** The newest list of each source by then. */
  lists: z.array(z.strictObject({ source, name: text, takenAt: moment, listed: count })).max(3),
  counts: z.strictObject({
    devices: count,
    covered: count,
    expiring: count,
    lapsed: count,
    notCovered: count,
    unknown: count,
    notSeen: count,
  }),
  devices: z.array(attestedDevice).max(20_000),
  pdf: z.strictObject({ name: text, sha256, sizeBytes: count }),
  /** Length and last hash of the agent's audit when it was made. */
  audit: z.strictObject({ count, hash: z.string().max(64) }),
  signer: z.strictObject({ kid: kidSchema, publicKey: keyTextSchema }),
});
export type Attestation = z.infer<typeof attestationSchema>;

/** The file: the attestation, and a detached compact JWS over its JSON without blanks. */
export const signedSchema = z.strictObject({
  schema: z.literal("groundswell.attestation-signed/1"),
  attestation: attestationSchema,
  signature: z.string().regex(/^[A-Za-z0-9_-]{1,500}\.\.[A-Za-z0-9_-]{86}$/),
});
export type SignedAttestation = z.infer<typeof signedSchema>;

export type Draft = Omit<Attestation, "pdf" | "audit" | "signer">;

export interface AttestIo {
  readonly store: Pick<Store, "devices" | "coverage" | "entitlements" | "places" | "sightings">;
  readonly site: Attestation["site"];
  readonly zone: string;
  readonly agentVersion: string;
  readonly nowMs: Ms;
}

/** First moment of a month in its zone, and of the next. */
export function monthOf(month: string, zone: string): { readonly fromMs: Ms; readonly untilMs: Ms } {
  const first = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
  const at = (date: Temporal.PlainDate): Ms => date.toZonedDateTime(zone).epochMilliseconds;
  return { fromMs: at(first), untilMs: at(first.add({ months: 1 })) };
}

/** The month a moment falls into. */
export function monthAt(zone: string, atMs: Ms): string {
  return instantOf(atMs).toZonedDateTimeISO(zone).toPlainDate().toPlainYearMonth().toString();
}

/** Devices looked up between two breaths of the main thread. Guessed from 10 ms. */
const BREATH = 100;

/** What is to be attested. The caller has checked that the month has begun. */
export async function draftAttestation(month: string, io: AttestIo): Promise<Draft> {
  const { store, site, zone, agentVersion, nowMs } = io;
  const { fromMs, untilMs } = monthOf(month, zone);
  const asOfMs = Math.min(untilMs - 1, nowMs);
  const then = store.coverage.asOf(asOfMs);
  const known = store.devices.list().filter((device) => needsContract(device) && device.firstSeenMs <= asOfMs);
  const seen = known.filter((device) => device.lastSeenMs >= fromMs);
  const handedIn = handedInBy(asOfMs, store);
  const devices: AttestedDevice[] = [];
  for (const [at, device] of seen.entries()) {
    if (at % BREATH === BREATH - 1) await new Promise<void>((resolve) => setImmediate(resolve));
    const registration = handedIn.get(device.id);
    devices.push({
      ...factsOf(device, io),
      coverage: coverageIn(then.get(device.id)),
      ...(registration === undefined ? {} : { registration }),
    });
  }
  return {
    schema: "groundswell.attestation/1",
    site,
    month,
    zone,
    asOf: isoOf(asOfMs),
    complete: nowMs >= untilMs,
    madeAt: isoOf(nowMs),
    agentVersion,
    lists: listsBy(asOfMs, store),
    counts: countsOf(devices, known.length - seen.length),
    devices: devices.toSorted(worstFirst),
  };
}

function worstFirst(a: AttestedDevice, b: AttestedDevice): number {
  const byState = WORST_FIRST.indexOf(a.coverage.state) - WORST_FIRST.indexOf(b.coverage.state);
  return byState || a.name.localeCompare(b.name, "en", { numeric: true }) || (a.device < b.device ? -1 : 1);
}

function handedInBy(asOfMs: Ms, store: AttestIo["store"]): ReadonlyMap<string, NonNullable<AttestedDevice["registration"]>> {
  return new Map(
    store.coverage
      .registrations()
      .flatMap(({ device, state: at, atMs, reference }) =>
        device === undefined || atMs > asOfMs
          ? []
          : [[device, { state: at, at: isoOf(atMs), ...(reference === undefined ? {} : { reference }) }] as const],
      ),
  );
}

/** Imports looked back on; a list older than these is still the newest of its source, and is found among the newest. */
const IMPORTS_MAX = 10_000;

function listsBy(asOfMs: Ms, store: AttestIo["store"]): Draft["lists"] {
  const newest = new Map<string, Draft["lists"][number]>();
  for (const { source: from, name, atMs, listed } of store.entitlements.imports(IMPORTS_MAX))
    if (atMs <= asOfMs && !newest.has(from)) newest.set(from, { source: from, name: name.slice(0, 200), takenAt: isoOf(atMs), listed });
  return [...newest.values()].toSorted((a, b) => (a.source < b.source ? -1 : 1));
}

function countsOf(devices: readonly AttestedDevice[], notSeen: number): Draft["counts"] {
  const counts = { devices: devices.length, covered: 0, expiring: 0, lapsed: 0, notCovered: 0, unknown: 0, notSeen };
  for (const { coverage } of devices) counts[coverage.state]++;
  return counts;
}

function factsOf(device: DeviceRow, { store }: AttestIo): Omit<AttestedDevice, "coverage"> {
  const { id, name, model, serial, mac, partNumber, running, firstSeenMs, lastSeenMs } = device;
  const first = store.sightings.first(id);
  const known = {
    model,
    serial,
    mac: mac === undefined ? undefined : showMac(mac),
    partNumber,
    firmware: running,
    room: store.places.ofDevice(id)?.room,
  };
  return {
    device: id,
    name: name.slice(0, 200),
    ...(Object.fromEntries(
      Object.entries(known).flatMap(([field, value]) => (value === undefined ? [] : [[field, value.slice(0, 200)]])),
    ) as Partial<AttestedDevice>),
    firstSeen: isoOf(firstSeenMs),
    lastSeen: isoOf(lastSeenMs),
    ...(first === undefined
      ? {}
      : {
          found: {
            source: first.source,
            at: isoOf(first.atMs),
            evidence: first.evidence
              .map(({ via, what }) => `${via}: ${what}`)
              .join("; ")
              .slice(0, 500),
          },
        }),
    sources: [...new Set(store.devices.facts(id).map((fact) => fact.source))].sort(),
  };
}

const storedDecision = z.object({
  until: day.optional(),
  why: text,
  by: z.object({ source, contract: text.optional(), service: text.optional() }).optional(),
});

function coverageIn(row: CoverageRow | undefined): AttestedDevice["coverage"] {
  if (row === undefined) return { state: "unknown", why: "was not decided in that month" };
  const { until, why, by } = storedDecision.parse(row.doc);
  const named = { until, contract: by?.contract, service: by?.service, list: by?.source };
  return {
    state: row.state,
    since: isoOf(row.sinceMs),
    why,
    ...(Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) as Partial<AttestedDevice["coverage"]>),
  };
}
