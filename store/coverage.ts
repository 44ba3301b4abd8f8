/**
 * What was decided of each device's contract, when; what was told of it once; what was handed in for registration.
 */
import type { DeviceId, Mac } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import type { Day } from "./entitlements.ts";
import { decoder, type JsonObject, json, jsonObject, maybeText, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type CoverageState = "covered" | "expiring" | "lapsed" | "notCovered" | "unknown";

export interface CoverageRow {
  readonly device: DeviceId;
  readonly state: CoverageState;
  /** Since when this state holds. */
  readonly sinceMs: Ms;
  /** The decision with its reasons, as `agent/coverage/decide.ts` made it. */
  readonly doc: JsonObject;
}

export type RegistrationState = "listed" | "sending" | "registered" | "refused";

/** One piece of hardware handed in. `listed`: it stands in a file for a person; `sending`: the portal may have it already. */
export interface Registration {
  /** Names the hardware at the portal, for good. */
  readonly key: string;
  /** Absent once the device is gone. */
  readonly device?: DeviceId;
  readonly serial?: string;
  readonly mac?: Mac;
  readonly state: RegistrationState;
  readonly atMs: Ms;
  /** The portal's own name for it. */
  readonly reference?: string;
  readonly why?: string;
}

export interface Attestation {
  /** `2026-11` */
  readonly month: string;
  readonly atMs: Ms;
  readonly signedSha256: string;
  readonly pdfSha256: string;
}

export interface Coverages {
  load(device: DeviceId): CoverageRow | undefined;
  all(): ReadonlyMap<DeviceId, CoverageRow>;
  count(): Readonly<Record<CoverageState, number>>;
  /** Keeps the row and, where the decision differs from the last, a row of history. */
  save(row: Omit<CoverageRow, "sinceMs">, atMs: Ms): void;
  /** Forgets a device that needs no contract any more. */
  remove(device: DeviceId): void;
  /** How each device stood at that moment; one not decided by then is absent. */
  asOf(atMs: Ms): ReadonlyMap<DeviceId, CoverageRow>;
  /** Notes that an end was told. False where it was told before. */
  notice(device: DeviceId, until: Day, days: number, atMs: Ms): boolean;
  registrations(): readonly Registration[];
  saveRegistration(registration: Registration): void;
  attestation(month: string): Attestation | undefined;
  saveAttestation(attestation: Attestation): void;
}

const STATES = { covered: true, expiring: true, lapsed: true, notCovered: true, unknown: true } satisfies {
  [state in CoverageState]: true;
};
const HANDED_IN = { listed: true, sending: true, registered: true, refused: true } satisfies { [state in RegistrationState]: true };

const readRow = decoder(
  "coverage",
  "device",
  (row: Row): CoverageRow => ({
    device: text(row, "device") as DeviceId,
    state: oneOf<CoverageState>(row, "state", STATES),
    sinceMs: whole(row, "since_ms"),
    doc: json(row, "doc", jsonObject),
  }),
);

const readRegistration = decoder(
  "registrations",
  "key",
  (row: Row): Registration =>
    present({
      key: text(row, "key"),
      device: maybeText(row, "device") as DeviceId | undefined,
      serial: maybeText(row, "serial"),
      mac: maybeText(row, "mac") as Mac | undefined,
      state: oneOf<RegistrationState>(row, "state", HANDED_IN),
      atMs: whole(row, "at_ms"),
      reference: maybeText(row, "reference"),
      why: maybeText(row, "why"),
    }),
);

const readAttestation = decoder(
  "attestations",
  "month",
  (row: Row): Attestation => ({
    month: text(row, "month"),
    atMs: whole(row, "at_ms"),
    signedSha256: text(row, "signed_sha256"),
    pdfSha256: text(row, "pdf_sha256"),
  }),
);

const byDevice = (rows: readonly Row[]): ReadonlyMap<DeviceId, CoverageRow> =>
  new Map(rows.map(readRow).map((row) => [row.device, row] as const));

/** The last word of each device up to a moment. */
const AS_OF = `select device, state, at_ms as since_ms, doc from coverage_history
  where seq in (select max(seq) from coverage_history where at_ms <= @atMs group by device) order by device`;

export function coverageIn(sql: Sql): Coverages {
  return {
    ...handedIn(sql),
    load(device) {
      const row = sql.one("select * from coverage where device = @device", { device });
      return row === undefined ? undefined : readRow(row);
    },
    all: () => byDevice(sql.all("select * from coverage order by device")),
    count() {
      const counts: Record<CoverageState, number> = { covered: 0, expiring: 0, lapsed: 0, notCovered: 0, unknown: 0 };
      for (const row of sql.all("select state, count(*) as count from coverage group by state"))
        counts[oneOf<CoverageState>(row, "state", STATES)] = whole(row, "count");
      return counts;
    },
    save: ({ device, state, doc }, atMs) =>
      sql.transaction(() => {
        const known = sql.one("select state, doc from coverage where device = @device", { device });
        const written = toJson(doc);
        if (known?.["state"] === state && known["doc"] === written) return;
        sql.run(
          `insert into coverage (device, state, since_ms, doc) values (@device, @state, @atMs, @doc)
            on conflict (device) do update set doc = excluded.doc, state = excluded.state,
              since_ms = case when coverage.state = excluded.state then coverage.since_ms else excluded.since_ms end`,
          { device, state, atMs, doc: written },
        );
        sql.run("insert into coverage_history (device, state, at_ms, doc) values (@device, @state, @atMs, @doc)", {
          device,
          state,
          atMs,
          doc: written,
        });
      }),
    remove: (device) => void sql.run("delete from coverage where device = @device", { device }),
    asOf: (atMs) => byDevice(sql.all(AS_OF, { atMs })),
    notice: (device, until, days, atMs) =>
      sql.run(
        "insert into coverage_notices (device, until_day, days, at_ms) values (@device, @until, @days, @atMs) on conflict do nothing",
        { device, until, days, atMs },
      ).changes > 0,
  };
}

type HandedIn = Pick<Coverages, "registrations" | "saveRegistration" | "attestation" | "saveAttestation">;

function handedIn(sql: Sql): HandedIn {
  return {
    registrations: () => sql.all("select * from registrations order by at_ms, key").map(readRegistration),
    saveRegistration({ key, device, serial, mac, state, atMs, reference, why }) {
      sql.run(
        `insert into registrations (key, device, serial, mac, state, at_ms, reference, why)
          values (@key, @device, @serial, @mac, @state, @atMs, @reference, @why)
          on conflict (key) do update set device = excluded.device, state = excluded.state, at_ms = excluded.at_ms,
            reference = excluded.reference, why = excluded.why`,
        { key, device, serial, mac, state, atMs, reference, why },
      );
    },
    attestation(month) {
      const row = sql.one("select * from attestations where month = @month", { month });
      return row === undefined ? undefined : readAttestation(row);
    },
    saveAttestation({ month, atMs, signedSha256, pdfSha256 }) {
      sql.run(
        `insert into attestations (month, at_ms, signed_sha256, pdf_sha256) values (@month, @atMs, @signedSha256, @pdfSha256)
          on conflict (month) do update set at_ms = excluded.at_ms, signed_sha256 = excluded.signed_sha256,
            pdf_sha256 = excluded.pdf_sha256`,
        { month, atMs, signedSha256, pdfSha256 },
      );
    },
  };
}
