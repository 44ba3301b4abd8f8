/** Which image stands for a phone, from real rows, and what the depot thread is told of it. */
import { expect, test } from "vitest";
import { createStanding, standingLeg, standingToken } from "../../../agent/campaigns/standing.ts";
import { SILENT } from "../../../agent/log.ts";
import { ThreadGone } from "../../../agent/threads/channel.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";
import { kit, move, phone, planned, started, taskRow, toCommanded, toLost, toSucceeded } from "./kit.ts";

type Told = DepotRequests["stand"]["input"];

function bench(answer: () => DepotRequests["stand"]["output"] = () => ({ missing: [] })) {
  const made = kit();
  const { id, plan } = started(made);
  const stood: Told[] = [];
  const warned: string[] = [];
  const erred: string[] = [];
  const depot = {
    async ask(name: string, input: unknown) {
      expect(name).toBe("stand");
      stood.push(input as Told);
      return answer() as never;
    },
  };
  const log = { ...SILENT, warn: (what: string) => void warned.push(what), error: (what: string) => void erred.push(what) };
  const open = () => createStanding({ store: made.store, depot, log });
  const runs = (number: number, running: string): void => made.store.devices.save(phone(number, { running }));
  const told1 = () => stood.at(-1)?.images.map(({ mac, token, held }) => [mac, token, held]);
  return { ...made, id, plan, stood, told1, warned, erred, open, runs };
}
const NEW = "6.4.8.1190";
const token = standingToken("token-01", 0);

test("standing: a phone that was updated stays on its image as long as it runs its version, and by the same token after every start", async () => {
  const made = bench();
  move(made, made.id, 1, toSucceeded("token-01"));
  await made.open().tellAll();
  expect(made.stood).toEqual([{ images: [], ended: [], whole: true }]);
  made.runs(1, NEW);
  await made.open().tellAll();
  const [planned] = made.plan.tasks.filter(({ device }) => device === deviceId(1));
  expect(made.stood.at(-1)).toEqual({
    images: [
      {
        ...{ token, mac: macOf(1), sha256: planned?.legs[0].image, release: "ucs-6.4.8", held: false, imageName: "sip.ld" },
        ...{ partNumbers: [planned?.partNumber], model: "VVX 450", seenAt: "127.1.0.1", notAbove: planned?.legs[0].to },
      },
    ],
    ended: [],
    whole: true,
  });
  made.runs(1, "6.4.9.1");
  await made.open().tellAll();
  expect(made.told1()).toEqual([]);
});

test("standing: from the delivery of the image until it answers, its name is held; from its answer on it is given", async () => {
  const made = bench();
  const standing = made.open();
  const after = async () => {
    standing.note(deviceId(1));
    await standing.settled();
    return made.told1();
  };
  move(made, made.id, 1, toCommanded("token-01"));
  expect(await after()).toEqual([]);
  move(made, made.id, 1, [{ kind: "wentDown", rebootMs: 60_000 }]);
  expect(await after()).toEqual([[macOf(1), token, true]]);
  made.runs(1, NEW);
  move(made, made.id, 1, [{ kind: "answered", version: NEW, verifyMs: 60_000 }]);
  expect(await after()).toEqual([[macOf(1), token, false]]);
  move(made, made.id, 1, [{ kind: "checksPassed" }, { kind: "soakPassed" }]);
  expect(await after()).toEqual([[macOf(1), token, false]]);
});

test("standing: a phone whose update failed, was lost or was not needed is the customer's server's again", async () => {
  const made = bench();
  move(made, made.id, 1, toLost("token-01"));
  move(made, made.id, 2, [{ kind: "imageStaged" }, { kind: "foundCurrent" }]);
  for (const number of [1, 2, 3]) made.runs(number, NEW);
  await made.open().tellAll();
  expect(made.told1()).toEqual([]);
});

test("standing: what is noted together is told together, and what ended by its MAC", async () => {
  const made = bench();
  move(made, made.id, 1, toSucceeded("token-01"));
  made.runs(1, NEW);
  const standing = made.open();
  for (const number of [1, 2, 3]) standing.note(deviceId(number));
  await standing.settled();
  expect(made.stood).toMatchObject([{ images: [{ mac: macOf(1) }], ended: [macOf(2), macOf(3)], whole: false }]);
});

test("standing: a depot thread that ends is told again when it starts; an image it has no more is said", async () => {
  const gone = bench(() => {
    throw new ThreadGone("ended");
  });
  await gone.open().tellAll();
  const missing = bench(() => ({ missing: ["ab".repeat(32) as never] }));
  await missing.open().tellAll();
  expect(missing.warned).toHaveLength(1);
});

test("standing: an order that could not be told is logged, and keeps the next one and the end of an offer waiting for nothing", async () => {
  let broken = true;
  const made = bench(() => {
    if (broken) throw new Error("the depot met a bug");
    return { missing: [] };
  });
  move(made, made.id, 1, toSucceeded("token-01"));
  made.runs(1, NEW);
  const standing = made.open();
  standing.note(deviceId(1));
  await standing.settled();
  expect(made.erred).toHaveLength(1);
  broken = false;
  standing.note(deviceId(1));
  await standing.settled();
  expect(made.told1()).toEqual([[macOf(1), token, false]]);
});

/** A task of two legs in a state, as the rows and the plan tell it. */
function chained(state: TaskState) {
  const made = kit();
  const { id, plan } = planned(made);
  const [task] = plan.tasks;
  if (task === undefined) throw new Error("no task");
  const [last] = task.legs;
  const legs = [{ ...last, to: STONE, image: "cd".repeat(32) as Sha256 }, last] as const;
  const row = { ...taskRow(made, id, 1), state, attempts: 2, sinceMs: T0 };
  const at = (running: string | undefined) => {
    const found = standingLeg([row], running, () => ({ ...task, legs }));
    return found === undefined ? undefined : [found.leg, found.held];
  };
  return at;
}
const STONE = "5.9.8.5760" as Version;
const second = { number: 2, token: "token-02", leg: 1 };

test("standing: between two legs, and after the second failed, a phone stays on the stone it runs", () => {
  const between: TaskState[] = [
    { at: "staged", tries: 1, leg: 1 },
    { at: "commanded", attempt: second, accepted: true, commandedAtMs: 0, deadlineMs: 1 },
    { at: "failed", cause: "neverReacted", fault: { kind: "stalled", waitedFor: "it" }, seenHealthy: true, leg: 1 },
    { at: "skipped", why: "no", by: "j", leg: 1 },
  ];
  for (const state of between) expect([chained(state)(STONE), chained(state)(NEW)]).toEqual([[0, false], undefined]);
});

test("standing: a phone that flashes its second leg is held to that leg's name; on its answer it stands on what it runs", () => {
  expect(chained({ at: "rebooting", attempt: second, deadlineMs: 1 })(STONE)).toEqual([1, true]);
  const verifying = chained({ at: "verifying", attempt: second, deadlineMs: 1 });
  expect([verifying(NEW), verifying(STONE), verifying(undefined)]).toEqual([[1, false], [0, false], undefined]);
  expect(chained({ at: "verifying", attempt: { ...second, leg: 0 }, deadlineMs: 1 })(NEW)).toBeUndefined();
  expect(chained({ at: "succeeded", how: "updated" })(NEW)).toEqual([1, false]);
});
