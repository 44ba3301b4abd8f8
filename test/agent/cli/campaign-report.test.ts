import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeKey, type SigningKey } from "../../../agent/commands/keys.ts";
import { signReport } from "../../../agent/reports/campaign-sign.ts";
import type { CampaignReport } from "../../../firmware/waves/report-document.ts";
import { campaignStory } from "../reports/campaign-kit.ts";
import { agent, done, failed, type Said } from "./agent.ts";
import { folder } from "./kit.ts";

let kept: Promise<Sample> | undefined;

/** Made once: its rows go with the test that made it. */
function sample(): Promise<Sample> {
  kept ??= (async () => {
    const report = await (await campaignStory({ phones: 6, fates: { 3: "skipped" } })).report();
    const key = await makeKey();
    return { id: report.campaign, report, key, signed: Buffer.from(await signReport(report, key)) };
  })();
  return kept;
}

interface Sample {
  readonly id: string;
  readonly report: CampaignReport;
  readonly key: SigningKey;
  readonly signed: Buffer;
}

/** The report in so many pieces, as the agent hands it out. */
function pieces(bytes: Buffer, count: number, changes: object = {}): readonly Said[] {
  const size = Math.ceil(bytes.length / count);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const about = { name: "campaign-contoso-zh-c-1.json", sha256, sizeBytes: bytes.length, complete: true, ...changes };
  return Array.from({ length: count }, (_, i) =>
    done({ ...about, offset: i * size, base64: bytes.subarray(i * size, (i + 1) * size).toString("base64") }),
  );
}

test("campaign report: on a terminal what its PDF says; --json is the document with its schema", async () => {
  const { id, report, signed } = await sample();
  const site = await agent({ "campaign.report": pieces(signed, 1) });
  const { out, code } = await site.run(["campaign", "report", id]);
  expect(code).toBe(0);
  for (const text of ["Campaign report, UC Software 6.4.8", "6 planned: 5 updated, 1 left out", "Who did what", "Phone 3", "● passed"])
    expect(out).toContain(text);
  expect(out).not.toContain("Phone 4");
  expect((await site.run(["campaign", "report", "--wave", "2", "--json"])).json()).toEqual(report);
  expect(site.asked.map(({ args }) => args)).toEqual([
    { campaign: id, form: "json" },
    { wave: 2, form: "json" },
  ]);
});

test("campaign report --out: fetched in pieces of one making, whole or not at all, and never over a file without --force", async () => {
  const { signed } = await sample();
  const file = join(folder(), "r.json");
  const site = await agent({ "campaign.report": [...pieces(signed, 3), ...pieces(signed, 1)] });
  const first = await site.run(["campaign", "report", "--out", file]);
  expect(first).toMatchObject({ code: 0 });
  expect(readFileSync(file)).toEqual(signed);
  expect(site.asked.map(({ args }) => args["made"])).toEqual([
    undefined,
    createHash("sha256").update(signed).digest("hex"),
    expect.any(String),
  ]);
  writeFileSync(file, "mine");
  expect(await site.run(["campaign", "report", "--out", file])).toMatchObject({ code: 1, err: expect.stringContaining("it exists") });
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(await site.run(["campaign", "report", "--out", file, "--force"])).toMatchObject({ code: 0 });
  expect(readFileSync(file)).toEqual(signed);
  expect(readdirSync(join(file, ".."))).toEqual(["r.json"]);
});

test("campaign report --out FILE.pdf asks for the PDF, and one that is not over says so", async () => {
  const { id } = await sample();
  const pdf = Buffer.from("%PDF-1.3 made up");
  const site = await agent({ "campaign.report": pieces(pdf, 1, { complete: false }) });
  const file = join(folder(), "r.PDF");
  const ran = await site.run(["campaign", "report", id, "--out", file]);
  expect(ran.out).toContain("it is not over: so far");
  expect(site.asked[0]?.args).toEqual({ campaign: id, form: "pdf" });
  expect(readFileSync(file)).toEqual(pdf);
});

test("campaign report: what is unknown, another ending and --force without a file are refused in words; nothing is written", async () => {
  const { signed } = await sample();
  const site = await agent({ "campaign.report": failed("notFound", 'No campaign "c-0000000000"') });
  expect(await site.run(["campaign", "report", "c-0000000000"])).toMatchObject({ code: 3, err: expect.stringContaining("No campaign") });
  expect(await site.run(["campaign", "report", "--out", "r.txt"])).toMatchObject({ code: 2 });
  expect(await site.run(["campaign", "report", "--force"])).toMatchObject({ code: 2 });
  const gone = join(folder(), "no", "r.json");
  const made = await agent({ "campaign.report": pieces(signed, 1) });
  expect(await made.run(["campaign", "report", "--out", gone])).toMatchObject({
    code: 1,
    err: expect.stringContaining("folder does not exist"),
  });
});

test("campaign report: a piece that was spoilt on its way is found", async () => {
  const { signed } = await sample();
  const spoilt = Buffer.from(signed);
  spoilt[100] = 0;
  const [said] = pieces(spoilt, 1, { sha256: createHash("sha256").update(signed).digest("hex") });
  const site = await agent({ "campaign.report": said ?? failed("internal") });
  expect(await site.run(["campaign", "report"])).toMatchObject({ code: 1, err: expect.stringContaining("did not arrive") });
});

test("campaign verify: needs no agent; holds by the key it names or the one given, not once changed", async () => {
  const { id, key, signed } = await sample();
  const file = join(folder(), "r.json");
  writeFileSync(file, signed);
  const site = await agent({});
  expect(await site.run(["campaign", "verify", file])).toMatchObject({ code: 0, out: expect.stringContaining("as it was signed") });
  expect((await site.run(["campaign", "verify", file, "--signer", key.kid, "--json"])).json()).toMatchObject({ ok: true, campaign: id });
  expect(await site.run(["campaign", "verify", file, "--signer", (await makeKey()).kid])).toMatchObject({ code: 1 });
  writeFileSync(file, signed.toString("utf8").replace("Phone 3", "Phone 9"));
  expect(await site.run(["campaign", "verify", file])).toMatchObject({ code: 1, err: expect.stringContaining("does not hold") });
  expect(site.asked).toEqual([]);
});
