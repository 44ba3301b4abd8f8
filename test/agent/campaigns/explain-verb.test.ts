import { expect, test } from "vitest";
import { explainDevice } from "../../../agent/campaigns/explain-verb.ts";
import { haltCampaign } from "../../../agent/campaigns/verbs.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, kit, phone, planned, started } from "./kit.ts";

test("campaign.explain: by whatever name, in the newest campaign that has not ended and names the device", () => {
  const bench = kit();
  const io = { ...bench.io, store: bench.store };
  expect(explainDevice({ device: deviceId(1) }, io)).toMatchObject({ ok: false, message: "There is no campaign yet" });
  expect(explainDevice({ device: "nobody" }, io)).toMatchObject({ ok: false, code: "notFound" });
  const first = planned(bench, { devices: [deviceId(1)] });
  haltCampaign({ campaign: first.id, reason: "no" }, approver, bench.io);
  expect(explainDevice({ device: "127.1.0.1" }, io)).toMatchObject({
    result: { campaign: first.id, reasons: [{ code: "campaign", why: "the campaign is halted" }, {}, {}] },
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
