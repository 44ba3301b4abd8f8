import { expect, test } from "vitest";
import { createQuestions } from "../../../protocols/snmp/questions.ts";

const DESCR = "1.3.6.1.2.1.1.1.0";
const NAME = "1.3.6.1.2.1.1.5.0";

test("of(): the same list is one question, whoever asks; another order or length is another", () => {
  const questions = createQuestions();
  const both = questions.of([DESCR, NAME]);
  expect(both?.objects.map(({ oid }) => oid)).toEqual([DESCR, NAME]);
  expect(questions.of([DESCR, NAME])).toBe(both);
  expect(questions.of([NAME, DESCR])?.oids).toEqual([NAME, DESCR]);
  expect(questions.of([DESCR])?.oids).toEqual([DESCR]);
  expect(questions.of([])?.objects).toEqual([]);
});

test("of(): a list that is changed after it was asked is another question", () => {
  const questions = createQuestions();
  const mine = [DESCR];
  const before = questions.of(mine);
  mine[0] = NAME;
  expect(questions.of(mine, before)?.oids).toEqual([NAME]);
  expect(before?.oids).toEqual([DESCR]);
});

test("of(): what an agent was asked last is found without looking, however many others were asked since", () => {
  const questions = createQuestions();
  const mine = questions.of([DESCR]);
  for (let i = 0; i < 100; i++) questions.of([`${NAME}.${i}`]);
  expect(questions.of([DESCR], mine)).toBe(mine);
  expect(questions.of([DESCR])).not.toBe(mine);
});

test("of(): one that is no object identifier spoils the question", () => {
  const questions = createQuestions();
  for (const bad of ["", "1", "1.x", "1.3.6.4294967296"]) expect(questions.of([DESCR, bad])).toBeUndefined();
});
