import { expect, test } from "vitest";
import { makeKey } from "../../../agent/commands/keys.ts";
import { type BrandSetting, brandSchema } from "../../../agent/config/brand-schema.ts";
import { type CampaignDeskIo, createCampaignDesk } from "../../../agent/reports/campaign-desk.ts";
import { reportForPeople } from "../../../agent/reports/campaign-report.ts";
import { verifyReport } from "../../../agent/reports/campaign-sign.ts";
import { renderReport } from "../../../agent/reports/pdf.ts";
import type { BrandLook } from "../../../agent/reports/report-shape.ts";
import { makeReport } from "../../../firmware/waves/report.ts";
import type { CampaignReport } from "../../../firmware/waves/report-document.ts";
import type { ReportInput } from "../../../firmware/waves/report-input.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { campaignStory, type Story } from "./campaign-kit.ts";

async function deskOver({ bench }: Story, brand?: BrandSetting) {
  const asked: string[] = [];
  const threads = {
    campaignReport: async (input: ReportInput) => makeReport(structuredClone(input)),
    campaignPdf: async ({ report, look }: { report: CampaignReport; look?: BrandLook }) =>
      renderReport(reportForPeople(structuredClone(report), "all", structuredClone(look))),
  };
  const history = {
    ask: (name: keyof typeof threads, input: never) => {
      asked.push(name);
      return threads[name](input);
    },
  } as unknown as CampaignDeskIo["history"];
  const site = { id: "contoso-zh", name: "Contoso AG", environment: "production" };
  const agentKey = await makeKey();
  const { report } = createCampaignDesk({ store: bench.store, site, brand, agentVersion: "0.1.0", agentKey, clock: bench.clock, history });
  const ask = async (args: Partial<Parameters<typeof report>[0]>) =>
    report({ form: "json", offset: 0, ...args }, new AbortController().signal);
  /** Fetched piece by piece, as the command line does. */
  const fetch = async (args: Partial<Parameters<typeof report>[0]>) => {
    const pieces: Buffer[] = [];
    let made: { sha256?: string; sizeBytes?: number; name?: string } = {};
    do {
      const offset = pieces.reduce((sum, piece) => sum + piece.length, 0);
      const answer = await ask({ ...args, offset, ...(made.sha256 === undefined ? {} : { made: made.sha256 }) });
      if (!answer.ok) throw new Error(answer.message);
      const piece = answer.result as typeof made & { base64: string };
      made = piece;
      pieces.push(Buffer.from(piece.base64, "base64"));
    } while (pieces.reduce((sum, piece) => sum + piece.length, 0) < (made.sizeBytes ?? 0));
    return { name: made.name, bytes: Buffer.concat(pieces), pieces: pieces.length };
  };
  return { ask, fetch, asked, kid: agentKey.kid };
}

test("report(): the signed JSON holds by the agent's key, and not once a byte is changed", async () => {
  const story = await campaignStory({ phones: 3 });
  const desk = await deskOver(story);
  const { name, bytes } = await desk.fetch({ campaign: story.id });
  expect(name).toBe(`campaign-contoso-zh-${story.id}.json`);
  const text = bytes.toString("utf8");
  expect(await verifyReport(text, desk.kid)).toMatchObject({ ok: true, signed: { report: { campaign: story.id, complete: true } } });
  expect(await verifyReport(text.replace('"planned": 3', '"planned": 4'), desk.kid)).toMatchObject({ ok: false });
  expect(await verifyReport(text, (await makeKey()).kid)).toMatchObject({ ok: false });
});

test("report(): a long one comes in pieces of one making, whatever happens meanwhile; its PDF is one", async () => {
  const story = await campaignStory({ phones: 1_000, unstarted: true });
  const desk = await deskOver(story);
  const { bytes, pieces } = await desk.fetch({});
  expect(pieces).toBeGreaterThan(1);
  expect(desk.asked).toEqual(["campaignReport"]);
  expect((await verifyReport(bytes.toString("utf8"), undefined)).ok).toBe(true);
  const pdf = await desk.fetch({ form: "pdf", wave: 1 });
  expect(pdf.name).toBe(`campaign-contoso-zh-${story.id}-wave-1.pdf`);
  expect(pdf.bytes.subarray(0, 5).toString()).toBe("%PDF-");
});

test("report(): an unknown campaign, wave or making is refused in words, and nothing is made", async () => {
  const story = await campaignStory({ phones: 3, unstarted: true });
  const desk = await deskOver(story);
  for (const [args, words] of [
    [{ campaign: "c-0000000000" as CampaignId }, 'No campaign "c-0000000000"'],
    [{ wave: 99 }, "No wave 99"],
    [{ made: "0".repeat(64), offset: 5 }, "ask from its beginning"],
  ] as const) {
    const answer = await desk.ask(args);
    expect(answer).toMatchObject({ ok: false, code: "notFound" });
    expect(answer.ok ? "" : answer.message).toContain(words);
  }
  expect(desk.asked).toEqual([]);
});

test("report(): carries the partner's brand: its name in the signed document and in the text, its colours in the PDF; neutral without", async () => {
  const story = await campaignStory({ phones: 3 });
  const brand = brandSchema.parse({ name: "Northwind Managed Voice", colours: { primary: "#0B5FFF", onPrimary: "#FFFFFF" } });
  const desk = await deskOver(story, brand);
  const signed = await verifyReport((await desk.fetch({ campaign: story.id })).bytes.toString("utf8"), desk.kid);
  if (!signed.ok) throw new Error(signed.why);
  expect(signed.signed.report.partner).toBe("Northwind Managed Voice");
  expect(reportForPeople(signed.signed.report, "notable").subtitle).toBe("Northwind Managed Voice · Contoso AG · site contoso-zh");
  expect((await desk.fetch({ campaign: story.id, form: "pdf" })).bytes.toString("latin1")).toContain("(Northwind Managed Voice)\nendobj");
  const neutral = await deskOver(story);
  expect((await neutral.fetch({ campaign: story.id })).bytes.toString("utf8")).not.toContain('"partner"');
  expect((await neutral.fetch({ campaign: story.id, form: "pdf" })).bytes.toString("latin1")).not.toContain(
    "(Northwind Managed Voice)\nendobj",
  );
});
