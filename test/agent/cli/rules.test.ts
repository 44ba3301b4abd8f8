import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RULES } from "../../../agent/health/rules.ts";
import { viewRule } from "../../../agent/health/rules-view.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { agent, done, NOW } from "./agent.ts";
import { folder, run } from "./kit.ts";

const LIST = { schema: "groundswell.rules/1", rules: RULES.map((rule) => ({ ...viewRule(rule), origin: "starting", open: 2 })), off: [] };
const EXAMPLE = join(import.meta.dirname, "../../../fixtures/configs/rules.yaml");

function file(text: string): string {
  const path = join(folder(), "rules.yaml");
  writeFileSync(path, text);
  return path;
}

test("rules list: every rule in force; of a family only its own; a family without any is exit 3", async () => {
  const site = await agent({ "rules.list": done(LIST) });
  const all = await site.run(["rules", "list", "--plain"]);
  expect([all.code, all.out.trimEnd().split("\n").length]).toEqual([0, RULES.length]);
  const switches = await site.run(["rules", "list", "--family", "switch"]);
  expect(switches.out).toContain("poePortsLost");
  expect(switches.out).not.toContain("registrationLost");
  const none = await site.run(["rules", "list", "--family", "switch", "--json"]);
  expect(none.json()["schema"]).toBe("groundswell.rules/1");
});

test("rules show: condition, time, words, reason; a name that is near is suggested", async () => {
  const site = await agent({ "rules.list": done(LIST) });
  const shown = await site.run(["rules", "show", "losshigh"]);
  expect(shown.code).toBe(0);
  for (const part of [
    "lossHigh: warning, network",
    "packetLossRatio above 2 %, clear at 1 %",
    "opens after 5 min, ends after 10 min",
    "the starting set",
  ])
    expect(shown.out).toContain(part);
  expect((await site.run(["rules", "show", "lossHigh", "--json"])).json()).toMatchObject({
    schema: "groundswell.rule/1",
    rule: "lossHigh",
  });
  const wrong = await site.run(["rules", "show", "lossHihg"]);
  expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining('Did you mean "lossHigh"?')]);
});

test("rules check: the example is right, and says what it does", async () => {
  const ran = await run(["rules", "check", EXAMPLE], { clock: manualClock(NOW) });
  expect([ran.code, ran.out]).toEqual([0, `OK    ${EXAMPLE}\n3 added, 2 changed, 1 switched off: ${RULES.length + 2} rules in force\n`]);
});

test("rules check: all that is wrong in one pass, with its line; exit 78", async () => {
  const path = file(
    "add:\n  - id: hot room\n    when: { kind: reading, reading: mos }\nchange:\n  toHot: { off: true }\n  cpuBusy: { times: 3 }\n",
  );
  const ran = await run(["rules", "check", path], { clock: manualClock(NOW) });
  expect(ran.code).toBe(78);
  for (const part of [`${path}:2  add[0].id`, `${path}:5  change.toHot`, `${path}:6  change.cpuBusy.times`, "add[0].severity: is missing"])
    expect(ran.out).toContain(part);
  expect((await run(["rules", "check", path, "--json"], { clock: manualClock(NOW) })).json()).toMatchObject({
    schema: "groundswell.rules-check/1",
    ok: false,
  });
  expect((await run(["rules", "check", "/nowhere.yaml"], { clock: manualClock(NOW) })).code).toBe(78);
});

const PAGE = {
  from: "2026-11-15T12:00:00.000Z",
  to: "2026-11-22T12:00:00.000Z",
  toMs: NOW,
  devices: 100,
  total: 150,
  rules: [
    { rule: "tooHot", when: "x", tried: true, judged: 100, fired: 1, on: 1 },
    { rule: "interfaceOff", when: "y", tried: false, judged: 100, fired: 0, on: 0 },
  ],
  firings: [
    {
      rule: "tooHot",
      device: "d-1",
      name: "Board room",
      from: "2026-11-22T08:00:00Z",
      until: "2026-11-22T09:00:00Z",
      words: "86 °C inside",
    },
  ],
  left: 0,
};

test("rules try: asks page after page, and says what would have fired where, from when until when", async () => {
  const pages = [
    { ...PAGE, next: "d-1" },
    { ...PAGE, devices: 50, firings: [], rules: PAGE.rules.map((one) => ({ ...one, judged: 50, fired: 0, on: 0 })) },
  ];
  const site = await agent({ "rules.try": pages.map((page) => done(page)) });
  const ran = await site.run(["rules", "try", EXAMPLE, "--last", "7d"]);
  expect(ran.code).toBe(0);
  for (const part of [
    "Tried on 150 devices",
    "tooHot: would have fired 1 time on 1 device",
    "Board room",
    "86 °C inside",
    "interfaceOff: cannot be tried",
  ])
    expect(ran.out).toContain(part);
  expect(site.asked.filter(({ name }) => name === "rules.try").map(({ args }) => args)).toMatchObject([
    { last: "604800000ms" },
    { after: "d-1", toMs: NOW },
  ]);
});

test("rules try: one document for a script; wrong rules are not tried", async () => {
  const site = await agent({ "rules.try": done(PAGE) });
  expect((await site.run(["rules", "try", EXAMPLE, "--json"])).json()).toMatchObject({ schema: "groundswell.rules-try/1", devices: 100 });
  const wrong = await site.run(["rules", "try", file("change: { toHot: { off: true } }\n")]);
  expect([wrong.code, wrong.err]).toEqual([78, expect.stringContaining("toHot")]);
});
