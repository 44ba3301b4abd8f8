import { expect, test } from "vitest";
import type { CoverageDesk } from "../../../agent/coverage/desk.ts";
import { todayIn } from "../../../agent/coverage/judge.ts";
import type { Portal } from "../../../agent/coverage/portal.ts";
import type { ReadList } from "../../../agent/coverage/sources.ts";
import { previewList, takeList } from "../../../agent/coverage/take.ts";
import { coverageVerbs } from "../../../agent/coverage/verbs.ts";
import { author } from "../campaigns/kit.ts";
import { type CoverageKit, coverageKit, line, ZONE } from "./kit.ts";

const never = new AbortController().signal;
const CSV = "serial,contract,until\n8L1,C-1,2028-01-01\n";
const dry = { dryRun: true, acceptRemovals: false } as const;
const real = { dryRun: false, acceptRemovals: false } as const;

function verbsOver(kit: CoverageKit, read: ReadList = { ok: false, why: "no portal" }, portal?: Portal) {
  const { store, clock } = kit;
  const today = () => todayIn(ZONE, clock.nowMs());
  const desk: CoverageDesk = {
    judge: () => kit.judge(),
    take: (list) => takeList(list, { store, nowMs: clock.nowMs(), today: today() }),
    preview: (list) => previewList(list, store, today()),
    read: async () => read,
    refresh: async () => undefined,
    registrationFile: "/data/registration.csv",
    attest: async () => {
      throw new Error("not in this test");
    },
    attestLastMonth: async () => undefined,
    piece: async () => undefined,
    today,
  };
  return coverageVerbs({ store, desk, portal, site: "contoso-zh", zone: ZONE, clock });
}

test("coverage.import: a dry run changes nothing; then it is taken in the name of who gave it, and judged", async () => {
  const kit = coverageKit([1, 2]);
  const verbs = verbsOver(kit);
  const file = { source: "csv", name: "l.csv", text: CSV } as const;
  expect(await verbs["coverage.import"]({ ...file, ...dry }, author, never)).toMatchObject({
    ok: true,
    result: { taken: false, added: 1, effects: 2, losesTooMuch: false },
  });
  expect([kit.store.entitlements.newest(), kit.state(1)]).toEqual([[], undefined]);
  expect(await verbs["coverage.import"]({ ...file, ...real }, author, never)).toMatchObject({ ok: true, result: { taken: true } });
  expect([kit.store.entitlements.newest()[0]?.actor, kit.state(1), kit.state(2)]).toEqual(["doe/key-doe", "covered", "notCovered"]);
});

test("coverage.import: a file with mistakes, a missing text, a source that gives none: nothing is changed, the reason is told", async () => {
  const kit = coverageKit([1]);
  const verbs = verbsOver(kit);
  expect(await verbs["coverage.import"]({ source: "csv", text: "serial\n!!", ...real }, author, never)).toMatchObject({
    ok: false,
    code: "faulted",
    message: expect.stringContaining("line 2"),
  });
  expect(await verbs["coverage.import"]({ source: "csv", ...real }, author, never)).toMatchObject({ ok: false, code: "wrongState" });
  expect(await verbs["coverage.import"]({ source: "portal", ...real }, author, never)).toMatchObject({ ok: false, message: "no portal" });
  expect(kit.store.entitlements.newest()).toEqual([]);
});

test("coverage.import: most of the list gone is refused with the way on", async () => {
  const kit = coverageKit([]);
  kit.take(Array.from({ length: 10 }, (_, i) => line({ serial: `8L${i}` })));
  const verbs = verbsOver(kit);
  const refusal = await verbs["coverage.import"]({ source: "csv", text: CSV, ...real }, author, never);
  expect(refusal).toMatchObject({ ok: false, code: "wrongState", message: expect.stringContaining("--accept-removals") });
  expect(await verbs["coverage.import"]({ source: "csv", text: CSV, dryRun: false, acceptRemovals: true }, author, never)).toMatchObject({
    ok: true,
  });
});

test("coverage.register: a file names each once; a dry run notes nothing; --again names them all", async () => {
  const kit = coverageKit([1, 2]);
  kit.take([line({ serial: "8L9" })]);
  const verbs = verbsOver(kit);
  const names = async (args: object): Promise<number> => {
    const outcome = await verbs["coverage.register"]({ portal: false, again: false, dryRun: false, ...args }, author, never);
    return outcome.ok ? (outcome.result as { devices: unknown[] }).devices.length : -1;
  };
  expect([await names({ dryRun: true }), await names({}), await names({}), await names({ again: true })]).toEqual([2, 2, 0, 2]);
  expect(await verbs["coverage.register"]({ portal: true, again: false, dryRun: false }, author, never)).toMatchObject({
    ok: false,
    message: expect.stringContaining("no portal"),
  });
});

test("coverage.register: through the portal goes what no file named, and what a file named only when asked", async () => {
  const kit = coverageKit([1]);
  kit.take([line({ serial: "8L9" })]);
  const portal = { register: async () => ({ kind: "done", reference: "REG-1" }) } as unknown as Portal;
  const verbs = verbsOver(kit, undefined, portal);
  await verbs["coverage.register"]({ portal: false, again: false, dryRun: false }, author, never);
  expect(await verbs["coverage.register"]({ portal: true, again: false, dryRun: false }, author, never)).toMatchObject({
    result: { devices: [], earlier: 1 },
  });
  expect(await verbs["coverage.register"]({ portal: true, again: true, dryRun: false }, author, never)).toMatchObject({
    result: { devices: [{ state: "registered", reference: "REG-1" }] },
  });
});

test("coverage.attest, coverage.attestation: a month that has not begun, and one that was not attested, say so", async () => {
  const verbs = verbsOver(coverageKit([]));
  expect(await verbs["coverage.attest"]({ month: "2026-12" }, author, never)).toMatchObject({ ok: false, code: "wrongState" });
  expect(await verbs["coverage.attestation"]({ month: "2026-10", file: "pdf", offset: 0 }, author, never)).toMatchObject({
    ok: false,
    code: "notFound",
  });
});

test("coverage.summary, coverage.list, coverage.propose: as the rows have it", async () => {
  const kit = coverageKit([1, 2]);
  kit.take([line({ serial: "8L1", until: "2026-12-22" })]);
  await kit.judge();
  const verbs = verbsOver(kit);
  expect(await verbs["coverage.summary"]({}, author, never)).toMatchObject({
    result: {
      devices: 2,
      expiring: 1,
      notCovered: 1,
      ending: [{ until: "2026-12-22", daysLeft: 30, devices: 1 }],
      registrationFile: "/data/registration.csv",
    },
  });
  expect(await verbs["coverage.list"]({}, author, never)).toMatchObject({
    result: {
      devices: [
        { state: "notCovered", serial: "8L2" },
        { state: "expiring", until: "2026-12-22", contract: "C-1" },
      ],
    },
  });
  expect(await verbs["coverage.list"]({ state: "lapsed" }, author, never)).toMatchObject({ result: { devices: [] } });
  expect(await verbs["coverage.propose"]({}, author, never)).toMatchObject({
    result: { proposals: [{ what: "renew" }, { what: "order" }] },
  });
});
