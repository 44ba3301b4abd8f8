/** The storm cap: part of the engine, with a purpose of its own. */
import { expect, test } from "vitest";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { bench, fact, recovered } from "./kit.ts";

/** So many troubles that have nothing in common. */
const unlike = (count: number) => Array.from({ length: count }, (_, at) => fact(at + 1, { model: `VVX ${at}` }));
const isStorm = (row: { readonly doc: { readonly [name: string]: unknown } }): boolean => row.doc["kind"] === "storm";

test("storm cap: so many tickets an hour, one summary that lists the rest, and in the end all of them", async () => {
  const made = bench({ stormCapPerHour: 5 });
  made.file(unlike(12));
  await made.pass(5 * MINUTE);
  expect(made.desk.tickets).toHaveLength(6);
  const summary = made.store.tickets.list().filter(isStorm);
  expect(summary).toHaveLength(1);
  expect(summary[0]?.doc["title"]).toBe("7 tickets held back: too many in one hour");
  expect(made.engine().health().heldBack).toBe(7);
  await made.pass(3 * HOUR, MINUTE);
  expect(made.desk.tickets).toHaveLength(13);
  expect(made.engine().health()).toMatchObject({ heldBack: 0, undelivered: 0 });
  expect(made.store.tickets.list().filter(isStorm)).toMatchObject([{ state: "closed" }]);
});

test("storm cap: no hour sees more new tickets than the cap", async () => {
  const made = bench({ stormCapPerHour: 5 });
  made.file(unlike(23));
  await made.pass(6 * HOUR, MINUTE);
  const births = made.desk.tickets.map(({ bornAtMs }) => bornAtMs);
  for (const atMs of births) {
    const within = births.filter((one) => one >= atMs && one < atMs + HOUR);
    // The summary itself always goes.
    expect(within.length).toBeLessThanOrEqual(6);
  }
});

test("storm cap: holds over a restart", async () => {
  const made = bench({ stormCapPerHour: 5 });
  made.file(unlike(12));
  await made.pass(5 * MINUTE);
  made.restart();
  await made.pass(5 * MINUTE);
  expect(made.desk.tickets).toHaveLength(6);
});

test("storm cap: updates and closes of tickets the desk has are not held back", async () => {
  const made = bench({ stormCapPerHour: 2 });
  made.file(unlike(2));
  await made.pass(MINUTE);
  made.file([fact(1, { model: "VVX 0", ...recovered(T0 + MINUTE) }), ...unlike(9).slice(1)]);
  await made.pass(MINUTE);
  expect(
    made.desk.tickets.find(({ id }) => made.store.tickets.list().some((row) => row.remoteId === id && row.devices[0] === deviceId(1)))
      ?.state,
  ).toBe("closed");
});

test("storm cap: what recovers while it is held back is never told, and leaves the summary", async () => {
  const made = bench({ stormCapPerHour: 2 });
  made.file(unlike(4));
  await made.pass(2 * MINUTE);
  made.file(unlike(4).map((one) => ({ ...one, ...recovered(T0 + MINUTE) })));
  await made.pass(2 * HOUR, MINUTE);
  expect(made.desk.tickets).toHaveLength(3);
  expect(made.desk.tickets.filter(({ state }) => state === "open")).toEqual([]);
  expect(made.store.tickets.list().filter(({ state }) => state !== "closed")).toEqual([]);
});

test("storm cap: without a storm there is no summary", async () => {
  const made = bench();
  made.file(unlike(5));
  await made.pass(HOUR, MINUTE);
  expect(made.store.tickets.list().filter(isStorm)).toEqual([]);
});
