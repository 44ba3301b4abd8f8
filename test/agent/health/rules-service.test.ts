import { expect, test } from "vitest";
import { SERVICE_RULES } from "../../../agent/health/rules-service.ts";
import { edges, every, faulted, gone, reads, rule, type Shown, story, told } from "./rule-kit.ts";

const STORIES: Readonly<Record<string, readonly [bad: Shown, good: Shown, words: string]>> = {
  registrationLost: [reads({ registeredLines: 1 }), reads({ registeredLines: 2 }), "1 of 2 lines registered"],
  linesUntold: [reads({ inCall: 0 }), reads({ registeredLines: 2 }), "answers, and no longer tells its lines"],
  provisioningFailed: [reads({ provisioningFailed: 1 }), reads({ provisioningFailed: 0 }), "says that its provisioning fails"],
  provisioningOverdue: [
    reads({ sinceProvisionedSeconds: 2 * 86_400 + 60 }),
    reads({ sinceProvisionedSeconds: 60 }),
    "has not asked for its settings for 2 d",
  ],
  callWithoutEnd: [reads({ inCall: 1 }), reads({ inCall: 0 }), "in a call for 12 hours without a pause"],
  jitterHigh: [reads({ jitterSeconds: 0.062 }), reads({ jitterSeconds: 0.03 }), "jitter of 62 ms in its calls (more than 50 ms)"],
  lossHigh: [reads({ packetLossRatio: 0.031 }), reads({ packetLossRatio: 0 }), "loses 3.1 % of the packets in its calls (more than 2 %)"],
  voiceQualityPoor: [reads({ mos: 3.21 }), reads({ mos: 4.2 }), "voice quality 3.21 (MOS, less than 3.6)"],
  cpuBusy: [reads({ cpuRatio: 0.97 }), reads({ cpuRatio: 0.2 }), "processor at 97 % for half an hour"],
  memoryShort: [reads({ memoryRatio: 0.96 }), reads({ memoryRatio: 0.8 }), "96 % of its memory in use"],
  partMissing: [reads({ peripheralsMissing: 1 }), reads({ peripheralsMissing: 0 }), "1 of its parts missing"],
  componentFailed: [reads({ componentsFailed: 2 }), reads({ componentsFailed: 0 }), "2 components report a failure"],
  tooHot: [reads({ temperatureCelsius: 80 }), reads({ temperatureCelsius: 79.9 }), "80 °C inside"],
  rebootNeeded: [reads({ rebootNeeded: 1 }), reads({ rebootNeeded: 0 }), "waits for a restart since a day, to take what was set"],
};

test.each(Object.entries(STORIES))(
  "%s: opens after its bad time in these words, and closes after its good time",
  (id, [bad, good, words]) => {
    expect(story(id, bad, good)).toEqual(told(id, words));
  },
);

test("SERVICE_RULES: each has its story here", () => {
  expect(SERVICE_RULES.map(({ id }) => id).sort()).toEqual(Object.keys(STORIES).sort());
});

test.each(Object.keys(STORIES))("%s: neither begins nor ends by silence, and is not known where the device does not tell", (id) => {
  const [bad, good] = STORIES[id] as readonly [Shown, Shown, string];
  const one = rule(id);
  const long = 800; // longer than any bad time but the day of rebootNeeded
  const step = { stepMinutes: 5 };
  const until = [...every(2, good, { from: -2 }), ...every(long, bad, step)];
  const open = edges([one], until);
  expect(open).toHaveLength(1);
  expect(edges([one], [...until, ...every(long, gone, { from: long * 5, ...step })])).toEqual(open);
  if (id !== "linesUntold") expect(edges([one], every(long, reads({}), step))).toEqual([]);
});

test.each(Object.keys(STORIES).filter((id) => rule(id).badFor > 0))("%s: a short blink never opens it", (id) => {
  const [bad, good] = STORIES[id] as readonly [Shown, Shown, string];
  const blinking = Array.from({ length: 400 }, (_, i): [number, Shown] => [i, i % 2 === 0 ? good : bad]);
  expect(edges([rule(id)], blinking)).toEqual([]);
});

test("registrationLost: lines that were never registered are not lost; more lines are the new usual", () => {
  const one = rule("registrationLost");
  expect(edges([one], every(20, reads({ registeredLines: 0 })))).toEqual([]);
  const more = [...every(1, reads({ registeredLines: 1 })), ...every(1, reads({ registeredLines: 3 }), { from: 1 })];
  expect(edges([one], [...more, ...every(9, reads({ registeredLines: 2 }), { from: 2 })])).toEqual([
    "open registrationLost 5: 2 of 3 lines registered",
  ]);
});

test("linesUntold: a phone that never told lines tells nothing new, and one that refuses us says why itself", () => {
  expect(edges([rule("linesUntold")], every(200, reads({ inCall: 0 })))).toEqual([]);
  const refused = [...every(3, reads({ registeredLines: 1 })), ...every(200, faulted({ kind: "off", via: "https" }), { from: 3 })];
  expect(edges([rule("linesUntold")], refused)).toEqual([]);
});

test.each([
  ["jitterHigh", "jitterSeconds", 0.06, 0.04],
  ["lossHigh", "packetLossRatio", 0.03, 0.015],
  ["cpuBusy", "cpuRatio", 0.95, 0.8],
  ["memoryShort", "memoryRatio", 0.97, 0.93],
  ["voiceQualityPoor", "mos", 3.5, 3.7],
] as const)("%s: between limit and clearing nothing begins and nothing ends", (id, name, bad, between) => {
  const one = rule(id);
  expect(edges([one], every(120, reads({ [name]: between })))).toEqual([]);
  const opened = edges([one], [...every(60, reads({ [name]: bad })), ...every(120, reads({ [name]: between }), { from: 60 })]);
  expect(opened).toHaveLength(1);
});
