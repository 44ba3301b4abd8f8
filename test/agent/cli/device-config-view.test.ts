import { expect, test } from "vitest";
import type { DiffShown, RestoreShown } from "../../../agent/cli/device-config-results.ts";
import { causeText, countsText, diffText, restoreText } from "../../../agent/cli/device-config-view.ts";

const when = (iso: string | null | undefined): string => iso ?? "-";
const diff = (changes: DiffShown["changes"], more: Partial<DiffShown> = {}): DiffShown => ({
  source: "backup",
  what: "all its settings",
  a: { device: "d-1", name: "Reception", model: "VVX 450", since: "A", until: "B" },
  b: { device: "d-1", name: "Reception", model: "VVX 450", since: "C", until: "D" },
  counts: { added: 0, removed: 0, changed: changes.length },
  changes,
  incomparable: [],
  ...more,
});
const changed = (was: string, is: string, secret = false): DiffShown["changes"][number] => ({
  key: "a.b",
  kind: "changed",
  secret,
  was: [{ value: was }],
  is: [{ value: is }],
});

test("diffText(): no difference says so", () => {
  expect(diffText(diff([]), when, false)).toBe("Reception · all its settings\n  - since A\n  + since C\n  No difference.\n");
});

test("diffText(): a secret that changed is named, never shown", () => {
  expect(diffText(diff([changed("***", "***", true)]), when, false)).toContain("~ a.b: another secret\n");
});

test("diffText(): an empty value is called so, a long one stands on lines of its own with its words marked", () => {
  expect(diffText(diff([changed("", "1")]), when, false)).toContain("~ a.b: (empty) → 1\n");
  const long = "[2-9]11|0T|011xxx.T|[0-1][2-9]xxxxxxxxx|[2-9]xxxxxxxxx";
  const text = diffText(diff([changed(`${long} one`, `${long} two`)]), when, true);
  expect(text).toContain(`    - ${long} \u001b[31mone\u001b[0m\n    + ${long} \u001b[32mtwo\u001b[0m\n`);
  expect(diffText(diff([changed(`${long} one`, `${long} two`)]), when, false)).toContain(`    - ${long} one\n    + ${long} two\n`);
});

test("diffText(): two devices, and that they are of different models", () => {
  const other = { device: "d-2", name: "Kitchen", model: "VVX 250", since: "C", until: "D" };
  const text = diffText(diff([], { b: other }), when, false);
  expect(text).toContain("Reception and Kitchen");
  expect(text).toContain("They are of different models (VVX 450, VVX 250).");
});

test("diffText(): what cannot be compared, and what there was no room for", () => {
  const text = diffText(diff([changed("1", "2")], { incomparable: ["c.password"], left: 7 }), when, false);
  expect(text).toContain("the agent's key changed in between: c.password");
  expect(text).toContain("… 7 more");
});

test.each([
  ["first", undefined, "first seen"],
  ["campaign", "c-1", "campaign c-1"],
  ["phone", undefined, "at the phone"],
  ["web", undefined, "on its web page"],
  ["key", undefined, "the agent has another key"],
  ["unknown", undefined, "unknown"],
])("causeText(): %s", (cause, campaign, text) => expect(causeText(cause, campaign)).toBe(text));

test("countsText(): only what there is", () => {
  expect(countsText({ added: 2, removed: 0, changed: 1 })).toBe("+2 ~1");
  expect(countsText({ added: 0, removed: 0, changed: 0 })).toBe("");
});

test("restoreText(): what it holds, how it goes back, and that nothing was sent", () => {
  const shown: RestoreShown = {
    device: "d-1",
    name: "Reception",
    source: "phone-overrides",
    since: "A",
    until: "B",
    file: "64167f000001-phone.cfg",
    sizeBytes: 2_048,
    settings: 4,
    secrets: 2,
    apply: "Put it there.",
    parcel: { from: "", sealed: "" },
  };
  const text = restoreText(shown, "/tmp/x.cfg", when);
  for (const part of [
    "/tmp/x.cfg\n",
    "4 settings, 2 kB",
    "2 secrets in clear: take it away",
    "64167f000001-phone.cfg",
    "Put it there.",
    "Nothing was sent",
  ]) {
    expect(text).toContain(part);
  }
});
