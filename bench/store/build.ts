/**
 * The file of a site after 400 days: every summary that is kept of every device, made from synthetic readings by the code that
 * makes them from real ones.
 */
import { join } from "node:path";
import { DAY, HOUR, MINUTE, type Ms } from "../../protocols/core/time.ts";
import { loadNames } from "../../store/history/names.ts";
import type { NameTable } from "../../store/history/pack.ts";
import { type Partition, partitionOf, RESOLUTIONS, type ResolutionId, summariesIn } from "../../store/history/partitions.ts";
import { historyIn } from "../../store/history/readings.ts";
import { putRows, type SummaryRow, slotsOf, widen } from "../../store/history/rollup.ts";
import { packSlots, type Slots, unpackSlots } from "../../store/history/slots.ts";
import { joinSlots, type Slot } from "../../store/history/summary.ts";
import { migrate, readMigrations } from "../../store/migrate.ts";
import { openFile } from "../../store/open.ts";
import { bytes } from "../../store/row.ts";
import type { SqlFile } from "../../store/sql.ts";
import { nowMs } from "../child.ts";
import { absoluteRow, type Row } from "../figure.ts";
import { deviceIdOf, START_MS, sizeOf } from "./plan.ts";
import { type SyntheticDevice, syntheticDevice } from "./synthetic.ts";

/** As `docs/history.md` publishes them: bytes of the file per value and slot. */
const PUBLISHED = { bytesPerSample: 1.6 };

/**
 * Where only hours are kept still, a reading each ten minutes makes them, and where only days are, one each two hours: drawing
 * all of 400 days would take hours, and sums of more readings take some bits more at most.
 */
const SPARSER = { hours: 10 * MINUTE, days: 2 * HOUR } as const;
/**
 * Devices with readings of their own; each further one is written with the summaries of one of these. Rows of different devices
 * share nothing in the file, so its size does not know, and all 10,000 would take an hour to draw.
 */
const DISTINCT = 1_000;
const BATCH = 20;

interface Site {
  readonly devices: number;
  readonly days: number;
}

export async function buildYear(folder: string, site: Site, say: (text: string) => void): Promise<readonly Row[]> {
  const sql = openFile(join(folder, "year.db"), "NORMAL");
  try {
    migrate(sql, readMigrations(new URL("../../store/history/migrations/", import.meta.url).pathname), START_MS);
    historyIn(sql);
    const names = loadNames(sql);
    const endMs = START_MS + site.days * DAY;
    const startMs = nowMs();
    const summaries: SummaryRow[][] = [];
    for (let first = 0; first < site.devices; first += BATCH) {
      sql.transaction(() => {
        for (let number = first; number < Math.min(site.devices, first + BATCH); number++) {
          const { lastId: ref } = sql.run("insert into refs (device) values (@device)", { device: deviceIdOf(number) });
          const drawn = summaries[number % DISTINCT] ?? rowsOf(ref, syntheticDevice(number, START_MS), endMs, names);
          summaries[number % DISTINCT] = drawn;
          putRows(
            sql,
            drawn.map((row) => ({ ...row, ref })),
          );
        }
      });
      if ((first / BATCH) % 10 === 9)
        say(`${site.days} days of summaries: ${first + BATCH} of ${site.devices} devices, ${((nowMs() - startMs) / 1e3).toFixed(0)} s`);
    }
    return figures(sql, site, say);
  } finally {
    sql.close();
  }
}

const lengthOf = (id: ResolutionId): Ms => RESOLUTIONS.find((one) => one.id === id)?.slotMs ?? DAY;
const keptFrom = (id: ResolutionId, endMs: Ms): Ms => Math.max(START_MS, endMs - (RESOLUTIONS.find((one) => one.id === id)?.keptMs ?? 0));

/** All summaries of one device, as they are kept on the last day. */
function rowsOf(ref: number, device: SyntheticDevice, endMs: Ms, names: NameTable): SummaryRow[] {
  const rows: SummaryRow[] = [];
  const days: (Slot | undefined)[] = [];
  for (let dayMs = START_MS; dayMs < endMs; dayMs += DAY) {
    const span = { fromMs: dayMs, toMs: dayMs + DAY };
    const hasFives = dayMs >= keptFrom("5m", endMs);
    const hasHours = dayMs >= keptFrom("1h", endMs);
    const asks = device.asks(dayMs, dayMs + DAY, hasFives ? undefined : hasHours ? SPARSER.hours : SPARSER.days);
    const slots = slotsOf(asks, span, lengthOf(hasFives ? "5m" : "1h"), names);
    const hours = hasFives ? widen(slots, HOUR / lengthOf("5m")) : slots;
    if (hasFives) rows.push(...cut("5m", ref, dayMs, slots));
    if (hasHours) rows.push(...cut("1h", ref, dayMs, hours));
    days.push(joinSlots(hours));
  }
  return [...rows, ...cut("1d", ref, START_MS, days)];
}

/** Slots from a moment on as rows of the tables they belong to. */
function cut(resolution: ResolutionId, ref: number, fromMs: Ms, slots: Slots): SummaryRow[] {
  const slotMs = lengthOf(resolution);
  const toMs = fromMs + slots.length * slotMs;
  const rows: SummaryRow[] = [];
  for (let part: Partition = partitionOf(resolution, fromMs); part.fromMs < toMs; part = partitionOf(resolution, part.toMs)) {
    const lead = Array.from({ length: Math.max(0, (fromMs - part.fromMs) / slotMs) }, () => undefined);
    const own = slots.slice(Math.max(0, (part.fromMs - fromMs) / slotMs), (part.toMs - fromMs) / slotMs);
    rows.push({ resolution, fromMs: part.fromMs, ref, packed: packSlots([...lead, ...own]) });
  }
  return rows;
}

function figures(sql: SqlFile, { devices, days }: Site, say: (text: string) => void): readonly Row[] {
  let samples = 0;
  for (const { id } of RESOLUTIONS) {
    const tables = summariesIn(sql, id);
    const count = countIn(sql, tables);
    samples += count.samples;
    say(
      `${id}: ${tables.length} tables, ${count.samples} samples, ${mb(count.bytes)} packed, ${(count.bytes / count.samples).toFixed(2)} bytes per sample`,
    );
  }
  const fileBytes = sizeOf(sql);
  say(`${days} days of ${devices} devices: ${mb(fileBytes)}, ${(fileBytes / devices / 1e3).toFixed(1)} kB a device, ${samples} samples`);
  return [
    absoluteRow({ figure: `summaries of ${days} days × ${devices}: file, MB` }, [fileBytes / 1e6]),
    absoluteRow({ figure: "summaries: bytes per sample, as published", atMost: PUBLISHED.bytesPerSample }, [fileBytes / samples]),
  ];
}

const mb = (size: number): string => `${(size / 1e6).toFixed(0)} MB`;

/** Of devices that stand for all: unpacking every row would take longer than packing. */
const COUNTED_EVERY = 50;

function countIn(sql: SqlFile, tables: readonly Partition[]): { readonly samples: number; readonly bytes: number } {
  let samples = 0;
  let size = 0;
  for (const { table } of tables) {
    const all = sql.one(`select count(*) as rows, sum(length(packed)) as size from ${table}`);
    const some = sql.all(`select packed from ${table} where ref % ${COUNTED_EVERY} = 1`).map((row) => unpackSlots(bytes(row, "packed")));
    const values = some.reduce((sum, slots) => sum + slots.reduce((one, slot) => one + (slot?.values.size ?? 0), 0), 0);
    samples += (values / Math.max(1, some.length)) * Number(all?.["rows"]);
    size += Number(all?.["size"]);
  }
  return { samples: Math.round(samples), bytes: size };
}
