/** docs/faults.md against the code: every kind, as it is printed, by every way that a visit is known to tell. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULT_KINDS, type Fault, showFault } from "../protocols/core/fault.ts";
import { ALWAYS, AWAY, ROWS } from "./hostile/habits-table.ts";

const root = join(import.meta.dirname, "..");
const page = await readFile(join(root, "docs/faults.md"), "utf8");
const table = [...page.matchAll(/^\| `(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].map(
  ([, kind = "", ways = "", printed = "", means = "", todo = ""]) => ({
    ...{ kind, printed: printed.trim(), means: means.trim(), todo: todo.trim() },
    ways: ways.trim().split(" "),
  }),
);

const via = "WAY" as "https";
/** One of each kind, whose parts are the page's words for them. */
const SAMPLES: Readonly<Record<Fault["kind"], Fault>> = {
  unreachable: { kind: "unreachable", via, detail: "DETAIL" },
  denied: { kind: "denied", via, credentialId: "CREDENTIAL", detail: "DETAIL" },
  lockedOut: { kind: "lockedOut", via, retryAfterMs: 7_000 },
  busy: { kind: "busy", via },
  off: { kind: "off", via, detail: "DETAIL" },
  garbled: { kind: "garbled", via, wanted: "WANTED", detail: "DETAIL" },
  overBudget: { kind: "overBudget", via, budget: "bytes", limit: 7 },
  impostor: { kind: "impostor", via, wanted: "WANTED", found: "FOUND" },
  refused: { kind: "refused", via, reason: "REASON" },
  mismatch: { kind: "mismatch", wanted: "WANTED", found: "FOUND" },
  stalled: { kind: "stalled", waitedFor: "WHAT" },
  cancelled: { kind: "cancelled", by: "WHOM" as "halt" },
};

test("docs/faults.md: names every kind of fault once, and no other", () => {
  expect(table.map(({ kind }) => kind)).toEqual(FAULT_KINDS);
});

test("docs/faults.md: shows each as it is printed", () => {
  const words = (text: string): string => text.replace("another 7 s", "another SECONDS s").replace("7 bytes", "LIMIT UNIT");
  expect(table.map(({ printed }) => printed)).toEqual(FAULT_KINDS.map((kind) => words(showFault(SAMPLES[kind]))));
});

test("docs/faults.md: says of each what it means and what to do", () => {
  for (const { kind, means, todo } of table) expect([kind, means.length > 20, todo.length > 20]).toEqual([kind, true, true]);
});

test("docs/faults.md: lists every way by which a visit is known to tell a fault", () => {
  const told = [...ROWS.flatMap(({ said }) => said), ...Object.values(ALWAYS).flat(), ...AWAY].map((text) => text.replace("?", ""));
  const listed = table.flatMap(({ kind, ways }) => ways.map((way) => `${kind} ${way}`));
  expect([...new Set(told)].filter((text) => !listed.includes(text))).toEqual([]);
});

test.each(["README.md", "docs/add-a-family.md", "docs/architecture.md"])("%s: leads to the page of faults", async (file) => {
  expect(await readFile(join(root, file), "utf8")).toMatch(/\]\((?:docs\/)?faults\.md\)/);
});
