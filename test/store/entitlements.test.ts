import { expect, test } from "vitest";
import type { Entitlement } from "../../store/entitlements.ts";
import { T0, temporaryStore } from "./temporary.ts";

const entitlement = (key: string, changes: Partial<Entitlement> = {}): Entitlement => ({
  source: "csv",
  key,
  serial: `S-${key}`,
  ...changes,
});
const about = { source: "csv", atMs: T0, actor: "local", name: "list.csv", listed: 2 } as const;

test("take(): the source's list is what the changes make of it, each change is kept, other sources stay", () => {
  const { entitlements } = temporaryStore();
  const [a, b] = [entitlement("a"), entitlement("b", { until: "2027-01-19" })];
  const lens = entitlement("a", { source: "lens" });
  entitlements.take({ ...about, source: "lens" }, [{ key: "a", becomes: lens }]);
  entitlements.take(about, [
    { key: "a", becomes: a },
    { key: "b", becomes: b },
  ]);
  const later = { ...b, until: "2028-01-19" };
  const made = entitlements.take({ ...about, atMs: T0 + 1 }, [
    { key: "a", was: a },
    { key: "b", was: b, becomes: later },
  ]);
  expect(made).toMatchObject({ source: "csv", added: 0, changed: 1, removed: 1, actor: "local", name: "list.csv", listed: 2 });
  expect(entitlements.list()).toEqual([later, lens]);
  expect(entitlements.list("lens")).toEqual([lens]);
  expect(entitlements.changes(made.id, 9)).toEqual([
    { key: "a", was: a },
    { key: "b", was: b, becomes: later },
  ]);
});

test("newest(): the last import of each source, an empty one included; a source never read is absent", () => {
  const { entitlements } = temporaryStore();
  entitlements.take(about, []);
  entitlements.take({ ...about, atMs: T0 + 1, listed: 0 }, []);
  expect(entitlements.newest()).toMatchObject([{ source: "csv", atMs: T0 + 1, listed: 0 }]);
  expect(entitlements.imports(1)).toEqual(entitlements.newest());
});
