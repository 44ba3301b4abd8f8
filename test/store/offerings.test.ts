import { expect, test } from "vitest";
import type { Offering } from "../../firmware/sources/source.ts";
import { storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const offering = (key: string, changes: Partial<Offering> = {}): Offering => ({
  ...{ key, title: key, version: "6.4.8.1", models: ["VVX 450"], partNumbers: [], revoked: false, fetch: "no" },
  ...changes,
});
const fault = { kind: "unreachable", via: "https", name: "unreachable" } as const;

test("save(): replaces what the source said before, and no other", () => {
  const { offerings } = temporaryStore();
  offerings.save("portal", [offering("a"), offering("b", { paths: [{ from: "5.9.7.1", steps: [] }] })]);
  offerings.save("lens", [offering("a")]);
  offerings.save("portal", [offering("b", { revoked: true })]);
  expect(offerings.list()).toEqual([
    { ...offering("a"), source: "lens" },
    { ...offering("b", { revoked: true }), source: "portal" },
  ]);
  expect([offerings.of("lens").length, offerings.load("portal", "b"), offerings.load("portal", "a")]).toEqual([
    1,
    offering("b", { revoked: true }),
    undefined,
  ]);
});

test("noteReading(): after a fault what was listed stands, with since when it cannot be read, over a restart", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  expect(store.offerings.noteReading("portal", { listed: 7 }, T0)).toEqual({ source: "portal", atMs: T0, listed: 7, goodAtMs: T0 });
  store.offerings.noteReading("portal", { fault }, T0 + 1);
  const failing = { source: "portal", atMs: T0 + 2, listed: 7, goodAtMs: T0, fault, failingSinceMs: T0 + 1 };
  expect(store.offerings.noteReading("portal", { fault }, T0 + 2)).toEqual(failing);
  store.close();
  const { offerings } = storeIn(folder);
  expect(offerings.readings()).toEqual([failing]);
  expect(offerings.noteReading("portal", { listed: 8 }, T0 + 3)).toEqual({ source: "portal", atMs: T0 + 3, listed: 8, goodAtMs: T0 + 3 });
});

test("readings(): in the order of rank; a source that never gave anything has listed nothing", () => {
  const { offerings } = temporaryStore();
  offerings.noteReading("lens", { fault }, T0);
  offerings.noteReading("folder", { listed: 0 }, T0);
  offerings.noteReading("channel", { listed: 2 }, T0);
  expect(offerings.readings().map(({ source, listed, goodAtMs }) => [source, listed, goodAtMs])).toEqual([
    ["channel", 2, T0],
    ["folder", 0, T0],
    ["lens", 0, undefined],
  ]);
});
