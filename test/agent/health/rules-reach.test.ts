import { expect, test } from "vitest";
import { REACH_RULES } from "../../../agent/health/rules-reach.ts";
import { DAY, SECOND } from "../../../protocols/core/time.ts";
import { edges, every, faulted, gone, reads, rule, type Shown, story, told, well } from "./rule-kit.ts";

const impostor = (via: "ssh" | "https", wanted: string): Shown => faulted({ kind: "impostor", via, wanted, found: "b" });
const another = (what: string): string =>
  `shows another ${what} than before: nothing is told it. If the device was reset or replaced: groundswell device trust`;
const seconds = (days: number): number => (days * DAY) / SECOND;

const STORIES: Readonly<Record<string, readonly [bad: Shown, good: Shown, words: string]>> = {
  deviceOffline: [gone, well, "does not answer"],
  anotherDevice: [{ ...impostor("ssh", "a"), availability: "offline" }, well, another("host key")],
  credentialRefused: [faulted({ kind: "denied", via: "https", credentialId: "site" }), well, "our credential is refused by https"],
  interfaceOff: [faulted({ kind: "off", via: "https" }), well, "https is switched off, so health cannot be read"],
  lockedOut: [faulted({ kind: "lockedOut", via: "https", retryAfterMs: 1 }), well, "locks out log-ins by https"],
  answersGarbled: [faulted({ kind: "garbled", via: "snmp", wanted: "x" }), well, "answers by snmp in a form that is not known"],
  alwaysBusy: [faulted({ kind: "busy", via: "https" }), well, "says for an hour that it is busy with another request by https"],
  certificateEnds: [
    reads({ certificateNotAfterSeconds: seconds(29) + 5 }),
    reads({ certificateNotAfterSeconds: seconds(31) }),
    "certificate ends in 29 days",
  ],
};

test.each(Object.entries(STORIES))(
  "%s: opens after its bad time in these words, and closes after its good time",
  (id, [bad, good, words]) => {
    expect(story(id, bad, good)).toEqual(told(id, words));
  },
);

test("REACH_RULES: each has its story here; coming and going has its own test", () => {
  expect(REACH_RULES.map(({ id }) => id).sort()).toEqual([...Object.keys(STORIES), "flapping"].sort());
});

test.each(Object.keys(STORIES).filter((id) => id !== "deviceOffline"))("%s: neither begins nor ends by silence", (id) => {
  const [bad] = STORIES[id] as readonly [Shown, Shown, string];
  const one = rule(id);
  const open = edges([one], every(100, bad));
  expect(open).toHaveLength(1);
  expect(edges([one], [...every(100, bad), ...every(100, gone, { from: 100 })])).toEqual(open);
  expect(edges([one], every(100, gone))).toEqual([]);
});

test("anotherDevice: another MAC is another device at its old address, and no alarm; another certificate is one", () => {
  expect(edges([rule("anotherDevice")], every(5, impostor("https", "64:16:7f:00:00:01")))).toEqual([]);
  expect(edges([rule("anotherDevice")], every(5, impostor("https", "sha256:aa")))).toEqual([
    `open anotherDevice 0: ${another("certificate")}`,
  ]);
});

test("certificateEnds: a certificate that is over or has no end is not about to end", () => {
  const left = (days: number): string[] => edges([rule("certificateEnds")], every(3, reads({ certificateNotAfterSeconds: seconds(days) })));
  expect([left(0), left(-5), left(30)]).toEqual([[], [], []]);
  expect(left(1)).toEqual(["open certificateEnds 0: certificate ends in 1 day"]);
});
