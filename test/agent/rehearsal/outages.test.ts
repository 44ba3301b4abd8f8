import { expect, test } from "vitest";
import { createOutages } from "../../../agent/rehearsal/outages.ts";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { planOf } from "./kit.ts";

const plan = planOf(6);
const byNumber = plan.tasks.toSorted((a, b) => (a.device < b.device ? -1 : 1));
const at = (number: number): PlannedTask => byNumber[number - 1] as PlannedTask;

test("createOutages(): counts what is away together, and remembers the most of each", () => {
  const outages = createOutages(indexDomains(plan));
  outages.change(at(1), true);
  outages.change(at(4), true);
  outages.change(at(1), false);
  outages.change(at(2), true);
  expect(outages.worst()).toEqual({ devices: 2, phones: 2, rooms: 2, darkRooms: 0 });
  outages.change(at(1), true);
  outages.change(at(3), true);
  // All of room 0, and one of room 1.
  expect(outages.worst()).toEqual({ devices: 4, phones: 4, rooms: 2, darkRooms: 1 });
  expect(outages.domains().map(({ id, away, members }) => [id, away, members])).toEqual([
    ["floor:0", 4, 6],
    ["room:Room 0", 3, 3],
    ["zone:emergency", 1, 2],
  ]);
});

test("createOutages(): the same word twice counts once", () => {
  const outages = createOutages(indexDomains(plan));
  for (const isDown of [true, true, false, false, true]) outages.change(at(1), isDown);
  expect(outages.worst().devices).toBe(1);
  outages.change(at(1), false);
  outages.change(at(2), true);
  expect(outages.worst().devices).toBe(1);
});
