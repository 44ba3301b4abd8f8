import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { createLens } from "../../../protocols/lens/inventory.ts";
import { data, fakeLens, never, page, type Reply, TRIO } from "./kit.ts";

const MAC = "64167faabbcc" as Mac;
const OTHER = "64167f000001" as Mac;
const USB = { id: "usb-7", name: "Voyager", serialNumber: "S70001", usbVendorId: "047f", usbProductId: "431a", connected: true };
const DOWN: Reply = { status: 503, body: "" };

async function bench(graphql: (query: string, count: number) => Reply) {
  const fake = await fakeLens({ graphql: ({ query }, count) => graphql(query, count) });
  return { ...fake, lens: createLens(fake) };
}
const listed = () => data(page([TRIO, USB]));

test("Lens.find(): by MAC, else by serial number; one list serves many asks until it has aged", async () => {
  const { lens, asked, clock } = await bench(listed);
  const found = await Promise.all([
    lens.find({ mac: MAC }, never),
    lens.find({ serial: "S70001" }, never),
    lens.find({ mac: OTHER }, never),
  ]);
  expect(found.map((one) => one.ok && one.value?.id)).toEqual([TRIO.id, "usb-7", undefined]);
  expect(asked).toHaveLength(1);
  await clock.advance(3 * MINUTE);
  await lens.find({ mac: MAC }, never);
  expect(asked).toHaveLength(2);
});

test("Lens.list(): while Lens does not answer the old list stands in, an hour long, and Lens is left alone between tries", async () => {
  const { lens, asked, clock } = await bench((_, count) => (count === 1 ? listed() : DOWN));
  await lens.list(never);
  await clock.advance(10 * MINUTE);
  expect(await lens.list(never)).toMatchObject({ ok: true, value: { devices: [{}, {}], faults: [{ kind: "unreachable", via: "lens" }] } });
  expect(await lens.list(never)).toMatchObject({ ok: true });
  expect(asked).toHaveLength(2);
  await clock.advance(HOUR);
  expect(await lens.list(never)).toEqual({ ok: false, fault: { kind: "unreachable", via: "lens", detail: "HTTP 503" } });
  expect(asked).toHaveLength(3);
});

test("Lens.find(): what is missing from a part of the list is not known to be gone", async () => {
  const { lens } = await bench((_, count) =>
    count === 1 ? data(page([TRIO], { hasNextPage: true, nextToken: "t", totalCount: 9 })) : DOWN,
  );
  expect(await lens.find({ mac: MAC }, never)).toMatchObject({ ok: true, value: { id: TRIO.id } });
  expect(await lens.find({ mac: OTHER }, never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
});

test("Lens.list(): a part of the list does not replace a whole one", async () => {
  const { lens, clock } = await bench((_, count) => (count === 1 ? listed() : data(page([USB], { totalCount: 2 }))));
  await lens.list(never);
  await clock.advance(3 * MINUTE);
  expect(await lens.list(never)).toMatchObject({ ok: true, value: { complete: true, devices: [{ id: TRIO.id }, {}] } });
});

test("Lens.list(): a device on two pages is one", async () => {
  const { lens } = await bench(() => data(page([TRIO, { ...TRIO, name: "later" }], { totalCount: 2 })));
  expect(await lens.list(never)).toMatchObject({ ok: true, value: { devices: [{ facts: { name: "later" } }] } });
});

test("Lens.list(): a caller that stops does not spoil it for the next", async () => {
  const stop = new AbortController();
  const { lens, asked } = await bench((_, count) => {
    if (count === 1) stop.abort();
    return listed();
  });
  const both = [lens.list(stop.signal), lens.list(never)];
  expect((await Promise.all(both)).map(({ ok }) => ok)).toEqual([false, true]);
  expect(asked.length).toBeLessThanOrEqual(2);
});

test("Lens.inUse(): asks for the calls of a device that could be idle, and of no other; no answer is not idle", async () => {
  const calls = [data({ activeCalls: { calls: [] } }), data({ activeCalls: { calls: [{ id: "1", state: "HELD" }] } }), DOWN];
  const { lens, asked } = await bench((query) =>
    query.includes("activeCalls") ? (calls.shift() ?? DOWN) : data(page([{ ...TRIO, callStatus: "idle" }, USB])),
  );
  const list = await lens.list(never);
  const [trio, headset] = list.ok ? list.value.devices : [];
  if (trio === undefined || headset === undefined) throw new Error("not listed");
  expect(await lens.inUse(trio, never)).toEqual({ state: "idle" });
  expect(await lens.inUse(trio, never)).toEqual({ state: "busy", reason: "call HELD" });
  expect(await lens.inUse(trio, never)).toEqual({ state: "unknown", reason: "Lens did not tell of its calls (unreachable)" });
  expect(await lens.inUse(headset, never)).toEqual({ state: "unknown", reason: "Lens is not told of its calls" });
  expect(asked).toHaveLength(4);
});

test("Lens.inUse(): an empty list beside an error is not idle", async () => {
  const partial = { body: { data: { activeCalls: { calls: [] } }, errors: [{ message: "x", path: ["activeCalls"] }] } };
  const { lens } = await bench((query) => (query.includes("activeCalls") ? partial : data(page([{ ...TRIO, callStatus: "idle" }]))));
  const found = await lens.find({ mac: MAC }, never);
  if (!found.ok || found.value === undefined) throw new Error("not listed");
  expect(await lens.inUse(found.value, never)).toMatchObject({ state: "unknown" });
});

test("Lens.sightings(): every device of the account, by the time of the list", async () => {
  const { lens } = await bench(listed);
  expect(await lens.sightings(never)).toMatchObject({
    ok: true,
    value: { sightings: [{ source: "lens", facts: { mac: MAC } }, { facts: { serial: "S70001" } }], faults: [] },
  });
});
