/**
 * Makes reports of campaigns when they are asked for, and hands them out in pieces. Nothing is written to disk: the rows they are
 * made from stay as long as their campaign.
 */
import { createHash } from "node:crypto";
import type { CampaignReport } from "../../firmware/waves/report-document.ts";
import { Bug } from "../../protocols/core/fault.ts";
import { parseCampaignId } from "../../protocols/core/ids.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import type { SigningKey } from "../commands/keys.ts";
import { keptDocuments, pieceOf } from "../commands/pieces.ts";
import type { BrandSetting } from "../config/brand-schema.ts";
import type { Thread } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";
import { type CampaignRowsIo, gatherReport } from "./campaign-rows.ts";
import { signReport } from "./campaign-sign.ts";
import { lookOf } from "./look.ts";

export interface CampaignDeskIo {
  readonly store: CampaignRowsIo["store"];
  readonly site: CampaignRowsIo["site"];
  readonly brand: BrandSetting | undefined;
  readonly agentVersion: string;
  readonly agentKey: SigningKey;
  readonly clock: Pick<Clock, "nowMs">;
  readonly history: Pick<Thread<HistoryRequests>, "ask">;
}

export type ReportVerb = (args: ArgsOf<"campaign.report">, signal: AbortSignal) => Promise<VerbOutcome>;

interface Made {
  readonly name: string;
  readonly sha256: string;
  readonly complete: boolean;
  readonly bytes: Buffer;
}

export function createCampaignDesk(io: CampaignDeskIo): { readonly report: ReportVerb } {
  const kept = keptDocuments<Made & { readonly key: string }>();
  return {
    async report(args, signal) {
      const { offset } = args;
      const again = args.made === undefined ? undefined : kept.find(args.made);
      if (args.made !== undefined && again === undefined)
        return { ok: false, code: "notFound", message: "that report is not at hand any more: ask from its beginning" };
      const made = again ?? (await make(args, io, signal));
      if ("why" in made) return { ok: false, code: "notFound", message: made.why };
      const { name, sha256, complete, bytes } = made;
      kept.keep({ key: sha256, name, sha256, complete, bytes });
      return { ok: true, result: { schema: "groundswell.report-piece/1", name, sha256, complete, ...pieceOf(bytes, offset) } };
    },
  };
}

async function make(
  { campaign, wave, form }: ArgsOf<"campaign.report">,
  io: CampaignDeskIo,
  signal: AbortSignal,
): Promise<Made | { readonly why: string }> {
  const { store, site, brand, agentVersion, agentKey, history } = io;
  const id = campaign === undefined ? store.campaigns.list(1)[0]?.id : parseCampaignId(campaign);
  if (campaign === undefined && id === undefined) return { why: "There is no campaign yet" };
  const rows = { store, site, agentVersion, ...(brand === undefined ? {} : { partner: brand.name }) };
  const input = id === undefined ? undefined : await gatherReport(id, wave, { ...rows, nowMs: io.clock.nowMs() });
  if (input === undefined) return { why: `No campaign "${campaign}"` };
  const waves = input.plan.waves.length;
  if (wave !== undefined && wave > waves) return { why: `No wave ${wave} in campaign "${input.campaign.id}": it has ${waves}` };
  const report = await history.ask("campaignReport", input, signal);
  if (report.campaign !== id) throw new Bug("the report is of another campaign");
  const bytes = form === "pdf" ? await pdfOf(report, io, signal) : Buffer.from(await signReport(report, agentKey));
  const name = `campaign-${site.id}-${id}${wave === undefined ? "" : `-wave-${wave}`}.${form}`;
  return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex"), complete: report.complete };
}

async function pdfOf(report: CampaignReport, { brand, history }: CampaignDeskIo, signal: AbortSignal): Promise<Buffer> {
  const look = await lookOf(brand);
  return Buffer.from(await history.ask("campaignPdf", { report, ...(look === undefined ? {} : { look }) }, signal));
}
