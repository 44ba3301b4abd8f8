import { expect, onTestFinished, test } from "vitest";
import type { CoverageDesk } from "../../../agent/coverage/desk.ts";
import { startCoverage } from "../../../agent/coverage/run.ts";
import type { Parts } from "../../../agent/parts.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { type CoverageKit, coverageKit, line, phone } from "./kit.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The loops over the kit's clock; `refreshed` counts the reads of each source. */
function started(kit: CoverageKit, coverage: object = {}) {
  const refreshed: string[] = [];
  const wakers: Pick<Parts["wakers"], "coverage"> = { coverage: () => undefined };
  const desk = {
    judge: () => kit.judge(),
    attestLastMonth: async () => undefined,
    refresh: async (source: string) => void refreshed.push(source),
  } as unknown as CoverageDesk;
  const parts = {
    config: { coverage: { lens: false, ...coverage }, lens: { every: 15 * MINUTE } },
    clock: kit.clock,
    io: { log: silent },
    wakers,
  } as unknown as Parts;
  const loops = startCoverage(parts, desk);
  onTestFinished(async () => void (await Promise.all(loops.map((loop) => loop.stop()))));
  return { wakers, refreshed };
}

async function listed(): Promise<CoverageKit> {
  const kit = coverageKit([1]);
  kit.take([line({ serial: "8L1" })]);
  return kit;
}

test("startCoverage(): a phone that nobody looked for is found not covered within the hour", async () => {
  const kit = await listed();
  started(kit);
  await kit.clock.advance(MINUTE);
  kit.store.devices.save(phone(2));
  await kit.clock.advance(HOUR - MINUTE);
  expect([kit.state(2), kit.store.incidents.listOpen().map(({ cause }) => cause)]).toEqual(["notCovered", ["coverage:notCovered"]]);
});

test("startCoverage(): the end of a discovery wakes it at once", async () => {
  const kit = await listed();
  const { wakers } = started(kit);
  await kit.clock.advance(1_000);
  kit.store.devices.save(phone(2));
  wakers.coverage();
  await kit.clock.advance(1_000);
  expect(kit.state(2)).toBe("notCovered");
});

test("startCoverage(): lists are read by themselves only where the settings say so", async () => {
  const idle = started(await listed());
  const kit = await listed();
  const busy = started(kit, { lens: true, portal: { every: HOUR } });
  await kit.clock.advance(59 * MINUTE);
  expect(idle.refreshed).toEqual([]);
  expect([
    busy.refreshed.filter((source) => source === "lens").length,
    busy.refreshed.filter((source) => source === "portal").length,
  ]).toEqual([4, 1]);
});
