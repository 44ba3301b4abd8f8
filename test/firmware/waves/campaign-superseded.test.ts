import { expect, test } from "vitest";
import { successorOf } from "../../../firmware/waves/campaign-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { NOW } from "./builders.ts";
import {
  armed,
  awaiting,
  COUNTS,
  halted,
  held,
  leaving,
  leavingPaused,
  NEXT,
  next,
  pausedByGate,
  pausedByPerson,
  reasonOf,
  running,
  STATES,
  take,
} from "./campaign-kit.ts";

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
