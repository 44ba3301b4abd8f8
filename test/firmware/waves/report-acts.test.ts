import fc from "fast-check";
import { expect, test } from "vitest";
import { reportedActs } from "../../../firmware/waves/report-acts.ts";
import type { ActRow, ReportInput } from "../../../firmware/waves/report-input.ts";
import { planOf } from "../../agent/rehearsal/kit.ts";

const PLAN = planOf(8);
const ID = PLAN.campaign;

let atMs = 0;
const row = (action: string, changes: Partial<ActRow> = {}): ActRow => ({
  ...{ atMs: atMs++, actor: "agent", action, subject: ID, detail: {}, ...changes },
});
const told = (acts: readonly ActRow[], wave?: number) =>
  reportedActs({ acts, plan: PLAN, campaign: { id: ID }, ...(wave === undefined ? {} : { wave }) } as unknown as ReportInput);
const words = (acts: readonly ActRow[], wave?: number): string[] => told(acts, wave).map(({ by, what }) => `${by}: ${what}`);

test("reportedActs(): it is started once and resumed after a pause; that it goes on after a wave is told by the next wave", () => {
  const acts = [
    row("campaign.armed", { actor: "anna" }),
    row("campaign.running", { actor: "doe" }),
    row("wave.active", { subject: `${ID} wave 1` }),
    row("wave.passed", { subject: `${ID} wave 1` }),
    row("campaign.running"),
    row("campaign.paused", { actor: "doe", detail: { why: "a look in between" } }),
    row("campaign.running", { actor: "doe", detail: { gate: "health" } }),
    row("campaign.running"),
    row("campaign.completed"),
  ];
  expect(words(acts)).toEqual([
    ...["anna: approved", "doe: started", "agent: wave 1 under way", "agent: wave 1 passed"],
    ...["doe: paused", "doe: resumed", "agent: completed"],
  ]);
  expect(told(acts).filter(({ why, gate }) => why !== undefined || gate !== undefined)).toMatchObject([
    { what: "paused", why: "a look in between" },
    { what: "resumed", gate: "health" },
  ]);
});

test("reportedActs(): commands themselves, other campaigns and states without a word are left out; the kill switch is told when it was turned", () => {
  const acts = [
    row("campaign.plan"),
    row("campaign.start:done"),
    row("campaign.halted", { subject: "c-another01" }),
    row("campaign.nothing"),
    row("firmware.stage"),
    row("kill.on", { subject: "site" }),
    row("kill.on:done", { subject: "site", actor: "doe" }),
    row("kill.off:failed", { subject: "site" }),
    row("kill.off:done", { subject: "model VVX 450", actor: "anna" }),
  ];
  expect(words(acts)).toEqual(["doe: kill switch on for site", "anna: kill switch off for model VVX 450"]);
});

test("reportedActs(): a device is told by its name, of a wave only its own acts and those of the whole campaign", () => {
  const [first, second] = PLAN.waves.map(({ tasks }) => PLAN.tasks.find(({ id }) => id === tasks[0]));
  const acts = [
    row("campaign.running", { actor: "doe" }),
    row("task.skipped", { actor: "doe", subject: `${ID} ${first?.device}`, detail: { why: "moved" } }),
    row("task.retried", { actor: "doe", subject: `${ID} ${second?.device}` }),
    row("wave.held", { subject: `${ID} wave 2` }),
  ];
  const started = "doe: started";
  const skipped = `doe: ${first?.name} left out or written off`;
  const retried = `doe: ${second?.name} tried once more`;
  expect(words(acts)).toEqual([started, skipped, retried, "agent: wave 2 held"]);
  expect(words(acts, 1)).toEqual([started, skipped]);
  expect(words(acts, 2)).toEqual([started, retried, "agent: wave 2 held"]);
});

test("reportedActs(): in the order of the rows, none twice, and no text longer than the document takes", () => {
  const action = fc.constantFrom(
    "campaign.running",
    "campaign.paused",
    "campaign.halted",
    "wave.active",
    "campaign.plan",
    "kill.on:done",
    "x",
  );
  const subject = fc.constantFrom(ID, `${ID} wave 1`, `${ID} wave 0`, "c-other", "site");
  fc.assert(
    fc.property(fc.array(fc.record({ action, subject, why: fc.string({ maxLength: 3_000 }) })), (drawn) => {
      const acts = drawn.map(({ why, ...rest }, at) => ({ ...row(rest.action, rest), atMs: at * 1_000, detail: { why } }));
      const said = told(acts);
      expect(said.map(({ at }) => at)).toEqual(said.map(({ at }) => at).toSorted());
      expect(new Set(said.map(({ at }) => at)).size).toBe(said.length);
      for (const { why } of said) expect((why ?? "").length).toBeLessThanOrEqual(2_000);
      // Every pause is told, whatever stands around it.
      const pauses = acts.filter((one) => one.action === "campaign.paused" && one.subject === ID);
      expect(said.filter(({ what }) => what === "paused")).toHaveLength(pauses.length);
    }),
  );
});
