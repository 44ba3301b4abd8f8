import fc from "fast-check";
import { expect, test } from "vitest";
import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import { type ImageFacts, imagesNeededNow, imagesOfTasks, imagesToAsk, standingOf, waitAfterMs } from "../../../firmware/waves/images.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { candidate, NOW, PARTS, planInput, sha } from "./builders.ts";

const PLAN = makePlan(planInput([candidate(1), candidate(2, { model: "VVX 250", partNumber: PARTS["VVX 250"] })]));
const RUNNING: CampaignState = { at: "running", approvals: [], wave: 1, startedBy: "doe" };
const fault: Fault = { kind: "unreachable", via: "http", detail: "status 503" };
const image = { sha256: sha("a"), release: "ucs-6.4.8" };
const facts = (changes: Partial<ImageFacts> = {}): ImageFacts => ({
  ...{ isStaged: false, listed: "yes", isPaused: false, isAsked: false },
  ...changes,
});
const rows = (state: TaskState) => PLAN.tasks.map(({ id }, at) => ({ id, wave: PLAN.tasks.length - at, state }));

test("waitAfterMs(): 1, 5, 15 minutes, then hourly; wrong bytes are not brought again at once", () => {
  expect([1, 2, 3, 4, 50].map((tries) => waitAfterMs(tries, fault))).toEqual([MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR]);
  expect(waitAfterMs(1, { kind: "mismatch", wanted: "a", found: "b" })).toBe(6 * HOUR);
});

test.each([
  [{ isStaged: true, isAsked: true }, "here"],
  [{}, "due"],
  [{ isAsked: true }, "coming"],
  [{ progress: { doneBytes: 1, totalBytes: 2 } }, "coming"],
  [{ isAsked: true, progress: { doneBytes: 1, totalBytes: 2, waits: { fault, untilMs: NOW + 5 } } }, "again"],
  [{ isPaused: true }, "stopped"],
  [{ listed: "gone" }, "gone"],
  [{ listed: "withdrawn" }, "withdrawn"],
  [{ failure: { fault, atMs: NOW - MINUTE + 1, tries: 1 } }, "again"],
  [{ failure: { fault, atMs: NOW - MINUTE, tries: 1 } }, "due"],
  [{ failure: { fault, atMs: NOW + HOUR, tries: 1 } }, "due"],
] as const)("standingOf(): %j is %s", (changes, at) => {
  expect(standingOf(image, facts(changes as Partial<ImageFacts>), NOW).at).toBe(at);
});

test("standingOf(): what failed is due again after its wait and never later, wherever the clock stands", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -3 * HOUR, max: 3 * HOUR }), (tries, agoMs) => {
      const failure = { fault, atMs: NOW - agoMs, tries };
      const standing = standingOf(image, facts({ failure }), NOW);
      const waits = agoMs >= 0 && agoMs < waitAfterMs(tries, fault);
      expect(standing.at).toBe(waits ? "again" : "due");
      if (standing.at === "again") expect(standing.nextMs - NOW).toBeLessThanOrEqual(waitAfterMs(tries, fault));
    }),
  );
});

test("imagesNeededNow(): of tasks that have not ended, the first wave's first, each once", () => {
  const open = imagesNeededNow({ plan: PLAN, state: RUNNING, tasks: rows({ at: "planned" }), kills: [] });
  expect(open).toEqual(imagesOfTasks(PLAN.tasks.toReversed()));
  expect(open).toHaveLength(2);
  expect(imagesNeededNow({ plan: PLAN, state: RUNNING, tasks: rows({ at: "succeeded", how: "updated" }), kills: [] })).toEqual([]);
});

test("imagesNeededNow(): a campaign that does not run asks for nothing, nor what the kill switch holds", () => {
  const tasks = rows({ at: "planned" });
  const paused: CampaignState = { ...RUNNING, at: "paused", cause: { kind: "person", by: "doe" }, sinceMs: NOW };
  const others: CampaignState[] = [paused, { at: "armed", approvals: [] }, { at: "halted", atMs: NOW, cause: { by: "a", why: "b" } }];
  for (const state of others) expect(imagesNeededNow({ plan: PLAN, state, tasks, kills: [] })).toEqual([]);
  const kill = { by: "anna", reason: "smoke", sinceMs: NOW };
  const onRelease = { ...kill, scope: { kind: "release", release: "ucs-6.4.8" } } as const;
  expect(imagesNeededNow({ plan: PLAN, state: RUNNING, tasks, kills: [onRelease] })).toEqual([]);
  const onModel = { ...kill, scope: { kind: "model", model: "VVX 250" } } as const;
  expect(imagesNeededNow({ plan: PLAN, state: RUNNING, tasks, kills: [onModel] })).toHaveLength(1);
});

test("imagesToAsk(): only what is due, in order, four at once", () => {
  const needed = ["1", "2", "3", "4", "5", "6"].map((digit) => ({ sha256: sha(digit), release: "r" }));
  const standing = (one: { sha256: string }) => (one.sha256 === sha("2") ? ({ at: "here" } as const) : ({ at: "due" } as const));
  const ask = (all: number, waiting = 0) => imagesToAsk(needed, standing, { all, waiting }).map(({ sha256 }) => sha256[0]);
  expect(ask(0)).toEqual(["1", "3", "4", "5"]);
  expect(ask(3)).toEqual(["1"]);
  expect(ask(4)).toEqual([]);
  // Those between two tries keep nobody waiting, up to a limit.
  expect(ask(4, 4)).toEqual(["1", "3", "4", "5"]);
  expect(ask(5, 2)).toEqual(["1"]);
  expect(ask(63, 63)).toEqual(["1"]);
  expect(ask(64, 64)).toEqual([]);
});
