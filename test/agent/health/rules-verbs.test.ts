import { expect, test } from "vitest";
import { catalogue } from "../../../agent/commands/catalogue.ts";
import type { DryRunAsk, Firing } from "../../../agent/health/dry-run.ts";
import { combineRules } from "../../../agent/health/rule-file.ts";
import { siteRulesSchema } from "../../../agent/health/rules-schema.ts";
import { ruleVerbs } from "../../../agent/health/rules-verbs.ts";
import { DAY, HOUR } from "../../../protocols/core/time.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";

const never = new AbortController().signal;
const SUBJECT = { person: "doe", actor: "doe" } as never;

function kit(firings: readonly Firing[] = []) {
  const store = temporaryStore();
  for (let number = 1; number <= 5; number++) store.devices.save(device(number, { family: number === 5 ? "switch" : "uc-phone" }));
  store.devices.save(device(9, { adopted: false }));
  const asked: DryRunAsk[] = [];
  const history = {
    ask: async (_name: string, ask: never) => {
      asked.push(ask);
      return firings as never;
    },
  };
  const rules = combineRules(siteRulesSchema.parse({ change: { tooHot: { atLeast: 85 }, cpuBusy: { off: true } } }));
  const verbs = ruleVerbs({ store, rules, history, nowMs: () => T0 });
  const tryRules = (args: object) => verbs["rules.try"](catalogue["rules.try"].args.parse(args), SUBJECT, never);
  return { store, verbs, asked, tryRules };
}

test("rules.list: what is in force, where it comes from, how many are open", async () => {
  const { store, verbs } = kit();
  store.conditions.open({ deviceId: deviceId(1), kind: "tooHot", severity: "warning", causeClass: "hardware", sinceMs: T0, evidence: [] });
  const listed = await verbs["rules.list"]({}, SUBJECT, never);
  if (!listed.ok) throw new Error("refused");
  const { rules, off } = listed.result as { rules: readonly { rule: string; origin: string; open: number }[]; off: string[] };
  expect(off).toEqual(["cpuBusy"]);
  expect(rules.find(({ rule }) => rule === "tooHot")).toMatchObject({ origin: "changed", open: 1 });
  expect(rules.find(({ rule }) => rule === "lossHigh")).toMatchObject({ origin: "starting", open: 0 });
});

test("rules.try: what the file changes, on adopted devices, a page at a time", async () => {
  const firings = [{ device: deviceId(2), rule: "tooHot", fromMs: T0 - HOUR, untilMs: T0, words: "90 °C inside" }];
  const { asked, tryRules } = kit(firings);
  const tried = await tryRules({ rules: { change: { tooHot: { atLeast: 85 } } }, last: "2d", limit: 2 });
  expect(tried).toMatchObject({
    ok: true,
    result: {
      devices: 2,
      total: 5,
      next: deviceId(2),
      rules: [{ rule: "tooHot", tried: true, judged: 2, fired: 1, on: 1 }],
      firings: [{ rule: "tooHot", name: "Phone 2", words: "90 °C inside" }],
    },
  });
  expect(asked[0]).toMatchObject({ fromMs: T0 - 2 * DAY, toMs: T0, devices: [{ id: deviceId(1) }, { id: deviceId(2) }] });
  const last = await tryRules({ rules: { change: { tooHot: {} } }, after: deviceId(4), toMs: T0 - 5, limit: 2 });
  expect(last).toMatchObject({ ok: true, result: { devices: 1, toMs: T0 - 5 } });
  expect((last as { result: object }).result).not.toHaveProperty("next");
});

test("rules.try: one device, all rules, and what cannot be tried said so", async () => {
  const { asked, tryRules } = kit();
  const tried = await tryRules({ rules: {}, all: true, only: "Phone 3" });
  if (!tried.ok) throw new Error("refused");
  const { rules } = tried.result as { rules: readonly { rule: string; tried: boolean }[] };
  expect(rules.filter((one) => !one.tried).map(({ rule }) => rule)).toContain("credentialRefused");
  expect(asked[0]?.devices).toEqual([{ id: deviceId(3), family: "uc-phone" }]);
});

test("rules.try: rules that are wrong, a device that is not there, a file that says nothing", async () => {
  const { tryRules } = kit();
  expect(await tryRules({ rules: { change: { toHot: {} } } })).toMatchObject({
    ok: false,
    message: expect.stringContaining("change.toHot"),
  });
  expect(await tryRules({ rules: { change: { tooHot: {} } }, only: "nobody" })).toMatchObject({ ok: false, code: "notFound" });
  expect(await tryRules({ rules: {} })).toMatchObject({ ok: false, code: "nothingMatched" });
});
