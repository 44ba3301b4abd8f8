/**
 * What was done, by whom: append-only, each row sealed with a hash over itself and the one before. The head (length and
 * last hash) is kept beside the chain and published, so that a chain cut at its end shows too.
 */

import { createHash } from "node:crypto";
import { canonicalJson } from "../firmware/canonical.ts";
import { Bug } from "../protocols/core/fault.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, type JsonObject, json, jsonObject, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface AuditEntry {
  readonly atMs: Ms;
  /** Who: a person, a key, the agent itself. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to. */
  readonly subject: string;
  readonly detail: JsonObject;
}

/** As it is handed in: whatever JSON makes of `detail` is kept. */
export interface NewAuditEntry extends Omit<AuditEntry, "detail"> {
  readonly detail: object;
}

export interface AuditRow extends AuditEntry {
  /** 1 is the first. */
  readonly seq: number;
  /** Empty for the first. */
  readonly prevHash: string;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Length of the chain and the hash of its last row. */
export interface AuditHead {
  readonly count: number;
  readonly hash: string;
}

export type AuditVerdict =
  | { readonly ok: true; readonly count: number; readonly head: string }
  | { readonly ok: false; readonly atSeq: number; readonly why: string };

export interface AuditPage {
  readonly rows: readonly AuditRow[];
  readonly next?: number;
  /** When the oldest row that was looked at was written. */
  readonly sinceMs: Ms;
}

export interface Audit {
  append(entry: NewAuditEntry): AuditRow;
  /** Newest first; 100 where no limit is given. */
  list(page?: { readonly limit?: number; readonly before?: number }): readonly AuditRow[];
  /**
   * Those about one of these: its name alone, or followed by a blank and more. Newest first, of so many rows before `before`
   * (all, where absent); `next` is where to go on, absent at the beginning of the chain.
   */
  about(subjects: readonly string[], span: { readonly rows: number; readonly before?: number | undefined }): AuditPage;
  head(): AuditHead;
  /** Reads the whole chain. `published` is a head that was told to others earlier. */
  verify(published?: AuditHead): AuditVerdict;
}

/** What a row's hash seals; `detail` is canonical JSON. */
interface Sealed {
  readonly seq: number;
  readonly atMs: Ms;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

/** Rows read at once by `verify`: bounds memory, not the answer. */
const PAGE_ROWS = 1_000;

const readAudit = decoder(
  "audit",
  "seq",
  (row: Row): AuditRow => ({
    seq: whole(row, "seq"),
    atMs: whole(row, "at_ms"),
    actor: text(row, "actor"),
    action: text(row, "action"),
    subject: text(row, "subject"),
    detail: json(row, "detail", jsonObject),
    prevHash: text(row, "prev_hash"),
    hash: text(row, "hash"),
  }),
);
const readHead = decoder("audit_head", "only_row", (row: Row): AuditHead => ({ count: whole(row, "count"), hash: text(row, "hash") }));

function sealOf(prevHash: string, { seq, atMs, actor, action, subject, detail }: Sealed): string {
  return createHash("sha256")
    .update(prevHash)
    .update(canonicalJson([seq, atMs, actor, action, subject, detail]))
    .digest("hex");
}

/** Drops what JSON drops, lets secrets hide themselves, and writes fractions as text. */
function canonicalDetail(detail: object): string {
  const plain: unknown = JSON.parse(
    JSON.stringify(detail, (_name, value: unknown) => (typeof value === "number" && !Number.isSafeInteger(value) ? String(value) : value)),
  );
  return canonicalJson(plain);
}

export function auditIn(sql: Sql): Audit {
  const head = (): AuditHead => {
    const row = sql.one("select * from audit_head");
    if (row === undefined) throw new Bug("The audit has no head");
    return readHead(row);
  };
  return {
    append: (entry) =>
      sql.transaction(() => {
        const { count, hash: prevHash } = head();
        const sealed = { ...entry, seq: count + 1, atMs: Math.round(entry.atMs), detail: canonicalDetail(entry.detail) };
        const hash = sealOf(prevHash, sealed);
        const row = sql.one(
          `insert into audit (seq, at_ms, actor, action, subject, detail, prev_hash, hash)
            values (@seq, @atMs, @actor, @action, @subject, @detail, @prevHash, @hash) returning *`,
          { ...sealed, prevHash, hash },
        );
        sql.run("update audit_head set count = @seq, hash = @hash", { seq: sealed.seq, hash });
        return readAudit(row ?? {});
      }),
    list: ({ limit = 100, before } = {}) =>
      sql
        .all("select * from audit where @before is null or seq < @before order by seq desc limit @limit", { before, limit })
        .map(readAudit),
    about(subjects, { rows, before = head().count + 1 }) {
      const from = Math.max(1, before - rows);
      const found = sql.all(
        `select * from audit where seq >= @from and seq < @before
          and (subject in (select value from json_each(@subjects))
            or substr(subject, 1, instr(subject, ' ') - 1) in (select value from json_each(@subjects)))
          order by seq desc`,
        { from, before, subjects: toJson(subjects) },
      );
      const [oldest] = sql.all("select * from audit where seq = @from", { from }).map(readAudit);
      return { rows: found.map(readAudit), sinceMs: oldest?.atMs ?? 0, ...(from > 1 ? { next: from } : {}) };
    },
    head,
    verify: (published) => sql.snapshot(() => verify(sql, published)),
  };
}

function verify(sql: Sql, published: AuditHead | undefined): AuditVerdict {
  let last: AuditHead = { count: 0, hash: "" };
  for (;;) {
    const rows = sql.all("select * from audit where seq > @after order by seq limit @limit", { after: last.count, limit: PAGE_ROWS });
    for (const row of rows) {
      const why = brokenAt(row, last, published);
      if (why !== undefined) return { ok: false, atSeq: last.count + 1, why };
      last = { count: last.count + 1, hash: row["hash"] as string };
    }
    if (rows.length < PAGE_ROWS) break;
  }
  const before = sql.one("select seq from audit where seq < 1 limit 1");
  if (before !== undefined) return { ok: false, atSeq: 1, why: "a row stands before the first" };
  const kept = sql.one("select * from audit_head");
  if (kept === undefined || kept["count"] !== last.count || kept["hash"] !== last.hash)
    return { ok: false, atSeq: last.count + 1, why: "the end of the chain is not where it was written down" };
  if (published !== undefined && published.count > last.count)
    return { ok: false, atSeq: last.count + 1, why: `the chain was published with ${published.count} rows` };
  return { ok: true, count: last.count, head: last.hash };
}

function brokenAt(row: Row, last: AuditHead, published: AuditHead | undefined): string | undefined {
  const expected = last.count + 1;
  if (row["seq"] !== expected) return `row ${expected} is missing`;
  if (row["prev_hash"] !== last.hash) return "it does not follow the row before";
  const { at_ms: atMs, actor, action, subject, detail, hash } = row;
  if (!Number.isSafeInteger(atMs) || typeof atMs !== "number" || typeof actor !== "string" || typeof action !== "string")
    return "it does not decode";
  if (typeof subject !== "string" || typeof detail !== "string") return "it does not decode";
  if (sealOf(last.hash, { seq: expected, atMs, actor, action, subject, detail }) !== hash) return "its content is not what was sealed";
  if (published?.count === expected && published.hash !== hash) return "it is not the row whose hash was published";
  return undefined;
}
