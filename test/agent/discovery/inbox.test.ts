import fc from "fast-check";
import { expect, test } from "vitest";
import { decideBy, type InboxRule, judgeNew, putInto, returned, standingOf, type Verdict } from "../../../agent/discovery/inbox.ts";
import { parseCidr } from "../../../protocols/core/networks.ts";
import { device, T0 } from "../../store/temporary.ts";

const subnet = parseCidr("10.20.0.0/24");
const rules: readonly InboxRule[] = [
  { subnet, verdict: "ignore" },
  { family: "soundpoint", verdict: "ask" },
  { oui: "64167f", verdict: "adopt" },
];
const row = (more: object) => ({ address: "10.20.1.9", family: "uc-phone", mac: "64167f000001", ...more }) as never;

test("judgeNew(): the first rule that matches decides, and says which it was", () => {
  expect(judgeNew(row({ address: "10.20.0.9" }), rules, "all")).toEqual({
    verdict: "ignore",
    rule: 1,
    why: "rule 1 (in 10.20.0.0/24) says ignore",
  });
  expect(judgeNew(row({ family: "soundpoint" }), rules, "all").rule).toBe(2);
  expect(judgeNew(row({}), rules, "ask")).toMatchObject({ verdict: "adopt", rule: 3 });
  expect(judgeNew(row({ mac: "0004f2000001" }), rules, "ask")).toEqual({ verdict: "ask", why: "adopt: ask" });
  expect(judgeNew(row({ mac: "0004f2000001" }), [], "all").verdict).toBe("adopt");
});

test("judgeNew(): while a rule before it cannot be judged, nobody is adopted or ignored", () => {
  expect(judgeNew(row({ family: undefined }), rules, "all")).toEqual({
    verdict: "ask",
    why: "waits for what rule 2 asks (family soundpoint): not known yet",
  });
  expect(judgeNew(row({ address: undefined, family: undefined }), rules.slice(1, 2), "all").verdict).toBe("ask");
});

test("judgeNew(): all that a rule names must match", () => {
  const both: InboxRule = { subnet, oui: "64167f", verdict: "ignore" };
  expect(judgeNew(row({ address: "10.20.0.9" }), [both], "all").verdict).toBe("ignore");
  expect(judgeNew(row({ address: undefined, mac: "0004f2000001" }), [both], "all").verdict).toBe("adopt");
});

const verdicts = fc.constantFrom<Verdict>("adopt", "ask", "ignore");

test("decideBy(): a rule overrules no person and takes nobody out of our care, whatever it says and however often", () => {
  fc.assert(
    fc.property(fc.array(verdicts, { minLength: 1 }), fc.option(verdicts, { nil: undefined }), (told, person) => {
      let at = device(1, { adopted: false });
      let wasAdopted = false;
      told.forEach((verdict, step) => {
        at = decideBy(verdict, at, T0 + step);
        wasAdopted ||= at.adopted;
        expect(at.adopted).toBe(wasAdopted);
        expect(at.adopted && at.ignoredAtMs !== undefined).toBe(false);
      });
      if (person === undefined || person === "ask") return;
      const decided = putInto(person, at, { atMs: T0, by: "person" });
      for (const verdict of told) expect(decideBy(verdict, decided, T0 + 99)).toEqual(decided);
    }),
  );
});

test("putInto(): ignored keeps its first moment, waiting forgets who decided", () => {
  const ignored = putInto("ignore", device(1), { atMs: T0, by: "policy" });
  expect(ignored).toMatchObject({ adopted: false, ignoredAtMs: T0, decidedBy: "policy" });
  expect(putInto("ignore", ignored, { atMs: T0 + 5, by: "person" })).toMatchObject({ ignoredAtMs: T0, decidedBy: "person" });
  const waiting = putInto("ask", ignored, { atMs: T0, by: "policy" });
  expect([waiting.adopted, waiting.ignoredAtMs, waiting.decidedBy, standingOf(waiting)]).toEqual([false, undefined, undefined, "waiting"]);
});

test("returned(): heard of after it was retired it is back, before it is not", () => {
  const retired = device(1, { retiredAtMs: T0, lastSeenMs: T0 });
  expect([standingOf(retired), standingOf(returned(retired)), standingOf(returned({ ...retired, lastSeenMs: T0 + 1 }))]).toEqual([
    "retired",
    "retired",
    "adopted",
  ]);
});
