/** A campaign's report as a signed file, and whether one is as it was signed, byte for byte. */
import * as z from "zod";
import { type CampaignReport, campaignReportSchema } from "../../firmware/waves/report-document.ts";
import { DETACHED, detachedTrouble, signDetached } from "../commands/detached.ts";
import { keyTextSchema, kidSchema, type SigningKey } from "../commands/keys.ts";
import { parseStrictJson } from "../commands/strict-json.ts";

export const REPORT_TYPE = "groundswell-campaign-report+jws";
/** 20,000 devices at 600 bytes, their evidence, and room. */
export const REPORT_BYTES_MAX = 32 * 1024 * 1024;

/** The file: the report, and a detached compact JWS over its JSON without blanks. */
export const signedReportSchema = z.strictObject({
  schema: z.literal("groundswell.campaign-report-signed/1"),
  report: campaignReportSchema,
  signer: z.strictObject({ kid: kidSchema, publicKey: keyTextSchema }),
  signature: z.string().regex(DETACHED),
});
export type SignedReport = z.infer<typeof signedReportSchema>;

/** The text of the file. Keys stand in the order of the schema, so that who reads it writes it the same. */
export async function signReport(unsigned: CampaignReport, key: SigningKey): Promise<string> {
  const report = campaignReportSchema.parse(unsigned);
  const signature = await signDetached(report, key, REPORT_TYPE);
  const signer = { kid: key.kid, publicKey: key.publicKey };
  return textOf({ schema: "groundswell.campaign-report-signed/1", report, signer, signature });
}

function textOf(signed: SignedReport): string {
  return `${JSON.stringify(signed, null, 1)}\n`;
}

export type ReportVerdict = { readonly ok: true; readonly signed: SignedReport } | { readonly ok: false; readonly why: string };

/** @param signer key or thumbprint that must have signed it; without it any key that the file names */
export async function verifyReport(text: string, signer: string | undefined): Promise<ReportVerdict> {
  const no = (why: string): ReportVerdict => ({ ok: false, why });
  if (Buffer.byteLength(text) > REPORT_BYTES_MAX) return no("it is longer than any report of a campaign");
  const parsed = signedReportSchema.safeParse(parseStrictJson(text, REPORT_BYTES_MAX));
  if (!parsed.success) return no("it is no report of a campaign, or one that was changed: it does not decode");
  const { report, signature, signer: by } = parsed.data;
  const kind = { type: REPORT_TYPE, bytesMax: REPORT_BYTES_MAX, noun: "a report" };
  const trouble = await detachedTrouble({ document: report, signature, signer: by }, kind);
  if (trouble !== undefined) return no(trouble);
  if (textOf(parsed.data) !== text) return no("it was changed: its text is not as it was written");
  if (signer !== undefined && signer !== by.kid && signer !== by.publicKey)
    return no(`it is signed by another key: ${by.kid}, expected ${signer}`);
  return { ok: true, signed: parsed.data };
}
