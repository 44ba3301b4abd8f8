import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../protocols/core/secret.ts";
import type { AuditHead, AuditVerdict } from "../../store/audit.ts";
import { MAIN_FILE } from "../../store/open.ts";
import type { Sql } from "../../store/sql.ts";
import type { Store } from "../../store/store.ts";
import { rawly, storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const ROWS = 12;

function append(store: Store, number: number): void {
  store.audit.append({ atMs: T0 + number, actor: "doe", action: "pause", subject: `c-${number}`, detail: { number, ratio: 0.5 } });
}

/** A chain of twelve rows, and how to tamper with it behind the store's back: each tampering is undone afterwards. */
function chain(): { readonly store: Store; readonly head: AuditHead; after(tamper: (sql: Sql) => void): AuditVerdict } {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  for (let number = 1; number <= ROWS; number++) append(store, number);
  const head = store.audit.head();
  const path = join(directory, MAIN_FILE);
  rawly(path, (sql) => {
    for (const what of ["update", "delete", "replace"]) sql.exec(`drop trigger audit_refuses_${what}`);
    sql.exec("create table kept as select * from audit; create table kept_head as select * from audit_head");
  });
  const restore = (sql: Sql): void => {
    sql.exec(
      "delete from audit; insert into audit select * from kept; update audit_head set (count, hash) = (select count, hash from kept_head)",
    );
  };
  return {
    store,
    head,
    after: (tamper) =>
      rawly(path, (sql) => {
        sql.transaction(() => tamper(sql));
        const verdict = store.audit.verify(head);
        sql.transaction(() => restore(sql));
        return verdict;
      }),
  };
}

const COLUMNS = ["at_ms", "actor", "action", "subject", "detail", "prev_hash", "hash"] as const;

test("verify(): an untouched chain is whole, with its length and head", () => {
  const { store, head, after } = chain();
  expect(head.count).toBe(ROWS);
  expect(store.audit.verify(head)).toEqual({ ok: true, count: ROWS, head: head.hash });
  expect(after(() => undefined).ok).toBe(true);
});

test("verify(): every change of any field of any row is found, at that row or the one after", () => {
  const { after } = chain();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: ROWS }), fc.constantFrom(...COLUMNS), fc.integer({ min: 1, max: 9 }), (seq, column, by) => {
      const verdict = after((sql) =>
        sql.run(`update audit set ${column} = ${column === "at_ms" ? `${column} + @by` : `${column} || @by`} where seq = @seq`, {
          seq,
          by,
        }),
      );
      if (verdict.ok) throw new Error("it was not found");
      expect(verdict.atSeq).toBe(seq);
    }),
    { numRuns: 60 },
  );
});

test("verify(): every removal is found, also where the rows behind move up", () => {
  const { after } = chain();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: ROWS }), fc.integer({ min: 1, max: ROWS }), fc.boolean(), (seq, count, moveUp) => {
      const verdict = after((sql) => {
        sql.run("delete from audit where seq >= @seq and seq < @seq + @count", { seq, count });
        for (let at = seq + count; moveUp && at <= ROWS; at++)
          sql.run("update audit set seq = @to where seq = @at", { at, to: at - count });
      });
      expect(verdict.ok).toBe(false);
    }),
    { numRuns: 40 },
  );
});

test("verify(): every exchange of two rows is found", () => {
  const { after } = chain();
  const place = fc.integer({ min: 1, max: ROWS });
  fc.assert(
    fc.property(place, place, (one, other) => {
      fc.pre(one !== other);
      const verdict = after((sql) => {
        sql.run("update audit set seq = 1000 where seq = @one", { one });
        sql.run("update audit set seq = @one where seq = @other", { one, other });
        sql.run("update audit set seq = @other where seq = 1000", { other });
      });
      expect(verdict.ok).toBe(false);
    }),
    { numRuns: 40 },
  );
});

test("verify(): a row before the first or behind the last is found", () => {
  const { after } = chain();
  const copy = (seq: number) => (sql: Sql) =>
    void sql.run(
      "insert into audit (seq, at_ms, actor, action, subject, detail, prev_hash, hash) select @seq, at_ms, actor, action, subject, detail, prev_hash, hash from audit where seq = 1",
      { seq },
    );
  expect([after(copy(0)).ok, after(copy(-5)).ok, after(copy(ROWS + 1)).ok]).toEqual([false, false, false]);
});

test("verify(): a chain cut at its end together with its head is found by the head that was published", () => {
  const { store, head, after } = chain();
  const cut = (sql: Sql): void => {
    sql.run("delete from audit where seq > 5");
    sql.run("update audit_head set count = 5, hash = (select hash from audit where seq = 5)");
  };
  expect(after(cut)).toEqual({ ok: false, atSeq: 6, why: `the chain was published with ${ROWS} rows` });
  expect(store.audit.verify({ count: ROWS, hash: head.hash.replace(/^./, "z") }).ok).toBe(false);
});

test("verify(): a chain that was written anew from an earlier row on is not the one that was published", () => {
  const first = temporaryStore();
  const second = temporaryStore();
  for (let number = 1; number <= 3; number++) {
    append(first, number);
    append(second, number === 3 ? 99 : number);
  }
  append(second, 4);
  expect(second.audit.verify().ok).toBe(true);
  expect(second.audit.verify(first.audit.head())).toEqual({
    ok: false,
    atSeq: 3,
    why: "it is not the row whose hash was published",
  });
});

test("verify(): a row rewritten and sealed anew, with the row behind it pointed there, is found by the chain behind it", () => {
  const { after } = chain();
  const other = temporaryStore();
  for (let number = 1; number <= 2; number++) append(other, number);
  append(other, 99);
  const forged = other.audit.list({ limit: 1 })[0];
  const verdict = after((sql) => {
    const { atMs, subject, hash } = forged ?? { atMs: 0, subject: "", hash: "" };
    const detail = JSON.stringify(forged?.detail);
    sql.run("update audit set at_ms = @atMs, subject = @subject, detail = @detail, hash = @hash where seq = 3", {
      atMs,
      subject,
      detail,
      hash,
    });
    sql.run("update audit set prev_hash = @hash where seq = 4", { hash });
  });
  expect(verdict).toEqual({ ok: false, atSeq: 4, why: "its content is not what was sealed" });
});

test("verify(): a removed row is named", () => {
  expect(chain().after((sql) => sql.run("delete from audit where seq = 5"))).toEqual({ ok: false, atSeq: 5, why: "row 5 is missing" });
});

test("verify(): a chain of more rows than are read at once is read whole", () => {
  const store = temporaryStore();
  store.transaction(() => {
    for (let number = 1; number <= 1_001; number++) append(store, number);
  });
  expect(store.audit.verify()).toMatchObject({ ok: true, count: 1_001 });
});

test("verify(): an audit in which nothing happened is whole", () => {
  expect(temporaryStore().audit.verify()).toEqual({ ok: true, count: 0, head: "" });
});

test.each([
  ["changed", "update audit set actor = 'eve'"],
  ["removed", "delete from audit"],
  ["replaced", "insert or replace into audit select * from audit"],
  ["deprived of its head", "delete from audit_head"],
])("append(): the table itself refuses to be %s", (_what, statement) => {
  const directory = temporaryFolder();
  append(storeIn(directory), 1);
  expect(() => rawly(join(directory, MAIN_FILE), (sql) => sql.run(statement))).toThrow("append-only");
});

test("append(): each row follows the one before and is numbered without a gap, undone ones apart", () => {
  const store = temporaryStore();
  append(store, 1);
  expect(() =>
    store.transaction(() => {
      append(store, 2);
      throw new Error("stop");
    }),
  ).toThrow("stop");
  const second = store.audit.append({ atMs: T0, actor: "a", action: "b", subject: "c", detail: {} });
  expect([second.seq, second.prevHash]).toEqual([2, store.audit.list({ before: 2 })[0]?.hash]);
});

test("append(): a secret in the detail hides itself, what JSON drops is dropped, fractions become text", () => {
  const { audit } = temporaryStore();
  const detail = { password: new Secret("sample-canary-51"), gone: undefined, ratio: 0.25, count: 3 };
  const row = audit.append({ atMs: T0, actor: "a", action: "b", subject: "c", detail });
  expect(row.detail).toEqual({ count: 3, password: "***", ratio: "0.25" });
  expect(audit.verify().ok).toBe(true);
});

test("list(): newest first, in pages, 100 where nothing is said", () => {
  const store = temporaryStore();
  store.transaction(() => {
    for (let number = 1; number <= 101; number++) append(store, number);
  });
  expect(store.audit.list()).toHaveLength(100);
  expect(store.audit.list({ limit: 2 }).map(({ seq }) => seq)).toEqual([101, 100]);
  expect(store.audit.list({ limit: 2, before: 3 }).map(({ seq }) => seq)).toEqual([2, 1]);
});

test("about(): rows of a subject, also with more behind its name, in pages that miss none and repeat none", () => {
  const store = temporaryStore();
  const subjects = ["c-1", "c-2", "c-1 wave 1", "c-10", "c-1 d-5", "release x", "release y", ""];
  const told = Array.from({ length: 40 }, (_, i) => {
    const subject = subjects[i % subjects.length] ?? "";
    return store.audit.append({ atMs: T0 + i, actor: "doe", action: "act", subject, detail: {} });
  });
  const wanted = told.filter(({ subject }) => /^c-1( |$)|^release x$/.test(subject)).toReversed();
  for (const rows of [1, 7, 40, 1_000]) {
    const found: unknown[] = [];
    let before: number | undefined;
    for (let pages = 0; pages <= 40; pages++) {
      const page = store.audit.about(["c-1", "release x"], { rows, before });
      found.push(...page.rows);
      before = page.next;
      if (before === undefined) break;
      expect(page.sinceMs).toBe(told[before - 1]?.atMs);
    }
    expect(found).toEqual(wanted);
  }
  expect(temporaryStore().audit.about(["c-1"], { rows: 5 })).toEqual({ rows: [], sinceMs: 0 });
});
