import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CampaignEvent,
  type CampaignState,
  type CampaignStep,
  type CampaignTerms,
  isFinalCampaign,
  mayCommand,
  stepCampaign,
  successorOf,
} from "../../../firmware/waves/campaign.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { NOW, sha } from "./builders.ts";

const HASH = sha("a");
const TERMS: CampaignTerms = { planHash: HASH, waves: 3, approvalsNeeded: 2, notApprovedBy: "author", validUntilMs: NOW + DAY };
const COUNTS = { succeeded: 9, failed: 0, lost: 0, refused: 0, skipped: 1 };

const doe = { person: "doe", keyId: "key-doe", atMs: NOW };
const roe = { person: "roe", keyId: "key-roe", atMs: NOW };
const approvals = [doe, roe];
const NEXT = "c-next0001" as CampaignId;
const running: CampaignState = { at: "running", approvals, wave: 2, startedBy: "doe" };
const pausedByPerson: CampaignState = { ...running, at: "paused", cause: { kind: "person", by: "roe" }, sinceMs: NOW };
const gateCause = { kind: "gate", wave: 2, gate: "failureCount", evidence: "2 of 5 failed" } as const;
const pausedByGate: CampaignState = { ...running, at: "paused", cause: gateCause, sinceMs: NOW };
const leaving: CampaignState = { ...running, supersededBy: NEXT };
const leavingPaused: CampaignState = { ...pausedByGate, supersededBy: NEXT };
const awaiting: CampaignState = { at: "awaitingApproval", approvals: [doe] };
const armed: CampaignState = { at: "armed", approvals };
const halted: CampaignState = { at: "halted", atMs: NOW, cause: { by: "roe", why: "smoke" }, wave: 2 };

const FINAL: readonly CampaignState[] = [
  { at: "completed", atMs: NOW, counts: COUNTS },
  { at: "completedWithFailures", atMs: NOW, counts: COUNTS },
  halted,
  { at: "expired", atMs: NOW },
  { at: "superseded", atMs: NOW, by: NEXT },
];
const OPEN: readonly CampaignState[] = [{ at: "planned" }, awaiting, armed, running, pausedByPerson, pausedByGate, leaving, leavingPaused];
const STATES = [...OPEN, ...FINAL];

const approval = (person: string, keyId = `key-${person}`, planHash = HASH): CampaignEvent => ({
  kind: "approved",
  person,
  keyId,
  planHash,
});
const held: CampaignEvent = { kind: "gateHeld", wave: 2, gate: "health", evidence: "1 of 5 is worse" };

const EVENTS: readonly CampaignEvent[] = [
  { kind: "approvalAsked" },
  approval("doe"),
  approval("roe"),
  approval("author"),
  approval("poe", "key-doe"),
  approval("poe", "key-poe", sha("b")),
  { kind: "started", by: "doe" },
  held,
  { ...held, wave: 1 },
  { kind: "paused", by: "roe" },
  { kind: "resumed", by: "roe" },
  { kind: "resumed", by: "roe", gateNamed: "failureCount" },
  { kind: "resumed", by: "roe", gateNamed: "health" },
  { kind: "halted", by: "roe", why: "smoke" },
  { kind: "waveFinished", wave: 1 },
  { kind: "waveFinished", wave: 2 },
  { kind: "waveFinished", wave: 3 },
  { kind: "allDone", counts: COUNTS },
  { kind: "allDone", counts: { ...COUNTS, lost: 1 } },
  { kind: "timePassed" },
  ...[0, 2].map((stay) => ({ kind: "superseded", by: NEXT, stay }) as const),
];

const take = (state: CampaignState, event: CampaignEvent, nowMs = NOW): CampaignStep => stepCampaign(state, event, TERMS, nowMs);
const next = (state: CampaignState, event: CampaignEvent, nowMs = NOW): CampaignState => {
  const step = take(state, event, nowMs);
  return "next" in step ? step.next : state;
};
const reasonOf = (step: CampaignStep): string => ("reason" in step ? step.reason : `no reason: ${step.next.at}`);
const pairs = STATES.flatMap((state) => EVENTS.map((event) => ({ state, event })));

test("stepCampaign(): every state answers every event with a state, or with the event ignored and words for its sender", () => {
  for (const nowMs of [NOW, TERMS.validUntilMs]) {
    for (const { state, event } of pairs) {
      const step = take(state, event, nowMs);
      if ("next" in step) expect(STATES.map(({ at }) => at)).toContain(step.next.at);
      else expect(step).toMatchObject({ ignored: event, reason: expect.stringMatching(/\S/) });
    }
  }
});

test.each(FINAL)("stepCampaign(): a campaign that is $at never changes", (state) => {
  expect(isFinalCampaign(state)).toBe(true);
  for (const event of EVENTS) for (const nowMs of [NOW, TERMS.validUntilMs]) expect("ignored" in take(state, event, nowMs)).toBe(true);
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
  expect(reasonOf(take({ ...running, wave: 3 }, { kind: "waveFinished", wave: 3 }))).toBe("it was the last wave");
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

test("stepCampaign(): a campaign with nothing under way is superseded at once", () => {
  for (const state of [{ at: "planned" } as const, awaiting, armed, running, pausedByPerson, pausedByGate])
    expect(next(state, { kind: "superseded", by: NEXT, stay: 0 })).toEqual({ at: "superseded", atMs: NOW, by: NEXT });
});

test("stepCampaign(): what was commanded stays with its campaign, which is superseded when all of it has ended, held by a gate or not", () => {
  expect(next(running, { kind: "superseded", by: NEXT, stay: 2 })).toEqual(leaving);
  expect(next(pausedByGate, { kind: "superseded", by: NEXT, stay: 2 })).toEqual(leavingPaused);
  for (const state of [leaving, leavingPaused])
    expect(next(state, { kind: "allDone", counts: COUNTS })).toEqual({ at: "superseded", atMs: NOW, by: NEXT });
  expect(take(leaving, { kind: "superseded", by: "c-third0001" as CampaignId, stay: 2 })).toMatchObject({ already: true });
});

test("stepCampaign(): who is leaving may be paused, resumed and halted, keeps its successor, and has no waves any more", () => {
  expect(next(next(leaving, { kind: "paused", by: "roe" }), { kind: "resumed", by: "roe" })).toEqual(leaving);
  expect(reasonOf(take(leavingPaused, { kind: "resumed", by: "roe" }))).toContain("must name the gate");
  expect(next(leavingPaused, { kind: "resumed", by: "roe", gateNamed: "failureCount" })).toEqual(leaving);
  expect(next(leaving, { kind: "halted", by: "roe", why: "smoke" })).toEqual(halted);
  for (const event of [held, { kind: "waveFinished", wave: 2 } as const])
    expect(reasonOf(take(leaving, event))).toContain("judged no more");
});

test("successorOf(): only of who is leaving", () => {
  for (const state of STATES) expect(successorOf(state)).toBe(state === leaving || state === leavingPaused ? NEXT : undefined);
});
