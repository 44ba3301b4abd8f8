import { expect, test } from "vitest";
import { planAnswer } from "../../../agent/campaigns/plan-answer.ts";
import { changesText, differenceText, forecastText, heldText, planText } from "../../../agent/cli/campaign-plan-view.ts";
import { planAnswerSchema } from "../../../agent/cli/campaign-results.ts";
import { diffPlans } from "../../../firmware/waves/diff.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Candidate } from "../../../firmware/waves/shape.ts";
import { candidate, deviceOf, NOW, planInput, policy, release } from "../../firmware/waves/builders.ts";
import { FORECAST } from "./agent.ts";

const NIGHT = { zone: "Europe/Zurich", windows: [{ days: ["mon" as const], from: "01:00", to: "05:00" }], blackout: [] };
/** As the agent answers it, through JSON and the schema. */
function shown(all: readonly Candidate[], changes: Partial<PlanInput> = {}, before?: Partial<PlanInput>): string {
  const plan = makePlan(planInput(all, changes));
  const parent = before === undefined ? undefined : makePlan(planInput(all, before));
  const difference = parent === undefined ? {} : { difference: diffPlans(parent, planHash(parent), plan) };
  const answer = JSON.parse(JSON.stringify(planAnswer({ plan, planHash: planHash(plan), kept: false, ...difference })));
  return planText(planAnswerSchema.parse(answer));
}
const many = (count: number, changes: (i: number) => Partial<Candidate> = () => ({})): Candidate[] =>
  Array.from({ length: count }, (_, number) => candidate(number, changes(number)));

test("planText(): waves with what they are, take, carry, prove and risk; who is held; what is down at once; the window", () => {
  const all = many(40, (i) => (i < 3 ? { availability: "offline" } : i < 7 ? { place: { duties: ["reception"] } } : {}));
  const text = shown(all, { calendar: NIGHT });
  expect(text.split("\n")).toEqual([
    "37 of 40 devices move to UC Software 6.4.8 (6.4.8.1190) (dry run: nothing is kept)",
    "WAVE  DEVICES  WHAT                                                  EST.     LAN  RULES OUT  RISK",
    "   1        1  canary VVX 450 ×1 (zh-p-29)                         24 min  100 MB     > 95 %  –",
    "   2        5  VVX 450 ×5                                          34 min  500 MB   > 39.4 %  –",
    "   3       23  VVX 450 ×23                                     1 h 10 min  2.3 GB    > 9.9 %  –",
    "   4        4  VVX 450 ×4                                          29 min  400 MB    > 8.7 %  –",
    "   5        4  VVX 450 ×4                                          49 min  400 MB    > 7.8 %  reception: 2 at a time",
    "held        3  zh-p-0 offline; zh-p-1 offline; zh-p-2 offline",
    "3 held back",
    ...[0, 1, 2].map((n) => `  zh-p-${n}: it does not answer (64:16:7f:00:00:0${n}); lifted by: it answers again, then a new plan`),
    "About 3 h 37 min, nine times of ten within 4 h 14 min; does not fit Mon 01:00–05:00: it goes on in the next one. 3.7 GB on the LAN, 100 MB over the uplink.",
    "Down at once: at most 10 devices (10 phones); likely 10 devices (10 phones).",
    "Next: the same without --dry-run.",
    "",
  ]);
});

test("planText(): I1 planned outages say what is given up, and that approval covers it", () => {
  const groups = [{ kind: "group" as const, name: "Desk", members: [0, 1, 2, 3].map(deviceOf), minUp: 3 }];
  const text = shown(many(4), { groups, policy: policy({ plannedOutages: [{ domain: "group:Desk", keeps: 1 }] }) });
  expect(text).toContain("1 planned outage, approved with the plan:\n  group:Desk: 1 of 4 stay up, not 3\n");
  expect(shown(many(4), { groups })).not.toContain("outage");
});

test("planText(): stepping stones, steps that cannot be undone, and what goes along", () => {
  const edge = { ...release().edges[0], reversibility: "one_way" };
  const stone = release({ id: "ucs-6.1.0", version: "6.1.0.10", edges: [{ ...edge, fromMin: "5.9.0", fromMax: "6.0.9" }] });
  const target = release({ edges: [{ ...edge, fromMin: "6.1.0" }] });
  const all = [candidate(0, { running: "6.0.2.5", updater: "6.0.2.5" }), candidate(1, { model: "TC10", family: "video-os" })];
  const groups = [{ kind: "coupled" as const, name: "x", members: [deviceOf(0), deviceOf(1)] }];
  const text = shown(all, { release: target, releases: [stone, target], chains: true, groups });
  expect(text).toContain("canary VVX 450 ×1 (zh-p-0), 1 along");
  expect(text).toContain("Down at once: at most 2 devices (1 phone)");
  expect(text).toContain("1 cannot go back; 1 stepping stone (6.1.0.10)");
});

test("planText(): made from another plan: what is different, or that nothing is", () => {
  const text = shown(many(8), { policy: policy({ soak: "1h" }) }, {});
  expect(text).toMatch(/Against the plan [0-9a-f]{12}…: 1 setting\n {2}= policy\.soak: 900000 → 3600000\n/);
  expect(shown(many(8), {}, { nowMs: NOW + 1 })).toContain("nothing is different\n");
});

test("changesText(): of a way back nothing is told against the plan it takes back", () => {
  const counts = { added: 0, gone: 0, moved: 0, reasons: 0, ways: 18, settings: 0 };
  const difference = { parent: "ab".repeat(32), counts, added: [], gone: [], moved: [], reasons: [], ways: [], settings: [] };
  expect(changesText({ difference })).toContain("18 other ways");
  expect(changesText({ difference, rollback: { campaign: "c-abcd1234" } })).toBe("");
  expect(changesText({ difference: null })).toBe("");
});

test("differenceText(): each kind with its sign, a long list cut", () => {
  const held = { at: "held", code: "offline", why: "it does not answer" };
  const text = differenceText({
    ...{ parent: "ab".repeat(32), counts: { added: 30, gone: 2, moved: 0, reasons: 1, ways: 1, settings: 1 } },
    added: Array.from({ length: 10 }, (_, n) => ({ name: `p-${n}`, wave: 2 })),
    gone: [
      { name: "q", wave: 1, is: held },
      { name: "r", wave: 3, is: { at: "nowhere" } },
    ],
    moved: [],
    reasons: [{ name: "s", was: held, is: { at: "nowhere" } }],
    ways: [{ name: "t", was: ["1 → 2 (a)"], is: ["1 → 3 (b)"] }],
    settings: [{ path: "policy.soak", is: "5" }],
  });
  expect(text.split("\n")).toEqual([
    "Against the plan abababababab…: 30 added, 2 gone, 1 other way, 1 other reason, 1 setting",
    ...Array.from({ length: 8 }, (_, n) => `  + p-${n}: wave 2`),
    "  and 22 more",
    "  - q: was in wave 1; it does not answer",
    "  - r: was in wave 3",
    "  ~ t: 1 → 2 (a) → 1 → 3 (b)",
    "  ! s: offline → nowhere",
    "  = policy.soak: - → 5",
    "",
  ]);
});

test("heldText(): each with its reason and what lifts it, those there already only counted, a long list cut", () => {
  const held = (n: number, code = "floor") => ({ name: `p-${n}`, code, why: "too old", lifts: n === 1 ? "6.0.0 first" : null });
  expect(heldText([held(1), held(2), held(3, "alreadyCurrent")])).toBe(
    "3 held back, 1 of them there already\n  p-1: too old; lifted by: 6.0.0 first\n  p-2: too old\n",
  );
  expect(heldText(Array.from({ length: 10 }, (_, n) => held(n + 2)))).toContain("  and 2 more; --json lists them\n");
});

test("forecastText(): what does not fit the window and what goes over the uplink is said", () => {
  const text = forecastText({ ...FORECAST, fitsWindow: false, wanBytes: 2_600_000_000 });
  expect(text).toContain("does not fit the window");
  expect(text).toContain("2.6 GB over the uplink");
});
