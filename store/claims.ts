/**
 * Sightings by what they say of identity: who claimed a serial number, who was at an address and when. What was decided
 * from them can so be decided anew when a sighting comes late.
 */
import type { Sighting, SightingSource } from "../protocols/core/device.ts";
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { SOURCES } from "./devices.ts";
import { decoder, flag, maybeText, maybeWhole, oneOf, text, toJson, whole } from "./row.ts";
import { readSighting } from "./sightings.ts";
import type { Row, Sql } from "./sql.ts";

/** A device said to have a serial number by a sighting that states its MAC too; the newest of each source. */
export interface SerialClaim {
  readonly device: DeviceId;
  readonly source: SightingSource;
  readonly atMs: Ms;
}

/** One kept sighting, as far as its place in time and identity goes. */
export interface Trace {
  readonly seq: number;
  readonly device: DeviceId;
  readonly source: SightingSource;
  readonly atMs: Ms;
  readonly address: string | undefined;
  /** It states a MAC or a serial number. */
  readonly named: boolean;
}

export interface Walk {
  readonly address: string;
  readonly fromMs: Ms;
  readonly direction: "back" | "forward";
  /** Sources whose word on an address may be old: passed over. */
  readonly hints: readonly SightingSource[];
  readonly limit: number;
}

export interface Claims {
  statedSerial(serial: string): readonly SerialClaim[];
  /** Other devices that claim the serial number beside their MAC: the nearest by id, at most two. */
  rivals(serial: string, device: DeviceId): readonly DeviceId[];
  /** Sightings that state the serial number and no MAC, on other devices than this one. */
  serialOnly(serial: string, exceptOn: DeviceId): readonly Trace[];
  /** One of the sightings without a MAC says that it is of these families. */
  serialOnlyOf(serial: string, families: readonly string[]): boolean;
  /** What is at an address from a moment on (`forward`: after it, `back`: at it or before), nearest first. */
  walk(walk: Walk): readonly Trace[];
  /** Was somebody at the address who said neither MAC nor serial number? */
  namelessNear(address: string, fromMs: Ms, untilMs: Ms): boolean;
  /** Those at the address in that time who said neither, oldest first. */
  nameless(address: string, fromMs: Ms, untilMs: Ms): readonly Trace[];
  /** Whom switches and routers put at the address in that time; one that was heard at another address meanwhile is not there. */
  hintedAt(address: string, fromMs: Ms, untilMs: Ms): readonly { readonly device: DeviceId; readonly source: SightingSource }[];
  /** Where switches and routers put the device in that time. */
  hintAddresses(device: DeviceId, fromMs: Ms, untilMs: Ms): readonly string[];
  /** Sightings of the device that are its own: with a MAC, or with another serial number. */
  standsWithout(device: DeviceId, serial: string): boolean;
  count(device: DeviceId): number;
  load(seqs: readonly number[]): readonly Sighting[];
  ofSources(device: DeviceId, sources: readonly SightingSource[]): readonly Sighting[];
  move(seqs: readonly number[], to: DeviceId): void;
  /** When it was first seen, and last heard of; absent where no such sighting is kept. */
  span(device: DeviceId): { readonly firstMs?: Ms; readonly heardMs?: Ms };
  /** The ports a source named at that moment. */
  ports(device: DeviceId, source: SightingSource, atMs: Ms): readonly NonNullable<Sighting["port"]>[];
}

const readTrace = decoder(
  "sightings",
  "seq",
  (row: Row): Trace => ({
    seq: whole(row, "seq"),
    device: text(row, "device") as DeviceId,
    source: oneOf<SightingSource>(row, "source", SOURCES),
    atMs: whole(row, "at_ms"),
    address: maybeText(row, "address"),
    named: flag(row, "named"),
  }),
);

const readClaim = decoder(
  "sightings",
  "device",
  (row: Row): SerialClaim => ({
    device: text(row, "device") as DeviceId,
    source: oneOf<SightingSource>(row, "source", SOURCES),
    atMs: whole(row, "at_ms"),
  }),
);

const TRACE = "seq, device, source, at_ms, address, (mac is not null or serial is not null) as named";
const ONE_OF = (name: string): string => `in (select value from json_each(@${name}))`;

function walkSql(direction: Walk["direction"]): string {
  const [beyond, order] = direction === "back" ? ["<=", "desc"] : [">", "asc"];
  return `select ${TRACE} from sightings where address = @address and at_ms ${beyond} @fromMs and not source ${ONE_OF("hints")}
    order by at_ms ${order}, seq ${order} limit @limit`;
}

/** Switches and routers. */
const WIRE = "in ('bridge', 'lldp', 'cdp')";

/** An IPv6 address beside an IPv4 one is no other place. */
const HINTED_AT = `select distinct device, source from sightings as hint
  where address = @address and at_ms between @fromMs and @untilMs and mac is not null and source ${WIRE}
    and not exists (select 1 from sightings as heard where heard.device = hint.device and heard.at_ms between @fromMs and @untilMs
      and heard.mac is not null and heard.address <> @address and (instr(heard.address, ':') > 0) = (instr(@address, ':') > 0)
      and heard.source not ${WIRE} and heard.source not in ('lens', 'csv'))
  order by device, source`;

export function claimsIn(sql: Sql): Claims {
  const rival = (beside: "<" | ">", serial: string, device: DeviceId): readonly DeviceId[] =>
    sql
      .all(
        `select device from sightings where serial = @serial and mac is not null and device ${beside} @device
          order by device ${beside === "<" ? "desc" : "asc"} limit 1`,
        { serial, device },
      )
      .map((row) => text(row, "device") as DeviceId);
  const sightings = (where: string, params: Parameters<Sql["all"]>[1]): readonly Sighting[] =>
    sql.all(`select * from sightings where ${where} order by seq`, params).map(readSighting);
  return {
    statedSerial: (serial) =>
      sql
        .all(
          `select device, source, max(at_ms) as at_ms from sightings where serial = @serial and mac is not null
            group by device, source`,
          { serial },
        )
        .map(readClaim),
    rivals: (serial, device) => [...rival("<", serial, device), ...rival(">", serial, device)],
    serialOnly: (serial, device) =>
      sql
        .all(`select ${TRACE} from sightings where serial = @serial and mac is null and device <> @device order by seq`, { serial, device })
        .map(readTrace),
    serialOnlyOf: (serial, families) =>
      sql.one(
        `select 1 as found from sightings where serial = @serial and mac is null
          and json_extract(facts, '$.family') ${ONE_OF("families")} limit 1`,
        { serial, families: toJson(families) },
      ) !== undefined,
    walk: ({ direction, hints, ...rest }) => sql.all(walkSql(direction), { ...rest, hints: toJson(hints) }).map(readTrace),
    namelessNear: (address, fromMs, untilMs) =>
      sql.one(
        `select 1 as found from sightings where address = @address and at_ms between @fromMs and @untilMs
          and mac is null and serial is null limit 1`,
        { address, fromMs, untilMs },
      ) !== undefined,
    nameless: (address, fromMs, untilMs) =>
      sql
        .all(
          `select ${TRACE} from sightings where address = @address and at_ms between @fromMs and @untilMs
            and mac is null and serial is null order by at_ms, seq`,
          { address, fromMs, untilMs },
        )
        .map(readTrace),
    hintedAt: (address, fromMs, untilMs) =>
      sql
        .all(HINTED_AT, { address, fromMs, untilMs })
        .map((row) => ({ device: text(row, "device") as DeviceId, source: oneOf<SightingSource>(row, "source", SOURCES) })),
    hintAddresses: (device, fromMs, untilMs) =>
      sql
        .all(
          `select distinct address from sightings where device = @device and at_ms between @fromMs and @untilMs
            and mac is not null and address is not null and source ${WIRE} order by address`,
          { device, fromMs, untilMs },
        )
        .map((row) => text(row, "address")),
    standsWithout: (device, serial) =>
      sql.one(
        `select 1 as found from sightings where device = @device and (mac is not null or (serial is not null and serial <> @serial)) limit 1`,
        { device, serial },
      ) !== undefined,
    count: (device) => whole(sql.one("select count(*) as count from sightings where device = @device", { device }) ?? {}, "count"),
    load: (seqs) => sightings(`seq ${ONE_OF("seqs")}`, { seqs: toJson(seqs) }),
    ofSources: (device, sources) => sightings(`device = @device and source ${ONE_OF("sources")}`, { device, sources: toJson(sources) }),
    move: (seqs, to) => void sql.run(`update sightings set device = @to where seq ${ONE_OF("seqs")}`, { seqs: toJson(seqs), to }),
    span: (device) => spanOf(sql, device),
    ports: (device, source, atMs) =>
      sightings("device = @device and at_ms = @atMs and source = @source and port is not null", { device, source, atMs }).flatMap(
        ({ port }) => (port === undefined ? [] : [port]),
      ),
  };
}

function spanOf(sql: Sql, device: DeviceId): { readonly firstMs?: Ms; readonly heardMs?: Ms } {
  const edge = (what: string, where: string): Ms | undefined =>
    maybeWhole(
      sql.one(`select ${what}(at_ms) as at_ms from sightings where device = @device ${where}`, { device }) ?? { at_ms: null },
      "at_ms",
    );
  const firstMs = edge("min", "");
  const heardMs = edge("max", "and heard = 1");
  return { ...(firstMs === undefined ? {} : { firstMs }), ...(heardMs === undefined ? {} : { heardMs }) };
}
