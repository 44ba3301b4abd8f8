import { beforeAll, expect, test } from "vitest";
import type { CommandAnswer, VerbOutcome } from "../../../agent/commands/answer.ts";
import type { Subject } from "../../../agent/commands/authorise.ts";
import type { Roster } from "../../../agent/commands/roster.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import { storeIn, temporaryFolder } from "../../store/temporary.ts";
import { bench, freshId, type Keys, makeKeys, NOW, rosterOf, tokenOf } from "./kit.ts";

let keys: Keys;
let roster: Roster;
beforeAll(async () => {
  keys = await makeKeys();
  roster = await rosterOf(keys);
});
const plan = { campaign: "c-test", planHash: "ab".repeat(32) };
const local: Subject = { person: "local", name: "Local", role: "admin", kid: "session:local" };
const stop = () => tokenOf(keys.technician, "campaign.halt", { campaign: "*", reason: "smoke" });

test("handle(): accepted first, then done, with the result; both audited with person and key", async () => {
  const made = bench(roster);
  made.set.outcome = async () => ({ ok: true, message: "sent", result: { documents: 3 } });
  const answer = await made.give(await tokenOf(keys.technician, "sync"));
  expect(answer).toMatchObject({ status: "done", message: "sent", result: { documents: 3 } });
  expect(made.sent.map(({ status }) => status)).toEqual(["accepted", "done"]);
  expect(made.audit.map(({ actor, action }) => [actor, action])).toEqual([
    [`tom/${keys.technician.kid}`, "sync"],
    [`tom/${keys.technician.kid}`, "sync:done"],
  ]);
});

test("handle(): the intent is on record before the verb runs", async () => {
  const made = bench(roster);
  const jti = freshId();
  let before: unknown;
  made.set.outcome = async () => {
    before = made.rows.get(jti)?.status;
    return { ok: true };
  };
  await made.give(await tokenOf(keys.technician, "sync", {}, { jti }));
  expect(before).toBe("accepted");
});

test("handle(): a repeated id gets the stored answer and has no second effect", async () => {
  const made = bench(roster);
  made.set.outcome = async () => ({ ok: false, code: "wrongState", message: "not now" });
  const token = await stop();
  const first = await made.give(token);
  made.set.outcome = async () => ({ ok: true });
  expect(await made.give(token)).toEqual(first);
  expect(made.ran).toHaveLength(1);
  expect(made.sent.at(-1)).toEqual(first);
});

test("handle(): a repetition while the first still runs is told so, and runs nothing", async () => {
  const made = bench(roster);
  const { promise, resolve } = Promise.withResolvers<VerbOutcome>();
  made.set.outcome = () => promise;
  const token = await stop();
  const first = made.give(token);
  // The second is checked after the first is on record, whatever the time between them.
  expect(await made.give(token)).toMatchObject({ status: "accepted" });
  resolve({ ok: true });
  expect(await first).toMatchObject({ status: "done" });
  expect(made.ran).toHaveLength(1);
});

test("handle(): two of the same id at the same moment run once", async () => {
  const made = bench(roster);
  const token = await stop();
  await Promise.all([made.give(token), made.give(token), made.give(token)]);
  expect(made.ran).toHaveLength(1);
});

test("handle(): a used id for another command, or by another person, is refused", async () => {
  const made = bench(roster);
  const jti = freshId();
  await made.give(await tokenOf(keys.technician, "sync", {}, { jti }));
  expect(await made.give(await tokenOf(keys.technician, "campaign.halt", { campaign: "*" }, { jti }))).toMatchObject({ code: "idReused" });
  expect(await made.give(await tokenOf(keys.approver, "sync", {}, { jti }))).toMatchObject({ code: "idReused" });
  expect(made.ran).toHaveLength(1);
});

test("handle(): an id is remembered over a restart, in the database", async () => {
  const folder = temporaryFolder();
  const first = storeIn(folder);
  const token = await stop();
  const one = bench(roster, { store: first });
  const answer = await one.give(token);
  first.close();
  const two = bench(roster, { store: storeIn(folder) });
  expect(await two.give(token)).toEqual(answer);
  expect(two.ran).toEqual([]);
});

test("handle(): a command cut off by a stop is interrupted at the next start and never run again", async () => {
  const store = storeIn(temporaryFolder());
  const one = bench(roster, { store });
  const begun = Promise.withResolvers<void>();
  one.set.outcome = () => {
    begun.resolve();
    return new Promise(() => {});
  };
  const token = await stop();
  void one.give(token);
  await begun.promise;
  const two = bench(roster, { store });
  two.handler.settleInterrupted();
  expect(await two.give(token)).toMatchObject({ status: "failed", code: "interrupted" });
  expect(two.ran).toEqual([]);
  expect(store.commands.unfinished()).toEqual([]);
});

test("handle(): the author cannot approve the own plan; another can, and only then it starts", async () => {
  const made = bench(roster);
  const author = { person: "anna", kid: keys.approver.kid };
  made.set.circumstances = { deviceCount: 40, firstWaveOfRelease: true, author, approvals: [] };
  expect(await made.give(await tokenOf(keys.approver, "campaign.approve", plan))).toMatchObject({ code: "needsSecondPerson" });
  expect(await made.give(await tokenOf(keys.technician, "campaign.start", plan))).toMatchObject({ code: "needsSecondPerson" });
  made.set.circumstances = { ...made.set.circumstances, approvals: [{ person: "eve", kid: "key-eve" }] };
  expect(await made.give(await tokenOf(keys.technician, "campaign.start", plan))).toMatchObject({ status: "done" });
  expect(made.ran.map(({ verb }) => verb)).toEqual(["campaign.start"]);
});

test("handle(): a refused command may be given again under its id once what was missing is there", async () => {
  const made = bench(roster);
  const token = await tokenOf(keys.technician, "campaign.start", plan);
  made.set.circumstances = { deviceCount: 40, firstWaveOfRelease: true, author: { person: "doe", kid: "key-doe" }, approvals: [] };
  expect(await made.give(token)).toMatchObject({ status: "rejected" });
  made.set.circumstances = { ...made.set.circumstances, approvals: [{ person: "anna", kid: "key-anna" }] };
  expect(await made.give(token)).toMatchObject({ status: "done" });
});

test("handle(): a clock that proves nothing stops acts, not brakes and looks", async () => {
  const made = bench(roster);
  for (const trouble of [{ synchronised: false }, { highestSeenMs: NOW + 2 * MINUTE }]) {
    Object.assign(made.set, { synchronised: true, highestSeenMs: NOW }, trouble);
    expect(await made.give(await tokenOf(keys.technician, "firmware.sync"))).toMatchObject({ code: "clockUntrusted" });
    expect(await made.give(await stop())).toMatchObject({ status: "done" });
    expect(await made.give(await tokenOf(keys.viewer, "agent.status"))).toMatchObject({ status: "done" });
  }
});

test("handle(): a full disk stops every act before it begins, and no brake", async () => {
  const made = bench(roster);
  made.set.diskFull = true;
  expect(await made.give(await tokenOf(keys.technician, "firmware.sync"))).toMatchObject({ code: "storeTrouble", retryAfter: 60 });
  expect(made.ran).toEqual([]);
  expect(await made.give(await stop())).toMatchObject({ status: "done" });
  expect(made.ran.map(({ verb }) => verb)).toEqual(["campaign.halt"]);
});

test("handle(): a bug in a verb is an answer without its text, and nothing hangs", async () => {
  const made = bench(roster);
  made.set.outcome = async () => {
    throw new Error("password is hunter2");
  };
  const answer = await made.give(await tokenOf(keys.technician, "sync"));
  expect(answer).toMatchObject({ status: "failed", code: "internal" });
  expect(JSON.stringify([answer, made.audit])).not.toContain("hunter2");
});

test("handle(): the site's policy is asked for what is no brake", async () => {
  const made = bench(roster, { policy: () => ({ code: "policy", message: "moratorium" }) });
  expect(await made.give(await tokenOf(keys.technician, "sync"))).toMatchObject({ code: "policy" });
  expect(await made.give(await stop())).toMatchObject({ status: "done" });
});

test("handle(): 32 run at once, even when they come in one moment; a brake always finds room", async () => {
  const made = bench(roster);
  const { promise, resolve } = Promise.withResolvers<VerbOutcome>();
  made.set.outcome = (verb) => (verb === "campaign.halt" ? Promise.resolve({ ok: true }) : promise);
  const give = (name: string, args: object) =>
    made.handler.handle({ kind: "session", id: freshId(), subject: local, name, args }, "socket");
  const all = Array.from({ length: 40 }, () => give("sync", {}));
  expect(await give("campaign.halt", { campaign: "*" })).toMatchObject({ status: "done" });
  expect(made.ran.filter(({ verb }) => verb === "sync")).toHaveLength(32);
  resolve({ ok: true });
  const busy = (await Promise.all(all)).filter((answer) => answer?.code === "busy");
  expect(busy).toHaveLength(8);
  expect(busy[0]).toMatchObject({ status: "rejected", retryAfter: 5 });
});

test("handle(): a pause given before a resume is recorded before it", async () => {
  const made = bench(roster);
  const tokens = [
    await tokenOf(keys.technician, "campaign.pause", { campaign: "c-test" }),
    await tokenOf(keys.technician, "campaign.resume", { campaign: "c-test" }),
  ];
  await Promise.all(tokens.map((token) => made.give(token)));
  expect(made.ran.map(({ verb }) => verb)).toEqual(["campaign.pause", "campaign.resume"]);
});

test("handle(): a flood of forgeries is one audit row, one answer, and a sum", async () => {
  const told: number[] = [];
  const made = bench(roster, { onRefused: ({ count }) => void told.push(count) });
  const answers: (CommandAnswer | undefined)[] = [];
  for (let i = 0; i < 50; i++) answers.push(await made.give("not a token"));
  expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  expect(made.audit).toHaveLength(1);
  await made.clock.advance(10_000);
  made.handler.settleFloods();
  made.handler.settleFloods();
  expect(made.audit.map(({ detail }) => (detail as { count: number }).count)).toEqual([1, 49]);
  expect(told).toEqual([1, 49]);
});

test.each(["notAllowed", "rosterExpired", "wrongSite", "revokedKey"])(
  "handle(): a flood that only names somebody's key (%s) proves nobody and is not answered",
  async (code) => {
    const made = bench(code === "wrongSite" ? { ...roster, sites: ["zug-02"] } : roster);
    if (code === "rosterExpired") await made.clock.advance(61 * DAY);
    const key = code === "revokedKey" ? keys.revoked : keys.viewer;
    const answers: (CommandAnswer | undefined)[] = [];
    for (let i = 0; i < 5; i++) answers.push(await made.give(await tokenOf(key, "campaign.start", plan)));
    expect(answers[0]).toMatchObject({ code });
    expect(answers.slice(1)).toEqual([undefined, undefined, undefined, undefined]);
  },
);

test("handle(): a proven person is answered every time, however often refused", async () => {
  const made = bench(roster);
  for (let i = 0; i < 5; i++) expect(await made.give(await tokenOf(keys.technician, "no.such"))).toMatchObject({ code: "unknownCommand" });
  expect(made.audit).toHaveLength(1);
});

test("close(): tells running commands to end, waits for them, and leaves the cut off ones unfinished", async () => {
  const made = bench(roster);
  const begun = Promise.withResolvers<void>();
  const work = Promise.withResolvers<VerbOutcome>();
  made.set.outcome = () => {
    begun.resolve();
    return work.promise;
  };
  const given = made.give(await tokenOf(keys.technician, "sync"));
  await begun.promise;
  const closing = made.handler.close();
  work.reject(new Error("cut off"));
  await closing;
  expect(await given).toMatchObject({ code: "interrupted" });
  expect([...made.rows.values()].map(({ status }) => status)).toEqual(["accepted"]);
});

test("handle(): brakes that still run take no room from others", async () => {
  const made = bench(roster);
  const { promise, resolve } = Promise.withResolvers<VerbOutcome>();
  made.set.outcome = (verb) => (verb === "campaign.halt" ? promise : Promise.resolve({ ok: true }));
  const give = (name: string, args: object) =>
    made.handler.handle({ kind: "session", id: freshId(), subject: local, name, args }, "socket");
  const brakes = Array.from({ length: 40 }, () => give("campaign.halt", { campaign: "*" }));
  expect(await give("sync", {})).toMatchObject({ status: "done" });
  resolve({ ok: true });
  await Promise.all(brakes);
});

test("handle(): without a roster nobody is obeyed, not even with a brake", async () => {
  const made = bench(undefined);
  expect(await made.give(await stop())).toMatchObject({ code: "noRoster" });
});
