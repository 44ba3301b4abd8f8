import fc from "fast-check";
import { expect, test } from "vitest";
import type { TaskView } from "../../../agent/campaigns/task-view.ts";
import type { CampaignView } from "../../../agent/campaigns/view.ts";
import { fitView } from "../../../agent/campaigns/view-size.ts";

const AT = ["succeeded", "planned", "held", "lost", "applying", "skipped"] as const;
const task = (number: number, why = ""): TaskView => ({
  ...{ task: `c-abcd1234/d-${number}`, device: `d-${number}`, name: `Phone ${number}`, model: "VVX 450", wave: 1, attempts: 0 },
  ...{ at: AT[number % AT.length] ?? "held", why },
});
const view = (tasks: number, heldBack: number, why = "the window is closed"): CampaignView => ({
  ...{ schema: "groundswell.campaign/1", campaign: "c-abcd1234", state: "running", planHash: "ab".repeat(32), planned: tasks },
  ...{ release: { id: "r", title: "R", version: "1" }, counts: {}, atRisk: 0, waves: [] },
  forecast: {} as CampaignView["forecast"],
  tasks: Array.from({ length: tasks }, (_, number) => task(number, why)),
  heldBack: Array.from({ length: heldBack }, (_, number) => ({
    device: `d-h${number}`,
    name: `Held ${number}`,
    code: "offline",
    why,
    lifts: "it answers",
  })) as unknown as CampaignView["heldBack"],
});
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

test("fitView(): a view that fits stays as it is", () => {
  const small = view(20, 5);
  expect(fitView(small, 100_000)).toBe(small);
});

test("fitView(): failures come first, then what is under way; who is updated has nothing to say", () => {
  const { tasks, tasksLeft = 0 } = fitView(view(1_000, 0), 60_000);
  expect(tasks.length + tasksLeft).toBe(1_000);
  expect(tasks.slice(0, 166).every(({ at }) => at === "lost")).toBe(true);
  expect(tasks[170]?.at).toBe("applying");
  expect(tasks.some(({ at }) => at === "succeeded")).toBe(false);
});

test("fitView(): whatever there is, it fits, and what is left out is counted", () => {
  fc.assert(
    fc.property(
      fc.nat(400),
      fc.nat(400),
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.integer({ min: 4_000, max: 60_000 }),
      (tasks, held, why, bytes) => {
        const whole = view(tasks, held, why);
        const fitted = fitView(whole, bytes);
        // The two counts of what is left out.
        expect(bytesOf(fitted)).toBeLessThanOrEqual(bytes + 50);
        expect(fitted.tasks.length + (fitted.tasksLeft ?? 0)).toBe(tasks);
        expect(fitted.heldBack.length + (fitted.heldBackLeft ?? 0)).toBe(held);
      },
    ),
  );
});
