/**
 * Plans over the line: the answer to a plan sums it up, and the whole of it is had in packed pieces. A plan that is not kept is at
 * hand for a while; the pieces of one that is are made from its campaign.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Plan } from "../../firmware/waves/shape.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import { keptDocuments, pieceOf } from "../commands/pieces.ts";
import { planAnswer } from "./plan-answer.ts";
import type { PlanOutcome } from "./plan-verb.ts";
import { campaignTwin, type TwinIo } from "./twin-verb.ts";
import { failed } from "./verbs.ts";

export interface PlanDesk {
  /** The answer to whoever planned. */
  planned(outcome: PlanOutcome): Promise<VerbOutcome>;
  /** A piece of a whole plan. */
  document(args: ArgsOf<"campaign.document">): Promise<VerbOutcome>;
  /** A piece of what a rehearsal needs. */
  twin(args: ArgsOf<"campaign.twin">): Promise<VerbOutcome>;
}

interface Packed {
  readonly key: string;
  readonly bytes: Buffer;
}

export function createPlanDesk(io: TwinIo): PlanDesk {
  const kept = keptDocuments<Packed>();
  const keep = async (key: string, value: unknown): Promise<Packed> => {
    const packed = { key, bytes: await pack(value) };
    kept.keep(packed);
    return packed;
  };
  return {
    async planned(outcome) {
      if (!outcome.ok) return outcome;
      const { plan, planHash, kept: isKept } = outcome.result;
      if (!isKept) await keep(planHash, plan);
      return { ...outcome, result: planAnswer(outcome.result) };
    },
    async document({ planHash, offset }) {
      const found = kept.find(planHash) ?? (await ofStore(planHash));
      if (found === undefined)
        return failed("notFound", `No plan "${planHash}" is at hand: of one that is not kept only the newest are, so make it anew`);
      return { ok: true, result: packedPiece(found, offset) };
    },
    async twin({ campaign, made, offset }) {
      const again = made === undefined ? undefined : kept.find(made);
      if (made !== undefined && again === undefined)
        return failed("notFound", "what was asked for is not at hand any more: ask from its beginning");
      if (again !== undefined) return { ok: true, result: packedPiece(again, offset) };
      const outcome = campaignTwin({ campaign }, io);
      if (!outcome.ok) return outcome;
      const bytes = await pack(outcome.result);
      const packed = { key: createHash("sha256").update(bytes).digest("hex"), bytes };
      kept.keep(packed);
      return { ok: true, result: packedPiece(packed, offset) };
    },
  };

  async function ofStore(planHash: string): Promise<Packed | undefined> {
    const { campaigns } = io.store;
    const row = campaigns.ofPlan(planHash);
    const plan: Plan | undefined = row === undefined ? undefined : campaigns.load(row.id)?.plan;
    return plan === undefined ? undefined : await keep(planHash, plan);
  }
}

const zip = promisify(gzip);

/** A plan says much that is alike: packed it is a tenth or less. Packed beside the loop, as fast as it goes. */
async function pack(value: unknown): Promise<Buffer> {
  return await zip(JSON.stringify(value), { level: 1 });
}

/** `made` names it for the pieces that follow. */
function packedPiece({ key, bytes }: Packed, offset: number) {
  return { schema: "groundswell.packed-piece/1", made: key, packed: "gzip", ...pieceOf(bytes, offset) };
}
