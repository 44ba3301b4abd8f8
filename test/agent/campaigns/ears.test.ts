import { expect, test } from "vitest";
import { createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { campaignEars } from "../../../agent/campaigns/ears.ts";
import { writeOffDevice } from "../../../agent/campaigns/failed-verbs.ts";
import { approveCampaign, haltCampaign, resumeCampaign, skipDevice, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { Parts } from "../../../agent/parts.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, author, kit, move, planned, started, toCommanded, toLost } from "./kit.ts";

const fail = (): never => {
  throw new Error("the bench is not as it should be");
};

/** A kit whose transitions are heard as in the daemon; what is told goes into `told`. */
function heard() {
  const told: string[] = [];
  const bench = kit();
  const nobody = () => undefined;
  const wakers = { drive: nobody, feed: nobody, tickets: () => void told.push("wake tickets"), coverage: nobody, incidents: nobody };
  const config = { tickets: { groupAt: 3 }, site: { environment: "production" } } as Parts["config"];
  const ears = campaignEars(
    { store: bench.store, config, site: "contoso-zh" as SiteId, clock: bench.clock, wakers },
    {
      teller: {
        task: ({ next }) => void told.push(`task ${next.at}`),
        wave: (_campaign, index, state) => void told.push(`wave ${index} ${state}`),
        campaign: (_campaign, state) => void told.push(`campaign ${state}`),
        ticket: ({ devices }) => void told.push(`ticket of ${devices.length}`),
      },
      configWatch: {
        want: (devices, why) => void told.push(`read ${devices.length} ${why}`),
        wantBefore: (devices, why) => void told.push(`read ${devices.length} ${why}`),
      },
      standing: { note: () => void told.push("standing") },
    },
  );
  const drive = createDriveStore(bench.store, ears);
  return { ...bench, drive, io: { ...bench.io, drive }, told };
}

test("campaignEars(): a start is told, written into the chain with its person, and makes the devices read before their update", () => {
  const bench = heard();
  started(bench);
  expect(bench.told).toEqual(["campaign armed", "campaign running", "read 3 before an update"]);
  expect(bench.store.audit.list().map(({ actor, action }) => [actor, action])).toEqual([
    ["doe", "campaign.running"],
    ["anna", "campaign.armed"],
  ]);
});

test("campaignEars(): what another plan takes over is told with its campaign, not device by device", () => {
  const bench = heard();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("a".repeat(32)));
  const next = planned(bench, { release: undefined, parent: id });
  approveCampaign({ campaign: next.id, planHash: next.hash }, approver, bench.io);
  bench.told.length = 0;
  startCampaign({ campaign: next.id, planHash: next.hash }, author, bench.io);
  expect(bench.told.filter((what) => what !== "standing")).toEqual(["campaign running", "read 2 before an update", "campaign running"]);
  expect(bench.store.audit.list()[0]).toMatchObject({ actor: next.id, action: "campaign.superseding", subject: id });
});

test("campaignEars(): a lost device has its ticket in the transaction that says so", () => {
  const bench = heard();
  const { id } = started(bench);
  move(bench, id, 1, toLost("a".repeat(32)));
  expect(bench.told.slice(-4)).toEqual(["task lost", "standing", "ticket of 1", "wake tickets"]);
  expect(bench.store.tickets.load(bench.store.tickets.list()[0]?.key ?? "")).toMatchObject({ state: "open" });
});

test("campaignEars(): a halt stands in the chain with its reason", () => {
  const bench = heard();
  const { id } = started(bench);
  haltCampaign({ campaign: id, reason: "smoke" }, author, bench.io);
  expect(bench.store.audit.list()[0]).toMatchObject({ actor: "doe", action: "campaign.halted", subject: id, detail: { why: "smoke" } });
});

test("campaignEars(): what moved a wave stands in the chain, with what each gate said, and the row with the evidence", () => {
  const bench = heard();
  const { id } = started(bench);
  const waveRow = () => bench.drive.waves(id)[0] ?? fail();
  bench.drive.applyWave(id, waveRow(), { kind: "started", previousPassed: true }, { at: "active", sinceMs: 1, accepted: [] }, 1);
  const judgement = { verdict: "fail", why: "1 failed", evidence: [], failures: 1 } as const;
  const calm = { verdict: "inconclusive", why: "no uplink", evidence: [], failures: 0 } as const;
  const event = {
    kind: "judged",
    verdict: "fail",
    gate: "failureCount",
    why: "1 failed",
    failures: 1,
    judgements: [
      { gate: "failureCount", judgement },
      { gate: "completion", judgement, acceptedBy: "doe" },
      { gate: "calm", judgement: calm, reportsOnly: true },
    ],
  } as const;
  const held = { at: "held", gate: "failureCount", why: "1 failed", failures: 1, sinceMs: 2, was: { at: "active" }, accepted: [] } as const;
  bench.drive.applyWave(id, waveRow(), event, held, 2);
  expect(bench.store.audit.list({ limit: 1 })[0]).toMatchObject({
    ...{ atMs: 2, actor: "agent", action: "wave.held", subject: `${id} wave 1` },
    detail: {
      ...{ why: "1 failed", gate: "failureCount", verdict: "fail" },
      gates: { failureCount: "fail", completion: "fail, accepted by doe", calm: "inconclusive, only reports" },
    },
  });
  expect(bench.store.judgements.ofCampaign(id)).toMatchObject([{ wave: 1, atMs: 2, judgements: event.judgements }]);
});

test("campaignEars(): a resume stands in the chain with the gate it named, a skipped device with its person and reason", () => {
  const bench = heard();
  const { id } = started(bench);
  skipDevice({ campaign: id, device: deviceId(1), reason: "broken display" }, author, bench.io);
  expect(bench.store.audit.list({ limit: 1 })[0]).toMatchObject({
    ...{ actor: "doe", action: "task.skipped", subject: `${id} ${deviceId(1)}`, detail: { why: "broken display" } },
  });
  const row = bench.drive.campaigns()[0] ?? fail();
  const cause = { kind: "gate", wave: 1, gate: "calm", evidence: "an incident" } as const;
  if (row.state.at !== "running") return fail();
  bench.drive.applyCampaign(row, { ...cause, kind: "gateHeld" }, { ...row.state, at: "paused", cause, sinceMs: 5 }, 5);
  expect(bench.store.audit.list({ limit: 1 })[0]).toMatchObject({
    action: "campaign.paused",
    detail: { gate: "calm", why: "an incident" },
  });
  resumeCampaign({ campaign: id, gate: "calm" }, author, bench.io);
  expect(bench.store.audit.list().find(({ action }) => action === "campaign.running")).toMatchObject({
    actor: "doe",
    detail: { gate: "calm" },
  });
});

test("campaignEars(): a write-off stands in the chain with the person who answers for it, and the reason", () => {
  const bench = heard();
  const { id } = started(bench);
  move(bench, id, 1, toLost("a".repeat(32)));
  writeOffDevice({ campaign: id, device: deviceId(1), reason: "replaced" }, approver, bench.io);
  expect(bench.store.audit.list({ limit: 1 })[0]).toMatchObject({
    ...{ actor: "anna", action: "task.skipped", subject: `${id} ${deviceId(1)}`, detail: { why: "replaced" } },
  });
});
