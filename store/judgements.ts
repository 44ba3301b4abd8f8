/** What the gates said of a wave each time it moved by their word: the proof that it was right to go on, or to stop. */
import type { GateEvidence, GateJudgement, Verdict } from "../firmware/waves/gates/gate.ts";
import { GATE_IDS, type GateId } from "../firmware/waves/gates/ids.ts";
import type { CampaignId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, listOf, oneOf, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface JudgementRow {
  readonly campaign: CampaignId;
  readonly wave: number;
  /** Of the wave's row, which it made. */
  readonly revision: number;
  readonly atMs: Ms;
  readonly verdict: Verdict;
  /** The one that decided. */
  readonly gate: GateId;
  readonly why: string;
  readonly judgements: readonly GateJudgement[];
}

export interface Judgements {
  /** Lines of evidence beyond `EVIDENCE_KEPT` of a gate are left out, those that speak against the wave last. */
  keep(row: JudgementRow): void;
  /** By wave, oldest first; of each wave the newest `JUDGEMENTS_KEPT`. */
  ofCampaign(campaign: CampaignId): readonly JudgementRow[];
  /** The newest of each wave. */
  newest(campaign: CampaignId): readonly JudgementRow[];
}

/** Of one wave: days of waiting for a call at the usual soak are some three hundred, of which the last say enough. */
export const JUDGEMENTS_KEPT = 20;
/** Of one gate: as many as a person reads. */
export const EVIDENCE_KEPT = 50;

const VERDICTS = { pass: true, fail: true, inconclusive: true } satisfies { [verdict in Verdict]: true };
const GATES = Object.fromEntries(GATE_IDS.map((id) => [id, true])) as { readonly [id in GateId]: true };

const judgementsCheck = listOf(shape<GateJudgement>({ gate: "string", judgement: "object" }));
const read = decoder(
  "wave_judgements",
  "seq",
  (row: Row): JudgementRow => ({
    campaign: text(row, "campaign") as CampaignId,
    wave: whole(row, "wave"),
    revision: whole(row, "revision"),
    atMs: whole(row, "at_ms"),
    verdict: oneOf<Verdict>(row, "verdict", VERDICTS),
    gate: oneOf<GateId>(row, "gate", GATES),
    why: text(row, "why"),
    judgements: json(row, "judgements", judgementsCheck),
  }),
);

export function judgementsIn(sql: Sql): Judgements {
  return {
    keep: ({ campaign, wave, revision, atMs, verdict, gate, why, judgements }) =>
      sql.transaction(() => {
        sql.run(
          `insert into wave_judgements (campaign, wave, revision, at_ms, verdict, gate, why, judgements)
            values (@campaign, @wave, @revision, @atMs, @verdict, @gate, @why, @judgements) on conflict do nothing`,
          { campaign, wave, revision, atMs, verdict, gate, why, judgements: toJson(judgements.map(cut)) },
        );
        sql.run(
          `delete from wave_judgements where campaign = @campaign and wave = @wave and seq not in
            (select seq from wave_judgements where campaign = @campaign and wave = @wave order by seq desc limit @kept)`,
          { campaign, wave, kept: JUDGEMENTS_KEPT },
        );
      }),
    ofCampaign: (campaign) =>
      sql.all("select * from wave_judgements where campaign = @campaign order by wave, seq", { campaign }).map(read),
    newest: (campaign) =>
      sql
        .all(
          `select * from wave_judgements where seq in (select max(seq) from wave_judgements where campaign = @campaign group by wave)
            order by wave`,
          { campaign },
        )
        .map(read),
  };
}

const WEIGHT: Readonly<Record<GateEvidence["verdict"], number>> = { fail: 0, inconclusive: 1, pass: 2 };

function cut(one: GateJudgement): GateJudgement {
  const { evidence } = one.judgement;
  if (evidence.length <= EVIDENCE_KEPT) return one;
  const kept = evidence.toSorted((a, b) => WEIGHT[a.verdict] - WEIGHT[b.verdict]).slice(0, EVIDENCE_KEPT);
  return { ...one, judgement: { ...one.judgement, evidence: kept } };
}
