import { expect, test } from "vitest";
import type { TaskRow } from "../../../firmware/waves/ports.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { createTurnTasks } from "../../../firmware/waves/turn-tasks.ts";
import type { TaskId } from "../../../protocols/core/ids.ts";
import { CAMPAIGN, deviceOf, NOW } from "./builders.ts";

const STAGED: TaskState = { at: "staged", tries: 0, leg: 0 };
const SOAKING: TaskState = { at: "soaking", attempt: { number: 1, token: "k1", leg: 0 }, untilMs: NOW };
const rows = (count: number, state: TaskState): TaskRow[] =>
  Array.from({ length: count }, (_, number) => ({
    id: `${CAMPAIGN}/${state.at}-${String(number).padStart(4, "0")}` as TaskId,
    ...{ campaign: CAMPAIGN, wave: 1, device: deviceOf(number), state, revision: 1 },
  }));
const nobody = (): boolean => false;

/** Turns until all have had theirs. @returns who was asked in each */
function turns(tasks: readonly TaskRow[], writes: boolean): string[][] {
  const list = createTurnTasks();
  const done = new Set<string>();
  const asked: string[][] = [];
  for (let isLeft = true; isLeft && asked.length < 1_000; ) {
    const now: string[] = [];
    isLeft = list.move(
      CAMPAIGN,
      tasks,
      ({ id }) => done.has(id),
      ({ id, state }) => {
        now.push(id);
        if (state.at === "staged") done.add(id);
        if (writes) list.written();
      },
    );
    asked.push(now);
  }
  return asked;
}

test("turn: who is touched is moved in every turn, before those that wait", () => {
  const [first, second] = turns([...rows(1_000, STAGED), ...rows(300, SOAKING)], true);
  for (const turn of [first, second]) expect(turn?.slice(0, 300).every((id) => id.includes("soaking"))).toBe(true);
});

test.each([true, false])("turn: of a thousand that wait each is asked once, in shares (%s: each writes its row)", (writes) => {
  const asked = turns(rows(1_000, STAGED), writes);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.flat().toSorted()).toEqual(rows(1_000, STAGED).map(({ id }) => id));
});

test("turn: where those in front never rest, the others have their turn all the same", () => {
  const list = createTurnTasks();
  const tasks = rows(1_000, STAGED);
  const asked = new Set<string>();
  for (let turn = 0; turn < 10; turn++) list.move(CAMPAIGN, tasks, nobody, ({ id }) => void asked.add(id));
  expect(asked.size).toBe(1_000);
});

test("turn: nothing is left where few wait", () => {
  expect(createTurnTasks().move(CAMPAIGN, rows(20, STAGED), nobody, () => undefined)).toBe(false);
});
