import { expect, test } from "vitest";
import { type CauseInput, causeOf } from "../../../agent/config-watch/cause.ts";
import type { KeyChange } from "../../../agent/config-watch/compare.ts";
import type { Layer } from "../../../protocols/families/settings.ts";
import type { Touched } from "../../../store/config-reads.ts";
import { CAMPAIGN, taskOf } from "../../store/temporary.ts";

const lines = (values: Partial<Record<Layer, string>>) =>
  Object.entries(values).map(([layer, value]) => ({ key: "a.b", layer: layer as Layer, value }));
const change = (was: Partial<Record<Layer, string>>, is: Partial<Record<Layer, string>>): KeyChange => ({
  key: "a.b",
  was: lines(was),
  is: lines(is),
});
const cause = (changes: Partial<CauseInput>) =>
  causeOf({ source: "backup", changes: [], sinceMs: 100, nowMs: 200, touched: [], ...changes });
const touched = (fromMs: number, untilMs?: number): Touched => ({
  campaign: CAMPAIGN,
  task: taskOf(1),
  fromMs,
  ...(untilMs === undefined ? {} : { untilMs }),
});

test.each<[string, Touched, string]>([
  ["went on in between", touched(120, 150), "campaign"],
  ["began before and goes on", touched(50), "campaign"],
  ["ended as it was last seen", touched(50, 100), "campaign"],
  ["was over before", touched(50, 90), "unknown"],
  ["began later", touched(300), "unknown"],
])("causeOf(): a campaign that %s", (_when, one, kind) => expect(cause({ touched: [one] }).kind).toBe(kind));

test("causeOf(): a campaign is named with its task, and comes before the layer", () => {
  expect(cause({ source: "web-overrides", touched: [touched(120, 150)] })).toEqual({
    kind: "campaign",
    campaign: CAMPAIGN,
    task: taskOf(1),
  });
});

test.each<[string, Partial<CauseInput>, string]>([
  ["the file of the phone's menu", { source: "phone-overrides" }, "phone"],
  ["the file of its web page", { source: "web-overrides" }, "web"],
  ["only the layer of the web page", { changes: [change({ config: "1" }, { config: "1", web: "2" })] }, "web"],
  ["only the layer of the menu", { changes: [change({ local: "1" }, { local: "2" })] }, "phone"],
  ["the default gives way to the web page", { changes: [change({ default: "0" }, { web: "1" })] }, "web"],
  ["the server's file", { changes: [change({ config: "1" }, { config: "2" })] }, "unknown"],
  ["two hands", { changes: [change({}, { web: "1" }), change({}, { local: "1" })] }, "unknown"],
  ["no layers", { source: "export", changes: [{ key: "a.b", was: [], is: [{ key: "a.b", value: "1" }] }] }, "unknown"],
])("causeOf(): %s", (_what, input, kind) => expect(cause(input)).toEqual({ kind }));
