/** The kill switch as people turn it, over real rows and the drive's own reservation. */
import { expect, test } from "vitest";
import { createKillSwitch } from "../../../agent/campaigns/kill-switch.ts";
import { killVerbs, stopsAll } from "../../../agent/campaigns/kill-verbs.ts";
import { startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { VerbOutcome } from "../../../agent/commands/answer.ts";
import { SILENT } from "../../../agent/log.ts";
import type { KillScope } from "../../../firmware/waves/kill.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, author, kit, move, planned, started, taskRow, toCommanded } from "./kit.ts";

const never = new AbortController().signal;
const SITE = { kind: "site" } as const;

function bench() {
  const made = kit();
  const { store, clock, told } = made;
  const depot = {
    ask: async (_name: string, input: unknown) => void told.push(`bar ${JSON.stringify((input as { scopes: unknown }).scopes)}`) as never,
  };
  const kills = createKillSwitch({ store, depot, field: { ping: async () => undefined }, patience: () => never, log: SILENT });
  const verbs = killVerbs({
    store,
    kills,
    clock,
    onTurned: (on, { scope }) => void told.push(`turned ${on ? "on" : "off"} ${scope.kind}`),
    offerAgain: async () => void told.push("offered again"),
    wake: () => void told.push("wake"),
  });
  const on = (scope: KillScope = SITE, reason = "smoke"): Promise<VerbOutcome> => verbs["kill.on"]({ scope, reason }, author, never);
  const off = (scope: KillScope = SITE): Promise<VerbOutcome> => verbs["kill.off"]({ scope, reason: "mended" }, approver, never);
  return { ...made, verbs, on, off };
}

test("kill.on: says whom it holds and whom it watches, is told and audited once, and says so when it is on already", async () => {
  const made = bench();
  const { id } = started(made);
  move(made, id, 1, toCommanded("token-01"));
  made.told.length = 0;
  expect(await made.on()).toMatchObject({
    ok: true,
    message: "the kill switch is on for the whole site; 2 waiting in one campaign; 1 under way is watched to the end",
    result: { by: "doe", held: 2, watched: 1, campaigns: [id], isNew: true },
  });
  await made.clock.advance(MINUTE);
  expect(await made.on(SITE, "again")).toMatchObject({
    ok: true,
    message: expect.stringContaining("already on for the whole site since 1 min, by doe: smoke"),
  });
  expect(made.told.filter((line) => line !== "wake")).toEqual(["turned on site", 'bar [{"kind":"site"}]', 'bar [{"kind":"site"}]']);
  expect(made.store.audit.list().filter(({ action }) => action === "kill.isOn")).toMatchObject([
    { actor: "doe/key-doe", detail: { reason: "smoke" } },
  ]);
});

test("kill.on: I9 wins over everything: no slot is taken in its scope, and nothing starts", async () => {
  const made = bench();
  const second = planned(made, { devices: [deviceId(3)] });
  const { id } = started(made);
  for (const number of [1, 2]) move(made, id, number, [{ kind: "imageStaged" }]);
  await made.on({ kind: "model", model: "vvx450" });
  expect(() => move(made, id, 1, [{ kind: "reserved", token: "token-01" }])).toThrow("the kill switch is on for vvx450");
  expect(taskRow(made, id, 1).state.at).toBe("staged");
  expect(startCampaign({ campaign: second.id, planHash: second.hash }, author, made.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining("kill switch"),
  });
});

test("kill.off: what was under way is offered again, and it says what is still on", async () => {
  const made = bench();
  const { id } = started(made);
  move(made, id, 1, [{ kind: "imageStaged" }]);
  await made.on();
  await made.on({ kind: "release", release: "ucs-9" });
  made.told.length = 0;
  expect(await made.off()).toMatchObject({
    ok: true,
    message: "the kill switch is off for the whole site; still on for release ucs-9 since 0 s, by doe: smoke",
  });
  expect(made.told).toEqual(["turned off site", 'bar [{"kind":"release","release":"ucs-9"}]', "offered again", "wake"]);
  expect(await made.off()).toMatchObject({ ok: true, message: expect.stringContaining("it is not on for the whole site") });
  expect(made.store.audit.list().filter(({ action }) => action === "kill.isOff")).toHaveLength(1);
  move(made, id, 1, [{ kind: "reserved", token: "token-01" }]);
});

test("kill.status: none, or all of them with whom they concern", async () => {
  const made = bench();
  expect(await made.verbs["kill.status"]({}, author, never)).toMatchObject({ result: { kills: [] } });
  await made.on({ kind: "model", model: "CCX 500" });
  expect(await made.verbs["kill.status"]({}, author, never)).toMatchObject({
    result: { kills: [{ scope: { model: "CCX 500" }, by: "doe", held: 0, watched: 0, campaigns: [] }] },
  });
});

test("stopsAll(): only where nobody of the plan is outside of one scope", () => {
  const made = bench();
  const { plan } = planned(made);
  const kill = (scope: KillScope) => ({ scope, by: "anna", reason: "", sinceMs: 0 });
  expect(stopsAll([kill({ kind: "model", model: "VVX 450" })], plan.tasks)).toBeDefined();
  expect(stopsAll([kill({ kind: "model", model: "CCX 500" })], plan.tasks)).toBeUndefined();
});
