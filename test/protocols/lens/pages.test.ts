import { expect, test } from "vitest";
import { SECOND } from "../../../protocols/core/time.ts";
import type { LensDevice } from "../../../protocols/lens/devices.ts";
import { type Pages, readPages } from "../../../protocols/lens/pages.ts";
import { DEVICES } from "../../../protocols/lens/queries.ts";
import { cost, data, type FakeLens, type FakeOptions, fakeLens, never, page, TRIO, unknownField } from "./kit.ts";

const node = (number: number) => ({ ...TRIO, id: `64167f${String(number).padStart(6, "0")}`, macAddress: null });
const read = (lens: FakeLens, signal = never): Promise<Pages<LensDevice>> => readPages(DEVICES, lens, signal);
const more = (nextToken: string | null, totalCount = 4) => ({ nextToken, hasNextPage: true, totalCount });
const serve = (graphql: NonNullable<FakeOptions["graphql"]>) => fakeLens({ graphql });
/** Lets what runs on real sockets come to its next wait on the clock, then moves it. */
async function until(lens: FakeLens, count: number, lengthMs: number): Promise<void> {
  while (lens.asked.length < count) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  await lens.clock.advance(lengthMs);
}

test("readPages(): follows the tokens with one page size until there is no next page [lens 4.1] [lens 13.1]", async () => {
  const lens = await serve((_, count) => data(count < 3 ? page([node(count)], more(`t${count}`, 3)) : page([node(3)], { totalCount: 3 })));
  const list = await read(lens);
  expect(list).toMatchObject({ complete: true, faults: [] });
  expect(list.items.map(({ id }) => id)).toEqual(["64167f000001", "64167f000002", "64167f000003"]);
  expect(lens.asked.map(({ variables }) => variables["params"])).toEqual([
    { pageSize: 500, nextToken: null },
    { pageSize: 500, nextToken: "t1" },
    { pageSize: 500, nextToken: "t2" },
  ]);
});

test("readPages(): a token that comes again ends it: what was read is kept, and said to be a part", async () => {
  const lens = await serve((_, count) => data(page([node(count)], more("same"))));
  const list = await read(lens);
  expect(list).toMatchObject({ complete: false, faults: [{ kind: "garbled", via: "lens", wanted: "a page after this one" }] });
  expect([list.items.length, lens.asked.length]).toEqual([2, 2]);
});

test("readPages(): a next page without a token is garbled", async () => {
  const lens = await serve(() => data(page([TRIO], more(null))));
  expect(await read(lens)).toMatchObject({ complete: false, faults: [{ kind: "garbled" }], items: [{ id: TRIO.id }] });
});

test("readPages(): tokens without end have one", async () => {
  const lens = await serve((_, count) => data(page([], more(`t${count}`))));
  expect(await read(lens)).toMatchObject({ complete: false, faults: [{ kind: "overBudget", budget: "items", limit: 100_000 }] });
  expect(lens.asked).toHaveLength(200);
});

test("readPages(): a page that fails leaves the pages before it", async () => {
  const lens = await serve((_, count) => (count === 1 ? data(page([TRIO], more("t1"))) : { status: 503, body: "" }));
  expect(await read(lens)).toMatchObject({ complete: false, faults: [{ kind: "unreachable", via: "lens" }], items: [{ id: TRIO.id }] });
});

test("readPages(): fewer devices than are said to be there is a part of the list", async () => {
  const lens = await serve(() => data(page([TRIO], { totalCount: 2 })));
  expect(await read(lens)).toMatchObject({ complete: false, items: [{ id: TRIO.id }] });
});

test("readPages(): a page whose parts could not all be told is a part of the list, and says so once", async () => {
  const trouble = [{ message: "x", path: ["deviceSearch"], extensions: { code: "DOWNSTREAM" } }];
  const lens = await serve((_, count) => ({
    body: { data: count === 1 ? page([node(1)], more("t1", 2)) : page([node(2)], { totalCount: 2 }), errors: trouble },
  }));
  const list = await read(lens);
  expect(list).toMatchObject({ complete: false, faults: [{ kind: "refused", reason: "deviceSearch: DOWNSTREAM" }] });
  expect([list.items.length, list.faults.length]).toEqual([2, 1]);
});

test("readPages(): stops before the budget is spent and goes on after the reset, by the clock [lens 3.4]", async () => {
  const lens = await serve((_, count) =>
    data({
      ...(count === 1 ? page([node(1)], more("t1", 2)) : page([node(2)], { totalCount: 2 })),
      ...cost(60, count === 1 ? 59 : 900, 30),
    }),
  );
  const list = read(lens);
  await until(lens, 1, 29 * SECOND);
  expect(lens.asked).toHaveLength(1);
  await lens.clock.advance(SECOND);
  expect(await list).toMatchObject({ complete: true, items: [{}, {}] });
  expect(lens.asked).toHaveLength(2);
});

test("readPages(): a budget that never fills up is waited for a few times", async () => {
  const lens = await serve(() => ({ status: 429, headers: { "retry-after": "10" }, body: "" }));
  const list = read(lens);
  for (let count = 1; count <= 4; count++) await until(lens, count, 10 * SECOND);
  expect(await list).toMatchObject({ complete: false, items: [], faults: [{ kind: "busy", via: "lens" }] });
  expect(lens.asked).toHaveLength(5);
});

test("readPages(): an abort ends the wait", async () => {
  const stop = new AbortController();
  const lens = await serve(() => ({ status: 429, body: "" }));
  const list = read(lens, stop.signal);
  await until(lens, 1, SECOND);
  stop.abort();
  expect(await list).toMatchObject({ complete: false, faults: [{ kind: "cancelled", by: "shutdown" }] });
});

test("readPages(): a field Lens no longer has is left out on every page", async () => {
  const lens = await serve(({ query }, count) =>
    query.includes("callStatus")
      ? { status: 400, body: { errors: [unknownField("callStatus")] } }
      : data(count === 2 ? page([node(1)], more("t1", 2)) : page([node(2)], { totalCount: 2 })),
  );
  expect(await read(lens)).toMatchObject({ complete: true, without: ["callStatus"], items: [{}, {}] });
  expect(lens.asked).toHaveLength(3);
});

test("DEVICES: a page that does not say whether there is another is garbled", async () => {
  const lens = await serve(() => data({ deviceSearch: { edges: [], pageInfo: {} } }));
  expect(await read(lens)).toMatchObject({ complete: false, faults: [{ kind: "garbled", wanted: "a page of devices" }] });
});
