import fc from "fast-check";
import { expect, test } from "vitest";
import { type Budget, overBudget } from "../../../protocols/core/budget.ts";
import { type Ending, type Exchange, faultOfEnding, getAll, type Question, walkAll } from "../../../protocols/snmp/asks.ts";
import { compareOids, parseOid } from "../../../protocols/snmp/oids.ts";
import type { LaneNews } from "../../../protocols/snmp/socket.ts";
import type { SnmpRow } from "../../../protocols/snmp/values.ts";

const ROOT = "1.3.6.1.2.1.2.2.1.2";
const budget: Budget = { timeMs: 10_000, bytes: 1_000_000, items: 100 };
const row = (oid: string, value = 1): SnmpRow => ({ oid, value: { type: "integer", value } });
const rows = (...list: readonly SnmpRow[]): Ending => ({ end: "rows", rows: list });
const status = (code: number): Ending => ({ end: "status", status: code });

/** An agent that answers by a function; more than 500 questions are an endless walk. */
function agent(answer: (question: Question) => Ending, news: LaneNews = { bytes: 10 }): { exchange: Exchange; questions: Question[] } {
  const questions: Question[] = [];
  return {
    questions,
    async exchange(question) {
      if (questions.push(question) > 500) throw new Error("endless");
      return { ending: answer(question), news };
    },
  };
}

/** An honest table: GET by name, GETNEXT and GETBULK in order. */
function table(oids: readonly string[], version1 = false): (question: Question) => Ending {
  const sorted = [...oids].sort((a, b) => compareOids(parseOid(a) ?? [], parseOid(b) ?? []));
  return (question) => {
    if (question.ask === "get") return rows(...question.oids.map((oid) => row(oid)));
    const rest = sorted.filter((oid) => compareOids(parseOid(oid) ?? [], parseOid(question.oid) ?? []) > 0);
    if (rest.length === 0) {
      return version1 ? status(2) : rows({ oid: question.oid, value: { type: "absent", why: "endOfMibView" } });
    }
    return rows(...rest.slice(0, question.ask === "bulk" ? question.repetitions : 1).map((oid) => row(oid)));
  };
}

const walk = (exchange: Exchange, bulk = true, limits = budget) => walkAll(exchange, ROOT, { bulk, budget: limits });
const oidsOf = (result: Awaited<ReturnType<typeof walk>>): readonly string[] =>
  result.ok ? result.value.map(({ oid }) => oid) : ["fault"];
const kindOf = (result: Awaited<ReturnType<typeof walk>>): string => (result.ok ? "ok" : result.fault.kind);

test("walkAll(): exactly the rows below the root, in order, whatever stands around them [snmp 7.4]", () => {
  const below = fc.uniqueArray(fc.nat(60), { maxLength: 60 });
  return fc.assert(
    fc.asyncProperty(below, fc.boolean(), fc.boolean(), async (indexes, bulk, version1) => {
      const wanted = [...indexes].sort((a, b) => a - b).map((index) => `${ROOT}.${index}`);
      const around = ["1.3.6.1.2.1.2.2.1.1.5", "1.3.6.1.2.1.2.2.1.20.1", "1.3.6.1.2.1.2.2.1.3.1"];
      const { exchange } = agent(table([...wanted, ...around], version1));
      expect(oidsOf(await walk(exchange, bulk))).toEqual(wanted);
    }),
  );
});

test("walkAll(): the end of all objects is the end of the walk, in version 1 as in 2c [snmp 7.4]", async () => {
  for (const version1 of [false, true]) {
    expect(oidsOf(await walk(agent(table([`${ROOT}.1`], version1)).exchange, !version1))).toEqual([`${ROOT}.1`]);
  }
});

test.each<[string, readonly string[]]>([
  ["repeats its row", [`${ROOT}.1`]],
  ["goes round in a circle", [`${ROOT}.1`, `${ROOT}.2`]],
  ["answers with the root itself", [ROOT]],
  ["goes back before the root", ["1.3.6.1.2.1.1.1.0"]],
])("walkAll(): an agent that %s is garbled, after as many questions as it takes to see it [snmp 7.4]", async (_name, circle) => {
  let at = 0;
  const { exchange, questions } = agent(() => rows(row(circle[at++ % circle.length] as string)));
  expect(kindOf(await walk(exchange, false))).toBe("garbled");
  expect(questions.length).toBeLessThanOrEqual(circle.length + 1);
});

test("walkAll(): rows out of order inside one answer are garbled", async () => {
  expect(kindOf(await walk(agent(() => rows(row(`${ROOT}.2`), row(`${ROOT}.1`))).exchange))).toBe("garbled");
});

test("walkAll(): a table that grows for ever ends at the budget's items", async () => {
  let next = 0;
  const { exchange, questions } = agent(() => rows(...Array.from({ length: 20 }, () => row(`${ROOT}.${++next}`))));
  expect(await walk(exchange)).toEqual({ ok: false, fault: { kind: "overBudget", via: "snmp", budget: "items", limit: 100 } });
  expect(questions).toHaveLength(6);
});

test("walkAll(): a table of exactly the budget's items is read", async () => {
  const oids = Array.from({ length: budget.items }, (_, i) => `${ROOT}.${i}`);
  expect(oidsOf(await walk(agent(table(oids)).exchange))).toEqual(oids);
});

test("walkAll(): bytes are counted over all answers", async () => {
  let next = 0;
  const { exchange } = agent(() => rows(row(`${ROOT}.${++next}`)), { bytes: 300_000 });
  expect(await walk(exchange)).toMatchObject({ ok: false, fault: { kind: "overBudget", budget: "bytes" } });
});

test("walkAll(): an answer too big is asked for in halves, down to one row, then given up [snmp 7.2]", async () => {
  const { exchange, questions } = agent(() => status(1));
  expect(await walk(exchange)).toMatchObject({ ok: false, fault: { kind: "refused", via: "snmp" } });
  expect(questions.map((question) => (question.ask === "bulk" ? question.repetitions : 0))).toEqual([20, 10, 5, 2, 1]);
});

test("walkAll(): an empty answer inside a walk is garbled, and a root that is none is not asked", async () => {
  expect(kindOf(await walk(agent(() => rows()).exchange))).toBe("garbled");
  const { exchange, questions } = agent(() => rows());
  expect(kindOf(await walkAll(exchange, "1.x", { bulk: true, budget }))).toBe("garbled");
  expect(questions).toEqual([]);
});

test("walkAll(): version 1 never asks with GETBULK", async () => {
  const { exchange, questions } = agent(table([`${ROOT}.1`, `${ROOT}.2`], true));
  await walk(exchange, false);
  expect(new Set(questions.map(({ ask }) => ask))).toEqual(new Set(["next"]));
});

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `1.3.6.1.${i + 1}`);

const sizes = (questions: readonly Question[]): readonly number[] =>
  questions.map((question) => (question.ask === "get" ? question.oids.length : 0));

test("getAll(): all values, no more than twenty to a packet", async () => {
  const { exchange, questions } = agent(table([]));
  const result = await getAll(exchange, names(43));
  expect(result.ok && [...result.value.keys()]).toEqual(names(43));
  expect(sizes(questions)).toEqual([20, 20, 3]);
});

test("getAll(): an agent silent on twenty is asked ten at a time, and from then on [snmp 7.1]", async () => {
  const busy = (question: Question): Ending =>
    question.ask === "get" && question.oids.length <= 10 ? rows(...question.oids.map((oid) => row(oid))) : { end: "silence" };
  const { exchange, questions } = agent(busy);
  const appetite = { atOnce: 20 };
  const result = await getAll(exchange, names(23), appetite);
  expect(result.ok && result.value.size).toBe(23);
  expect(sizes(questions)).toEqual([20, 10, 10, 3]);
  questions.length = 0;
  expect((await getAll(exchange, names(23), appetite)).ok).toBe(true);
  expect(sizes(questions)).toEqual([10, 10, 3]);
});

test("getAll(): a silent agent costs one question more, not one for every ten", async () => {
  const { exchange, questions } = agent(() => ({ end: "silence" }));
  expect(await getAll(exchange, names(40))).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(sizes(questions)).toEqual([20, 10]);
});

test("getAll(): what was too big once is not asked again", async () => {
  const small = (question: Question): Ending =>
    question.ask === "get" && question.oids.length <= 5 ? rows(...question.oids.map((oid) => row(oid))) : status(1);
  const { exchange, questions } = agent(small);
  const appetite = { atOnce: 20 };
  await getAll(exchange, names(20), appetite);
  questions.length = 0;
  expect((await getAll(exchange, names(20), appetite)).ok).toBe(true);
  expect(sizes(questions)).toEqual([5, 5, 5, 5]);
});

test("getAll(): version 1 names no value where one is missing: the others are found, the missing one is absent", async () => {
  const missing = "1.3.6.1.4";
  const { exchange } = agent((question) => {
    if (question.ask !== "get") return status(5);
    return question.oids.includes(missing) ? status(2) : rows(...question.oids.map((oid) => row(oid)));
  });
  const result = await getAll(exchange, names(7));
  expect(result.ok && [...result.value].filter(([, { type }]) => type === "absent").map(([oid]) => oid)).toEqual([missing]);
  expect(result.ok && result.value.size).toBe(7);
});

test("getAll(): an agent that finds every answer too big is asked for single values, then refused", async () => {
  const { exchange, questions } = agent(() => status(1));
  expect(await getAll(exchange, names(10))).toMatchObject({ ok: false, fault: { kind: "refused", reason: "answer too big" } });
  expect(questions.map((question) => (question.ask === "get" ? question.oids.length : 0))).toEqual([10, 5, 3, 2, 1]);
});

test.each<[string, readonly SnmpRow[]]>([
  ["fewer", [row("1.3.6.1.1")]],
  ["more", [row("1.3.6.1.1"), row("1.3.6.1.2"), row("1.3.6.1.3")]],
  ["others", [row("1.3.6.1.1"), row("1.3.6.1.9")]],
  ["the same in another order", [row("1.3.6.1.2"), row("1.3.6.1.1")]],
])("getAll(): %s objects than asked for are garbled", async (_name, answered) => {
  expect(await getAll(agent(() => rows(...answered)).exchange, names(2))).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test.each<[Ending, Partial<LaneNews>, object]>([
  [{ end: "silence" }, {}, { kind: "unreachable" }],
  [{ end: "silence" }, { refused: "weaker security" }, { kind: "garbled", detail: "weaker security" }],
  [{ end: "denied" }, { report: 3 }, { kind: "denied", detail: "unknown user" }],
  [{ end: "denied" }, {}, { kind: "denied", detail: "authentication failed" }],
  [status(16), {}, { kind: "denied" }],
  [status(5), {}, { kind: "refused", reason: "general error" }],
  [status(77), {}, { kind: "refused", reason: "error 77" }],
  [{ end: "stale" }, {}, { kind: "refused" }],
  [{ end: "invalid" }, {}, { kind: "garbled" }],
  [{ end: "unreachable" }, {}, { kind: "unreachable" }],
  [{ end: "full" }, {}, { kind: "busy" }],
  [{ end: "cut", fault: { kind: "cancelled", by: "shutdown" } }, {}, { kind: "cancelled" }],
  [{ end: "cut", fault: { kind: "cancelled", by: "shutdown" } }, { refused: "wrong id" }, { kind: "cancelled" }],
  [{ end: "cut", fault: { kind: "unreachable", via: "snmp" } }, {}, { kind: "unreachable" }],
  [{ end: "cut", fault: { kind: "unreachable", via: "snmp" } }, { refused: "wrong id" }, { kind: "garbled", detail: "wrong id" }],
  [{ end: "cut", fault: overBudget("snmp", "time", 9) }, { refused: "broken values" }, { kind: "garbled", detail: "broken values" }],
  [{ end: "cut", fault: overBudget("snmp", "time", 9) }, { refused: "not authentic" }, { kind: "denied" }],
  [{ end: "cut", fault: overBudget("snmp", "bytes", 9) }, { refused: "broken values" }, { kind: "overBudget" }],
])("faultOfEnding(): %j with %j", (ending, news, wanted) => {
  expect(faultOfEnding({ ending, news: { bytes: 0, ...news } })).toMatchObject(wanted);
});

test("getAll(): silence on few as on many is a dead agent: it costs one question from then on, and keeps its appetite when it is back", async () => {
  let isDead = true;
  const { exchange, questions } = agent((question) =>
    isDead || question.ask !== "get" ? { end: "silence" } : rows(...question.oids.map((oid) => row(oid))),
  );
  const appetite = { atOnce: 20 };
  const asked = async (): Promise<number[]> => {
    questions.length = 0;
    await getAll(exchange, names(20), appetite);
    return questions.map((question) => (question.ask === "get" ? question.oids.length : 0));
  };
  expect([await asked(), await asked(), await asked()]).toEqual([[20, 10], [10], [10]]);
  isDead = false;
  expect([await asked(), await asked()]).toEqual([[10, 10], [20]]);
});
