import { expect, test } from "vitest";
import { previewList } from "../../../agent/coverage/take.ts";
import { deviceId } from "../../store/temporary.ts";
import { coverageKit, line } from "./kit.ts";

const many = (count: number) => Array.from({ length: count }, (_, i) => line({ serial: `8L${i + 1}` }));

test("previewList(): says what changes in the list and for whom, and writes nothing", async () => {
  const kit = coverageKit([1, 2]);
  kit.take([line({ serial: "8L1" })]);
  await kit.judge();
  const list = {
    source: "csv",
    name: "l",
    actor: "a",
    lines: [line({ serial: "8L1", until: "2030-01-01" }), line({ serial: "8L2" })],
  } as const;
  const before = kit.store.audit.head().count;
  expect(previewList(list, kit.store, Temporal.PlainDate.from("2026-11-22"))).toMatchObject({
    listed: 2,
    unchanged: 0,
    changes: [{}, {}],
    effect: [{ device: deviceId(2), was: "notCovered", becomes: "covered" }],
    losesTooMuch: false,
  });
  expect([kit.store.entitlements.list().length, kit.store.audit.head().count]).toEqual([1, before]);
});

test("takeList(): the same list again writes nothing; another is audited with its counts", () => {
  const kit = coverageKit([1]);
  expect(kit.take([line()]).kind).toBe("taken");
  const head = kit.store.audit.head();
  expect(kit.take([line()]).kind).toBe("same");
  expect([kit.store.audit.head(), kit.store.entitlements.imports(9).length]).toEqual([head, 1]);
  kit.take([line({ until: "2030-01-01" })]);
  expect(kit.store.audit.list({ limit: 1 })).toMatchObject([
    { actor: "local", action: "entitlements.taken", subject: "csv", detail: { changed: 1, added: 0 } },
  ]);
});

test("takeList(): an empty first list is a list: whoever it does not name is not covered", async () => {
  const kit = coverageKit([1]);
  expect(kit.take([]).kind).toBe("taken");
  await kit.judge();
  expect(kit.state(1)).toBe("notCovered");
});

test("takeList(): a list of which most is gone waits for a person's word", () => {
  const kit = coverageKit([]);
  kit.take(many(10));
  expect(kit.take(many(3)).kind).toBe("tooMuchLost");
  expect(kit.store.entitlements.list()).toHaveLength(10);
  expect(kit.take(many(3), { acceptRemovals: true }).kind).toBe("taken");
  expect(kit.store.entitlements.list()).toHaveLength(3);
});

test("takeList(): a source's list leaves the others' alone", () => {
  const kit = coverageKit([]);
  kit.take([line()]);
  kit.take([], { source: "lens" });
  expect(kit.store.entitlements.list().map(({ source }) => source)).toEqual(["csv"]);
  expect(kit.store.entitlements.newest().map(({ source }) => source)).toEqual(["csv", "lens"]);
});
