import { expect, test } from "vitest";
import { RULES } from "../../../agent/health/rules.ts";
import { formWords, viewRule } from "../../../agent/health/rules-view.ts";
import { rule } from "./rule-kit.ts";

test.each([
  ["deviceOffline", "three asks in a row without an answer"],
  ["lossHigh", "packetLossRatio above 2 %, clear at 1 %"],
  ["certificateEnds", "certificateNotAfterSeconds above 0 days and below 30 days"],
  ["licencesShort", "licencesUsed of licencesTotal at least 95 %, clear at 90 %"],
  ["registrationLost", "registeredLines at least 1 below what is usual for it (the most ever)"],
  ["poePortsLost", "poePortsDelivering at least 3 and 25 % below what is usual for it (the most within 7 d)"],
  ["memoryCreeps", "memoryRatio steadily up by 3 % over 14 d, and 95 % within 30 d, since its last start"],
  ["partDropping", "peripheralsMissing above 0 ever more often, 1 h by 1 h over 1 d"],
  ["restartsOften", "uptimeSeconds falls 3 times within 1 d"],
  ["anotherDevice", "shows another host key or certificate"],
])("formWords(): %s", (id, words) => {
  expect(formWords(rule(id))).toBe(words);
});

test("viewRule(): every rule can be shown, and what it is made of is there", () => {
  for (const one of RULES) {
    const shown = viewRule(one);
    expect([shown.rule, shown.condition.length > 5, shown.when]).toEqual([one.id, true, one.when]);
  }
  expect(viewRule(rule("tooHot"))).toMatchObject({ families: ["all"], badForSeconds: 600, goodForSeconds: 600 });
});
