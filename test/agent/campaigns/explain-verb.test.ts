import { expect, test } from "vitest";
import { explainDevice } from "../../../agent/campaigns/explain-verb.ts";
import { haltCampaign } from "../../../agent/campaigns/verbs.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";
import { approver, kit, move, phone, planned, started } from "./kit.ts";

test("campaign.explain: by whatever name, in the newest campaign that has not ended and names the device", () => {
  const bench = kit();
  const io = { ...bench.io, store: bench.store };
  expect(explainDevice({ device: deviceId(1) }, io)).toMatchObject({ ok: false, message: "There is no campaign yet" });
  expect(explainDevice({ device: "nobody" }, io)).toMatchObject({ ok: false, code: "notFound" });
  const first = planned(bench, { devices: [deviceId(1)] });
  haltCampaign({ campaign: first.id, reason: "no" }, approver, bench.io);
  expect(explainDevice({ device: "127.1.0.1" }, io)).toMatchObject({
    result: { campaign: first.id, reasons: [{ code: "campaign", why: "the campaign is halted", endedBy: "a new plan" }] },
  });
  const { id } = started(bench);
  expect(explainDevice({ device: deviceId(1) }, io)).toMatchObject({
    ok: true,
    result: { campaign: id, at: "planned", reasons: expect.arrayContaining([expect.objectContaining({ code: "image" })]) },
  });
  expect(explainDevice({ device: deviceId(1), campaign: first.id }, io)).toMatchObject({ result: { campaign: first.id } });
  expect(explainDevice({ device: deviceId(1), campaign: "c-none" }, io)).toMatchObject({ ok: false });
});

test("campaign.explain: I24 a device that joined after the plan was made waits for the next one", () => {
  const bench = kit();
  const { id } = started(bench);
  bench.store.devices.save(phone(4));
  expect(explainDevice({ device: deviceId(4) }, { ...bench.io, store: bench.store })).toMatchObject({
    result: { campaign: id, reasons: [{ code: "notPlanned", endedBy: "the next plan" }] },
  });
});

test("campaign.explain: a device that no plan names is told so, and no plan but the newest is read for it", async () => {
  const bench = kit();
  const first = planned(bench);
  haltCampaign({ campaign: first.id, reason: "no" }, approver, bench.io);
  await bench.clock.advance(1_000);
  const second = planned(bench);
  bench.store.devices.save(phone(4));
  const read: string[] = [];
  const campaigns = {
    ...bench.store.campaigns,
    load: (id: typeof first.id) => {
      read.push(id);
      return bench.store.campaigns.load(id);
    },
  };
  const io = { ...bench.io, store: { ...bench.store, campaigns } };
  expect(explainDevice({ device: deviceId(4) }, io)).toMatchObject({ result: { campaign: second.id, reasons: [{ code: "notPlanned" }] } });
  expect(read).toEqual([second.id]);
});

test("campaign.explain: a device that quiet hours hold is told with the use of its place, and when it is quiet next", () => {
  const bench = kit();
  const { id } = started(bench);
  const { store } = bench;
  const why = "its place is usually in use about now";
  const hold = { code: "quietHours", why, untilMs: T0 + 7_200_000, endedBy: "the quiet hours of its place" } as const;
  move(bench, id, 1, [{ kind: "imageStaged" }, { kind: "holdsFound", reasons: [hold] }]);
  const io = { ...bench.io, store };
  const whyNow = (): unknown => {
    const outcome = explainDevice({ device: deviceId(1) }, io);
    if (!outcome.ok) throw new Error(outcome.message);
    const { reasons } = outcome.result as { reasons: readonly { code: string; why: string }[] };
    return reasons.find(({ code }) => code === "quietHours")?.why;
  };
  expect(whyNow()).toBe(why);
  // 2026-11-22 20:00 UTC is a Sunday: hour 164 of its week.
  const busy = Array.from({ length: 168 }, (_, hour) => (hour === 164 ? 0.37 : hour === 165 ? 0.2 : 0));
  store.placeUsages.replace([{ key: `device:${deviceId(1)}`, usage: { zone: "UTC", days: 20, busy } }], T0);
  expect(whyNow()).toBe(`${why}: Phone 1 is in a call 37 % of Sun 20–21; next quiet hour Sun 22:00`);
  store.places.save({ id: "p-1", name: "Front desk", room: "Reception", duties: [] });
  store.places.assign("p-1", macOf(1), { atMs: T0, why: "test" });
  expect(whyNow()).toBe(why);
  store.placeUsages.replace([{ key: "room:Reception", usage: { zone: "UTC", days: 20, busy } }], T0);
  expect(whyNow()).toContain("Reception is in a call 37 %");
});
