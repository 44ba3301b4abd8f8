/**
 * Tickets as we want them to be at the desk, and how far the desk knows: a document with a version, the version
 * delivered, and when to try next. One row per key and generation.
 */
import type { CampaignId, DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import {
  decoder,
  type JsonObject,
  json,
  jsonObject,
  maybeJson,
  maybeText,
  maybeWhole,
  oneOf,
  present,
  shape,
  text,
  toJson,
  whole,
} from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export type TicketState = "open" | "closing" | "closed";

/** What the desk said to a call. `unknown` is followed by a look-up, never by a second create. */
export interface TicketOutcome {
  readonly kind: "done" | "refused" | "later" | "unknown";
  readonly atMs: Ms;
  readonly status?: number;
  readonly detail?: string;
}

export interface TicketId {
  readonly key: string;
  /** Goes up only when the ticket is closed and its reopen window is over; starts at 1. */
  readonly generation: number;
}

export interface TicketRow extends TicketId {
  readonly campaign?: CampaignId;
  readonly version: number;
  /** 0 before the first delivery; never falls. */
  readonly deliveredVersion: number;
  readonly doc: JsonObject;
  readonly state: TicketState;
  readonly remoteId?: string;
  readonly remoteUrl?: string;
  readonly createdAtMs: Ms;
  /** Absent where the desk refused it: nothing is tried again until the document changes. */
  readonly nextTryMs?: Ms;
  readonly tries: number;
  readonly lastOutcome?: TicketOutcome;
  /** By id. */
  readonly devices: readonly DeviceId[];
}

export interface TicketDraft extends TicketId {
  readonly campaign?: CampaignId;
  readonly doc: object;
  readonly state: TicketState;
  readonly devices: readonly DeviceId[];
  readonly atMs: Ms;
}

/** The answer to the delivery of one version. */
export interface TicketDelivery extends TicketId {
  readonly version: number;
  readonly outcome: TicketOutcome;
  /** For `later` and `unknown`. */
  readonly nextTryMs?: Ms;
  readonly remoteId?: string;
  readonly remoteUrl?: string;
}

export interface Tickets {
  /** The newest generation, or the one asked for. */
  load(key: string, generation?: number): TicketRow | undefined;
  /**
   * Writes what the ticket should say. Makes the row where there is none; the same document, state and devices again change
   * nothing. A changed one is a new version: due at once, or after the running wait where the desk asked for one.
   */
  saveDoc(draft: TicketDraft): TicketRow;
  /** Undelivered and not waiting any more; oldest first. */
  due(nowMs: Ms, limit?: number): readonly TicketRow[];
  /**
   * `done` raises the delivered version and closes a `closing` ticket whose last version it was; `refused` stops tries until
   * the document changes; the others wait until `nextTryMs`. Answers to older versions lower nothing.
   */
  noteOutcome(delivery: TicketDelivery): TicketRow | undefined;
  /** Oldest first. */
  list(filter?: { readonly state?: TicketState; readonly campaign?: CampaignId }): readonly TicketRow[];
  /** Versions the desk does not have yet, refused ones included. */
  undelivered(): readonly TicketRow[];
}

const STATES = { open: true, closing: true, closed: true } satisfies { [state in TicketState]: true };
const outcomeCheck = shape<TicketOutcome>({ kind: "string", atMs: "number" });

function reader(sql: Sql): (row: Row) => TicketRow {
  return decoder("tickets", "key", (row: Row): TicketRow => {
    const id = { key: text(row, "key"), generation: whole(row, "generation") };
    return present({
      ...id,
      campaign: maybeText(row, "campaign") as CampaignId | undefined,
      version: whole(row, "version"),
      deliveredVersion: whole(row, "delivered_version"),
      doc: json(row, "doc", jsonObject),
      state: oneOf<TicketState>(row, "state", STATES),
      remoteId: maybeText(row, "remote_id"),
      remoteUrl: maybeText(row, "remote_url"),
      createdAtMs: whole(row, "created_at_ms"),
      nextTryMs: maybeWhole(row, "next_try_ms"),
      tries: whole(row, "tries"),
      lastOutcome: maybeJson(row, "last_outcome", outcomeCheck),
      devices: sql
        .all("select device from ticket_devices where key = @key and generation = @generation order by device", id)
        .map((member) => text(member, "device") as DeviceId),
    });
  });
}

export function ticketsIn(sql: Sql): Tickets {
  const read = reader(sql);
  const load = (key: string, generation?: number): TicketRow | undefined => {
    const row = sql.one(
      "select * from tickets where key = @key and (@generation is null or generation = @generation) order by generation desc limit 1",
      { key, generation },
    );
    return row === undefined ? undefined : read(row);
  };
  return {
    load,
    saveDoc: (draft) =>
      sql.transaction(() => {
        const known = load(draft.key, draft.generation);
        if (known !== undefined && saysTheSame(known, draft)) return known;
        writeDraft(sql, draft, known);
        return load(draft.key, draft.generation) as TicketRow;
      }),
    due: (nowMs, limit = 100) =>
      sql
        .all(
          `select * from tickets where delivered_version < version and next_try_ms <= @nowMs
            order by created_at_ms, key, generation limit @limit`,
          { nowMs, limit },
        )
        .map(read),
    noteOutcome: (delivery) =>
      sql.transaction(() => {
        writeOutcome(sql, delivery);
        return load(delivery.key, delivery.generation);
      }),
    list: ({ state, campaign } = {}) =>
      sql
        .all(
          `select * from tickets where (@state is null or state = @state) and (@campaign is null or campaign = @campaign)
            order by created_at_ms, key, generation`,
          { state, campaign },
        )
        .map(read),
    undelivered: () => sql.all("select * from tickets where delivered_version < version order by created_at_ms, key, generation").map(read),
  };
}

function saysTheSame(known: TicketRow, draft: TicketDraft): boolean {
  const devices = [...new Set(draft.devices)].sort();
  return known.state === draft.state && toJson(known.doc) === toJson(draft.doc) && toJson([...known.devices].sort()) === toJson(devices);
}

function writeDraft(sql: Sql, draft: TicketDraft, known: TicketRow | undefined): void {
  const { key, generation, campaign, doc, state, devices, atMs } = draft;
  // A wait the desk asked for goes on; after a refusal the new document is tried at once.
  const nextTryMs = known?.nextTryMs !== undefined && known.tries > 0 ? known.nextTryMs : atMs;
  sql.run(
    `insert into tickets (key, generation, campaign, version, delivered_version, doc, state, created_at_ms, next_try_ms, tries)
      values (@key, @generation, @campaign, 1, 0, @doc, @state, @atMs, @nextTryMs, 0)
      on conflict (key, generation) do update set version = version + 1, doc = excluded.doc, state = excluded.state,
        campaign = coalesce(campaign, excluded.campaign), next_try_ms = excluded.next_try_ms`,
    { key, generation, campaign, doc: toJson(doc), state, atMs, nextTryMs },
  );
  sql.run("delete from ticket_devices where key = @key and generation = @generation", { key, generation });
  for (const device of new Set(devices))
    sql.run("insert into ticket_devices (key, generation, device) values (@key, @generation, @device)", { key, generation, device });
}

function writeOutcome(sql: Sql, { key, generation, version, outcome, nextTryMs, remoteId, remoteUrl }: TicketDelivery): void {
  const done = outcome.kind === "done";
  sql.run(
    `update tickets set last_outcome = @lastOutcome,
      delivered_version = case when @done then max(delivered_version, @version) else delivered_version end,
      state = case when @done and state = 'closing' and @version = version then 'closed' else state end,
      tries = case when @done then 0 else tries + 1 end,
      next_try_ms = case when @refused and @version < version then next_try_ms else @nextTryMs end,
      remote_id = coalesce(@remoteId, remote_id), remote_url = coalesce(@remoteUrl, remote_url)
      where key = @key and generation = @generation`,
    {
      key,
      generation,
      version,
      done,
      refused: outcome.kind === "refused",
      lastOutcome: toJson(outcome),
      nextTryMs: outcome.kind === "refused" ? undefined : done ? outcome.atMs : (nextTryMs ?? outcome.atMs),
      remoteId,
      remoteUrl,
    },
  );
}
