/** Sweeps and how far they came. What is not ended was interrupted, and is gone on with. */
import * as z from "zod";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, flag, json, maybeText, maybeWhole, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** Ended sweeps kept to look at. */
const KEPT_MAX = 100;

const HOW = { done: true, cancelled: true, dropped: true } as const;
export type SweepEnd = keyof typeof HOW;

/** What a sweep has to remember to go on: see `SweepMark` of the sweep itself. */
export interface SweepState {
  /** Everybody before this place of the order has been asked. */
  readonly position: number;
  /** Answered, and not read yet. */
  readonly waiting: readonly string[];
  readonly found: number;
  readonly spared: number;
  readonly byFamily: Readonly<Record<string, number>>;
}

export interface SweepRow extends SweepState {
  readonly id: string;
  readonly networks: readonly string[];
  readonly exclude: readonly string[];
  /** Of the order of addresses. */
  readonly seed: number;
  /** Asked the silent only at the doors that Poly devices have. */
  readonly light: boolean;
  readonly startedAtMs: Ms;
  readonly endedAtMs?: Ms;
  /** `dropped`: the settings no longer hold its networks. */
  readonly how?: SweepEnd;
}

export interface Sweeps {
  begin(row: Pick<SweepRow, "id" | "networks" | "exclude" | "seed" | "light" | "startedAtMs">): void;
  /** Inside the transaction of the sightings it counts. Never goes back; a sweep that has ended is left alone. */
  advance(id: string, state: SweepState): void;
  end(id: string, how: SweepEnd, atMs: Ms): void;
  /** Oldest first. */
  unfinished(): readonly SweepRow[];
  /** Newest first. */
  list(limit: number): readonly SweepRow[];
}

const texts = z.array(z.string());
const counts = z.record(z.string(), z.number());

const readSweep = decoder(
  "sweeps",
  "id",
  (row: Row): SweepRow =>
    present({
      id: text(row, "id"),
      networks: json(row, "networks", texts),
      exclude: json(row, "exclude", texts),
      seed: whole(row, "seed"),
      light: flag(row, "light"),
      position: whole(row, "position"),
      waiting: json(row, "waiting", texts),
      found: whole(row, "found"),
      spared: whole(row, "spared"),
      byFamily: json(row, "by_family", counts),
      startedAtMs: whole(row, "started_at_ms"),
      endedAtMs: maybeWhole(row, "ended_at_ms"),
      how: maybeText(row, "how") === undefined ? undefined : oneOf<SweepEnd>(row, "how", HOW),
    }),
);

export function sweepsIn(sql: Sql): Sweeps {
  return {
    begin({ id, networks, exclude, seed, light, startedAtMs }) {
      sql.run(
        `insert into sweeps (id, networks, exclude, seed, light, position, waiting, found, spared, by_family, started_at_ms)
          values (@id, @networks, @exclude, @seed, @light, 0, '[]', 0, 0, '{}', @startedAtMs)`,
        { id, networks: toJson(networks), exclude: toJson(exclude), seed, light, startedAtMs },
      );
      sql.run(
        "delete from sweeps where ended_at_ms is not null and id not in (select id from sweeps order by started_at_ms desc limit @kept)",
        {
          kept: KEPT_MAX,
        },
      );
    },
    advance(id, { position, waiting, found, spared, byFamily }) {
      sql.run(
        `update sweeps set position = @position, waiting = @waiting, found = @found, spared = @spared, by_family = @byFamily
          where id = @id and ended_at_ms is null and position <= @position`,
        { id, position, waiting: toJson(waiting), found, spared, byFamily: toJson(byFamily) },
      );
    },
    end(id, how, atMs) {
      sql.run("update sweeps set how = @how, ended_at_ms = @atMs where id = @id and ended_at_ms is null", { id, how, atMs });
    },
    unfinished: () => sql.all("select * from sweeps where ended_at_ms is null order by started_at_ms").map(readSweep),
    list: (limit) => sql.all("select * from sweeps order by started_at_ms desc limit @limit", { limit }).map(readSweep),
  };
}
