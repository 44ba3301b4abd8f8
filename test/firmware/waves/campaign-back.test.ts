import { expect, test } from "vitest";
import { type CampaignEvent, type CampaignState, isFinalCampaign } from "../../../firmware/waves/campaign-state.ts";
import { NOW } from "./builders.ts";
import { BACK, EVENTS, FINAL, next, OPEN, pausedByGate, pausedByPerson, reasonOf, TERMS, take, WAYS_BACK } from "./campaign-kit.ts";

/** The only ones that move what has ended, each to where it leads. */
const FROM_ENDED: Readonly<Record<string, readonly (readonly [CampaignEvent, CampaignState["at"]])[]>> = {
  ...Object.fromEntries(
    ["completed", "completedWithFailures", "superseded", "rolledBack", "closed"].map((at) => [
      at,
      WAYS_BACK.slice(0, 2).map((event) => [event, "rollingBack"] as const),
    ]),
  ),
  halted: [
    ...WAYS_BACK.slice(0, 2).map((event) => [event, "rollingBack"] as const),
    [{ kind: "closed", by: "roe", why: "left as it is" }, "closed"],
  ],
  rollingBack: [
    [WAYS_BACK[2] as CampaignEvent, "rolledBack"],
    [WAYS_BACK[3] as CampaignEvent, "closed"],
  ],
};

test.each(FINAL)(
  "stepCampaign(): I12 what is $at is moved by its rollback or, where it was halted, a person who closes it; by nothing else",
  (state) => {
    expect(isFinalCampaign(state)).toBe(true);
    for (const event of EVENTS)
      for (const nowMs of [NOW, TERMS.validUntilMs]) {
        const step = take(state, event, nowMs);
        const leads = FROM_ENDED[state.at]?.find(([one]) => JSON.stringify(one) === JSON.stringify(event))?.[1];
        expect("next" in step ? step.next.at : undefined, event.kind).toBe(leads);
      }
  },
);

test("stepCampaign(): I12 a halt keeps the gate that held the campaign, all the way back", () => {
  const gate = { wave: 2, gate: "failureCount", evidence: "2 of 5 failed" };
  const stopped = next(pausedByGate, { kind: "halted", by: "roe", why: "smoke" });
  expect(stopped).toMatchObject({ at: "halted", cause: { by: "roe", why: "smoke", gate } });
  const back = next(stopped, WAYS_BACK[0] as CampaignEvent);
  expect(back).toEqual({ at: "rollingBack", sinceMs: NOW, rollback: BACK, cause: { by: "roe", why: "smoke", gate } });
  expect(next(back, WAYS_BACK[2] as CampaignEvent)).toEqual({
    at: "rolledBack",
    atMs: NOW,
    rollback: BACK,
    cause: { by: "roe", why: "smoke", gate },
  });
  expect(next(back, WAYS_BACK[3] as CampaignEvent)).toMatchObject({ at: "closed", by: BACK, why: "1 of 3 is not back", cause: { gate } });
  expect(next(pausedByPerson, { kind: "halted", by: "roe", why: "smoke" })).not.toHaveProperty("cause.gate");
});

test.each(OPEN)("stepCampaign(): what is $at is not rolled back and not closed: it is halted first", (state) => {
  expect(reasonOf(take(state, WAYS_BACK[0] as CampaignEvent))).toContain("halt it first");
  expect(reasonOf(take(state, { kind: "closed", by: "roe", why: "no" }))).toContain("halt it first");
});
