import { expect, test } from "vitest";
import type { GateJudgement } from "../../firmware/waves/gates/gate.ts";
import { EVIDENCE_KEPT, JUDGEMENTS_KEPT, type JudgementRow } from "../../store/judgements.ts";
import { kit, planned } from "../agent/campaigns/kit.ts";
import { T0 } from "./temporary.ts";

const line = (verdict: "pass" | "fail", number: number) => ({ what: `line ${number}`, verdict });
const said = (evidence: GateJudgement["judgement"]["evidence"] = []): GateJudgement => ({
  gate: "health",
  judgement: { verdict: "pass", why: "as well as before", evidence, failures: 0 },
});

function bench() {
  const made = kit();
  const { id } = planned(made);
  const row = (revision: number, changes: Partial<JudgementRow> = {}): JudgementRow => ({
    ...{ campaign: id, wave: 1, revision, atMs: T0 + revision, verdict: "pass", gate: "completion", why: "every gate passed" },
    judgements: [said()],
    ...changes,
  });
  return { id, row, judgements: made.store.judgements };
}

test("judgements: come back as they were kept, once, and the newest of each wave", () => {
  const { id, row, judgements } = bench();
  const rows = [
    row(1),
    row(2, { verdict: "fail", gate: "calm", judgements: [{ ...said(), acceptedBy: "doe", reportsOnly: true }] }),
    row(1, { wave: 2 }),
  ];
  for (const one of [...rows, ...rows]) judgements.keep(one);
  expect(judgements.ofCampaign(id)).toEqual(rows);
  expect(judgements.newest(id)).toEqual(rows.slice(1));
});

test("judgements: of each wave the newest are kept", () => {
  const { id, row, judgements } = bench();
  for (let revision = 1; revision <= JUDGEMENTS_KEPT + 3; revision++) judgements.keep(row(revision));
  judgements.keep(row(1, { wave: 2 }));
  const kept = judgements.ofCampaign(id);
  expect(kept).toHaveLength(JUDGEMENTS_KEPT + 1);
  expect(kept[0]?.revision).toBe(4);
});

test("judgements: of much evidence that which speaks against the wave is kept first", () => {
  const { id, row, judgements } = bench();
  const evidence = [...Array.from({ length: EVIDENCE_KEPT }, (_, at) => line("pass", at)), line("fail", 99)];
  judgements.keep(row(1, { judgements: [said(evidence)] }));
  const kept = judgements.newest(id)[0]?.judgements[0]?.judgement.evidence ?? [];
  expect([kept.length, kept[0]]).toEqual([EVIDENCE_KEPT, line("fail", 99)]);
});
