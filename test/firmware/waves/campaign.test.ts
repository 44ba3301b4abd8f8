import fc from "fast-check";
import { expect, test } from "vitest";
import { stepCampaign } from "../../../firmware/waves/campaign.ts";
import { type CampaignEvent, type CampaignState, mayCommand } from "../../../firmware/waves/campaign-state.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { NOW, sha } from "./builders.ts";
import {
  approval,
  armed,
  awaiting,
  BACK,
  COUNTS,
  EVENTS,
  halted,
  held,
  leaving,
  next,
  OPEN,
  pairs,
  pausedByGate,
  pausedByPerson,
  reasonOf,
  running,
  STATES,
  TERMS,
  take,
  WAYS_BACK,
} from "./campaign-kit.ts";

test("stepCampaign(): every state answers every event with a state, or with the event ignored and words for its sender", () => {
  for (const nowMs of [NOW, TERMS.validUntilMs]) {
    for (const { state, event } of pairs) {
      const step = take(state, event, nowMs);
      if ("next" in step) expect(STATES.map(({ at }) => at)).toContain(step.next.at);
      else expect(step).toMatchObject({ ignored: event, reason: expect.stringMatching(/\S/) });
    }
  }
});

test("mayCommand(): I8 only a running campaign sends commands", () => {
  expect(STATES.filter(mayCommand)).toEqual([running, leaving]);
});

test("stepCampaign(): I8 whatever happens in whatever order, it runs only with two persons and two keys that approved this plan", () => {
  const walk = fc.array(fc.record({ event: fc.constantFrom(...EVENTS), waitMs: fc.nat(DAY / 20) }), { maxLength: 40 });
  fc.assert(
    fc.property(walk, (steps) => {
      let state: CampaignState = { at: "planned" };
      let nowMs = NOW;
      for (const { event, waitMs } of steps) {
        nowMs += waitMs;
        state = next(state, event, nowMs);
        if (state.at !== "running" && state.at !== "paused") continue;
        expect(new Set(state.approvals.map(({ person }) => person)).size).toBe(2);
        expect(new Set(state.approvals.map(({ keyId }) => keyId)).size).toBe(2);
        expect(state.approvals.map(({ person }) => person)).not.toContain("author");
      }
    }),
    { numRuns: 1_000 },
  );
});

test("stepCampaign(): I11 the wave moves by one, and only when the one under way has finished", () => {
  const waveOf = (state: CampaignState): number | undefined => ("wave" in state && state.at !== "halted" ? state.wave : undefined);
  for (const { state, event } of pairs) {
    const [before, after] = [waveOf(state), waveOf(next(state, event))];
    if (before === undefined || after === undefined || before === after) continue;
    expect(event).toEqual({ kind: "waveFinished", wave: before });
    expect(after).toBe(before + 1);
  }
});

test("stepCampaign(): I27 the same event twice in a row changes nothing the second time", () => {
  for (const { state, event } of pairs) {
    const once = next(state, event);
    if (once !== state) expect("ignored" in take(once, event), `${state.at} ${event.kind}`).toBe(true);
  }
});

test("stepCampaign(): the good way runs from planned to completed", () => {
  const way: CampaignEvent[] = [
    { kind: "approvalAsked" },
    approval("doe"),
    approval("roe"),
    { kind: "started", by: "doe" },
    { kind: "waveFinished", wave: 1 },
    { kind: "waveFinished", wave: 2 },
    { kind: "allDone", counts: COUNTS },
  ];
  const seen: CampaignState[] = [];
  for (const event of way) seen.push(next(seen.at(-1) ?? { at: "planned" }, event));
  expect(seen.map(({ at }) => at)).toEqual(["awaitingApproval", "awaitingApproval", "armed", "running", "running", "running", "completed"]);
  expect(seen.at(-1)).toEqual({ at: "completed", atMs: NOW, counts: COUNTS });
});

test("stepCampaign(): where one approval is enough, one arms the campaign", () => {
  const { notApprovedBy: _, ...rest } = TERMS;
  const step = stepCampaign({ at: "planned" }, approval("author"), { ...rest, approvalsNeeded: 1 }, NOW);
  expect(step).toMatchObject({ next: { at: "armed", approvals: [{ person: "author", atMs: NOW }] } });
});

test.each([
  ["another plan's hash", approval("roe", "key-roe", sha("b")), /another plan/],
  ["its author", approval("author"), /another person/],
  ["a person who approved already", approval("doe", "key-new"), /already approved by doe/],
  ["a key that approved already", approval("poe", "key-doe"), /another key/],
])("stepCampaign(): an approval with %s does not count", (_, event, words) => {
  expect(reasonOf(take(awaiting, event))).toMatch(words);
});

test.each(["failed", "lost", "refused"] as const)("stepCampaign(): one device that ended %s is named in the campaign's end", (how) => {
  const counts = { ...COUNTS, [how]: 1 };
  expect(next(running, { kind: "allDone", counts })).toEqual({ at: "completedWithFailures", atMs: NOW, counts });
});

test.each(["planned", "awaitingApproval", "armed"])("stepCampaign(): a plan that is %s expires at its last moment, not before", (at) => {
  const state = OPEN.find((one) => one.at === at) as CampaignState;
  expect(next(state, { kind: "timePassed" }, TERMS.validUntilMs - 1)).toBe(state);
  expect(next(state, { kind: "timePassed" }, TERMS.validUntilMs)).toEqual({ at: "expired", atMs: TERMS.validUntilMs });
});

test("stepCampaign(): a start or an approval that comes too late expires the plan instead", () => {
  expect(next(armed, { kind: "started", by: "doe" }, TERMS.validUntilMs).at).toBe("expired");
  expect(next(awaiting, approval("roe"), TERMS.validUntilMs).at).toBe("expired");
});

test.each([running, pausedByPerson, pausedByGate])("stepCampaign(): what has started does not expire: $at", (state) => {
  expect(next(state, { kind: "timePassed" }, TERMS.validUntilMs + DAY)).toBe(state);
});

test("stepCampaign(): a start before the last approval says how many are missing", () => {
  expect(reasonOf(take(awaiting, { kind: "started", by: "doe" }))).toBe("waits for approval: 1 of 2");
});

test("stepCampaign(): I27 a second start says who started it", () => {
  expect(reasonOf(take(running, { kind: "started", by: "roe" }))).toBe("already started by doe");
});

test("stepCampaign(): a person's pause ends by any resume, in the same wave with the same approvals", () => {
  expect(next(pausedByPerson, { kind: "resumed", by: "doe" })).toEqual(running);
});

test.each([undefined, "health", "completion"] as const)("stepCampaign(): a gate's pause does not end by a resume that names %s", (gate) => {
  const step = take(pausedByGate, { kind: "resumed", by: "doe", ...(gate === undefined ? {} : { gateNamed: gate }) });
  expect(reasonOf(step)).toBe('the resume must name the gate "failureCount" that holds wave 2');
});

test("stepCampaign(): a gate's pause ends by a resume that names the gate", () => {
  expect(next(pausedByGate, { kind: "resumed", by: "doe", gateNamed: "failureCount" })).toEqual(running);
});

test("stepCampaign(): a gate beats a person's pause as the cause, and the pause keeps its beginning", () => {
  const after = next(pausedByPerson, held, NOW + DAY);
  expect(after).toMatchObject({ at: "paused", cause: { kind: "gate", gate: "health" }, sinceMs: NOW });
});

test("stepCampaign(): a person's pause never takes the place of a gate's", () => {
  expect(next(pausedByGate, { kind: "paused", by: "roe" })).toBe(pausedByGate);
});

test("stepCampaign(): a gate of another wave holds nothing", () => {
  expect(next(running, { ...held, wave: 1 } as CampaignEvent)).toBe(running);
});

test.each([{ kind: "waveFinished", wave: 2 } as const, { kind: "allDone", counts: COUNTS } as const])(
  "stepCampaign(): while a gate holds, $kind does not carry the campaign on",
  (event) => expect(reasonOf(take(pausedByGate, event))).toContain('gate "failureCount" holds wave 2'),
);

test("stepCampaign(): a wave may finish during a person's pause, and the next waits for the resume", () => {
  expect(next(pausedByPerson, { kind: "waveFinished", wave: 2 })).toEqual({ ...pausedByPerson, wave: 3 });
});

test("stepCampaign(): the last wave has no next one", () => {
  expect(reasonOf(take({ ...running, wave: 3 } as CampaignState, { kind: "waveFinished", wave: 3 }))).toBe("it was the last wave");
});

test.each(OPEN)("stepCampaign(): a halt is taken while $at, approved or not, in time or late", (state) => {
  expect(next(state, { kind: "halted", by: "roe", why: "smoke" }, TERMS.validUntilMs + DAY)).toMatchObject({
    at: "halted",
    cause: { by: "roe", why: "smoke" },
  });
});

test.each<[CampaignState, CampaignEvent]>([
  [running, { kind: "started", by: "roe" }],
  [running, { kind: "resumed", by: "roe" }],
  [pausedByPerson, { kind: "started", by: "roe" }],
  [pausedByGate, { kind: "paused", by: "roe" }],
  [halted, { kind: "halted", by: "roe", why: "again" }],
  [armed, approval("zoe")],
  [{ at: "rollingBack", sinceMs: NOW, rollback: BACK }, WAYS_BACK[0] as CampaignEvent],
  [
    { at: "closed", atMs: NOW, by: "roe", why: "no" },
    { kind: "closed", by: "doe", why: "no" },
  ],
])("stepCampaign(): I27 an event that asks for what is so already says that: case %#", (state, event) => {
  expect(take(state, event)).toMatchObject({ ignored: event, already: true });
});

test.each<[CampaignState, CampaignEvent]>([
  [awaiting, { kind: "started", by: "roe" }],
  [awaiting, { kind: "paused", by: "roe" }],
  [pausedByGate, { kind: "resumed", by: "roe" }],
  [halted, { kind: "resumed", by: "roe" }],
  [awaiting, approval("doe", "key-doe", sha("b"))],
])("stepCampaign(): what does not apply is no success: case %#", (state, event) => {
  expect(take(state, event)).not.toHaveProperty("already");
});

test("stepCampaign(): a halt remembers the wave under way, and none where none had started", () => {
  expect(next(running, { kind: "halted", by: "roe", why: "smoke" })).toEqual(halted);
  expect(next(armed, { kind: "halted", by: "roe", why: "smoke" })).not.toHaveProperty("wave");
});

test("stepCampaign(): I12 a halted campaign is not resumed, not even by one who names the gate", () => {
  const step = take(halted, { kind: "resumed", by: "doe", gateNamed: "failureCount" });
  expect(reasonOf(step)).toBe("halted by roe: it moves on only with a new plan and a new approval");
});

test("stepCampaign(): stragglers that failed after the last wave are accepted by number with the resume, through later pauses", () => {
  const { wave } = running as CampaignState & { at: "running" };
  const gateHeld = {
    kind: "gateHeld",
    wave,
    gate: "failureCount",
    evidence: "2 stragglers failed",
    lateFailures: 2,
  } as const;
  const stopped = next(running, gateHeld);
  expect(stopped).toMatchObject({ at: "paused", cause: { kind: "gate", lateFailures: 2 } });
  const again = next(stopped, { kind: "resumed", by: "anna", gateNamed: "failureCount" });
  expect(again).toMatchObject({ at: "running", lateFailures: 2 });
  const paused = next(again, { kind: "paused", by: "doe" });
  expect(next(paused, { kind: "resumed", by: "doe" })).toEqual(again);
});
