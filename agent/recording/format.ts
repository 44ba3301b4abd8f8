/**
 * A recorded device as plain data: what was asked of each door and what came back, what was made of it, and as which files
 * it is kept. Pure.
 */
import * as z from "zod";
import type { CoupledPart, DeviceFacts, FamilyId, InUse, Line } from "../../protocols/core/device.ts";
import type { Fault } from "../../protocols/core/fault.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import type { FirstLook } from "../../protocols/families/family.ts";
import { compareOids, parseOid } from "../../protocols/snmp/oids.ts";

/** What JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;
export interface PlainObject {
  readonly [key: string]: Plain | undefined;
}

/** One ask and what became of it. Equal asks have equal texts: a replay finds its answer by it. */
export type Exchange = { readonly ask: PlainObject } & ({ readonly answer: Plain } | { readonly fault: Fault });

export const RECORDED_DOORS = ["https", "http", "snmp", "ssh", "telnet", "sip"] as const;
export type RecordedDoor = (typeof RECORDED_DOORS)[number];

/** What a TLS peer showed; its end is kept as seconds from the visit, because moments move and lengths do not. */
export interface RecordedCertificate {
  readonly commonName?: string;
  readonly organisation?: string;
  readonly fingerprint: string;
  readonly notAfterSeconds?: number;
}

export interface DoorRecord {
  readonly exchanges: readonly Exchange[];
  readonly certificate?: RecordedCertificate;
}

/** How the device was visited: enough to visit its recording in the same way. */
export interface Visit {
  /** ISO 8601. */
  readonly at: string;
  readonly address: string;
  readonly trust: "any" | "pin";
  readonly telnet?: boolean;
  readonly sipNotify?: boolean;
  readonly oldTls?: boolean;
  readonly expectMac?: string;
  /** Kinds and ids; of what they hold only the user. */
  readonly credentials: readonly {
    readonly kind: "password" | "community" | "usm" | "certificate";
    readonly id: string;
    readonly user?: string;
  }[];
}

/** What identifying it gave, without moments. */
export interface Expected {
  readonly visit: Visit;
  readonly facts: DeviceFacts;
  readonly family?: FamilyId;
  readonly ambiguous?: readonly FamilyId[];
  readonly confidence: number;
  readonly inUse?: InUse;
  readonly lines: readonly Line[];
  readonly parts: readonly CoupledPart[];
  readonly reading: Reading;
  readonly evidence: readonly { readonly via: string; readonly what: string }[];
  readonly faults: readonly Fault[];
}

export interface Recording {
  readonly doors: Readonly<Partial<Record<RecordedDoor, DoorRecord>>>;
  readonly look: FirstLook;
  readonly expected: Expected;
}

const exchangeSchema = z.union([
  z.strictObject({ ask: z.record(z.string(), z.json()), answer: z.json() }),
  z.strictObject({ ask: z.record(z.string(), z.json()), fault: z.looseObject({ kind: z.string() }) }),
]);

const DOOR_SCHEMA = "groundswell.recorded-door/1";
const LOOK_SCHEMA = "groundswell.recorded-look/1";
const DEVICE_SCHEMA = "groundswell.recorded-device/1";
const SECRETS_SCHEMA = "groundswell.recorded-secrets/1";

const doorSchema = z.strictObject({
  schema: z.literal(DOOR_SCHEMA),
  certificate: z
    .strictObject({
      commonName: z.string().optional(),
      organisation: z.string().optional(),
      fingerprint: z.string(),
      notAfterSeconds: z.number().optional(),
    })
    .optional(),
  exchanges: z.array(exchangeSchema),
});
const lookSchema = z.strictObject({ schema: z.literal(LOOK_SCHEMA), look: z.record(z.string(), z.json()) });
const expectedSchema = z.looseObject({ schema: z.literal(DEVICE_SCHEMA), visit: z.looseObject({ at: z.string(), address: z.string() }) });
const secretsSchema = z.strictObject({ schema: z.literal(SECRETS_SCHEMA), mustNotAppear: z.array(z.string()) });

/** What a replay logs in with, whatever was used at the device. */
export const REPLAY_SECRET = "canary-log-in";

/** File names and texts: the same recording gives the same bytes. */
export function filesOf(recording: Recording, canaries: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const door of RECORDED_DOORS) {
    const record = recording.doors[door];
    if (record === undefined || record.exchanges.length === 0) continue;
    files.set(`${door}.json`, written({ schema: DOOR_SCHEMA, certificate: record.certificate, exchanges: inOrder(record.exchanges) }));
  }
  files.set("look.json", written({ schema: LOOK_SCHEMA, look: recording.look }));
  files.set("expected.json", written({ schema: DEVICE_SCHEMA, ...recording.expected }));
  files.set("secrets.json", written({ schema: SECRETS_SCHEMA, mustNotAppear: [...canaries.toSorted(), REPLAY_SECRET] }));
  return files;
}

const written = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** Doors are knocked at at once, so the order of different asks is chance; of equal asks it says what came first. */
function inOrder(exchanges: readonly Exchange[]): readonly Exchange[] {
  const named = exchanges.map((exchange) => ({ name: JSON.stringify(exchange.ask), exchange }));
  return named.toSorted((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1)).map(({ exchange }) => withRowsInOrder(exchange));
}

/** SNMP tables are kept in the order of a walk, whatever their indexes were replaced by. */
function withRowsInOrder(exchange: Exchange): Exchange {
  if (!("answer" in exchange) || exchange.answer === null || typeof exchange.answer !== "object" || Array.isArray(exchange.answer)) {
    return exchange;
  }
  const rows = Object.entries(exchange.answer as PlainObject).map(([oid, value]) => ({ oid, parts: parseOid(oid), value }));
  if (rows.some(({ parts }) => parts === undefined)) return exchange;
  const sorted = rows.toSorted((a, b) => compareOids(a.parts ?? [], b.parts ?? []));
  return { ...exchange, answer: Object.fromEntries(sorted.map(({ oid, value }) => [oid, value])) };
}

/** What was read of a folder of files. */
export interface RecordedFolder extends Recording {
  readonly mustNotAppear: readonly string[];
}

/** Reads files back. Throws where one is missing or of another form: a broken folder is a mistake of ours. */
export function parseFiles(files: ReadonlyMap<string, string>): RecordedFolder {
  const read = (name: string): unknown => JSON.parse(files.get(name) ?? `"${name} is missing"`);
  const doors = RECORDED_DOORS.flatMap((door) => {
    if (!files.has(`${door}.json`)) return [];
    const { certificate, exchanges } = doorSchema.parse(read(`${door}.json`));
    return [[door, { exchanges, ...(certificate === undefined ? {} : { certificate }) }] as const];
  });
  const { schema: _, ...expected } = expectedSchema.parse(read("expected.json"));
  return {
    // Written by `filesOf` alone, from values of these types.
    doors: Object.fromEntries(doors) as Recording["doors"],
    look: lookSchema.parse(read("look.json")).look as FirstLook,
    expected: expected as unknown as Expected,
    mustNotAppear: secretsSchema.parse(read("secrets.json")).mustNotAppear,
  };
}

/** Where a recording belongs below `fixtures/`: `uc-phone/vvx-450_6.4.6.2494`; unknown parts say so. */
export function placeOf({ facts }: Pick<Expected, "facts">): string {
  const plain = (text: string | undefined): string =>
    (text ?? "")
      .toLowerCase()
      .replaceAll(/[^a-z0-9.]+/g, "-")
      .replaceAll(/^[-.]+|[-.]+$/g, "");
  const version = facts.running?.application ?? facts.running?.updater;
  return `${facts.family ?? "unknown"}/${plain(facts.model) || "unknown"}_${plain(version) || "unknown"}`;
}
