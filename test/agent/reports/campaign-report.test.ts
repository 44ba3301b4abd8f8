import { expect, test } from "vitest";
import { reportForPeople } from "../../../agent/reports/campaign-report.ts";
import { renderReport } from "../../../agent/reports/pdf.ts";
import type { Cell } from "../../../agent/reports/report-shape.ts";
import { campaignStory } from "./campaign-kit.ts";

const textOf = (cell: Cell | undefined): string => (typeof cell === "string" ? cell : (cell?.text ?? ""));

test("reportForPeople(): facts in words, waves with their proof, every device in the PDF, only notable ones in the text", async () => {
  const report = await (await campaignStory({ phones: 8, fates: { 3: "skipped" } })).report();
  const whole = reportForPeople(report, "all");
  expect(whole.title).toBe("Campaign report, UC Software 6.4.8");
  expect(Object.fromEntries(whole.facts)).toMatchObject({
    Campaign: `${report.campaign}: completed`,
    Devices: "8 planned: 7 updated, 1 left out",
    Bytes: "700 MB to devices in 7 images, 800 MB foretold; 100 MB over the uplink foretold; 700 MB were sent in all",
    Started: "2026-11-22 20:00 by doe",
  });
  const section = (title: string, of = whole) => of.sections.find((one) => one.title?.startsWith(title));
  expect(section("Devices")?.rows).toHaveLength(8);
  expect(section("Devices", reportForPeople(report, "notable"))?.rows.map(([name]) => name)).toEqual(["Phone 3"]);
  expect(textOf(section("Waves")?.rows[0]?.[7])).toBe("1 clean device: a failure rate above 95 % is ruled out");
  expect(section("Gates of wave 1")?.rows.map((row) => textOf(row[1]))).toContain("pass");
  expect(section("Health before and after")?.rows[0]?.slice(2)).toEqual(["registered lines", "1", "1", "1", "5", "1", "1"]);
  expect(section("Who did what")?.rows[0]).toEqual(["2026-11-22 20:00", "anna", "approved", "", ""]);
  expect(whole.notes).toEqual([]);
});

test("reportForPeople(): a rollback is titled as one and names what it takes back; planned outages are told; what all prove is said once", async () => {
  const report = await (await campaignStory({ phones: 8, fates: { 3: "skipped" } })).report();
  const outages = [{ domain: "floor:3", devices: 8, keeps: 0, usually: 4 }];
  const nothing = { model: "VVX 450", to: "6.4.6", clean: 0, lost: 0, words: "no updated device: nothing is proven", plannedWords: "" };
  const waves = report.waves.map((wave) => ({ ...wave, proof: [nothing, { ...nothing, model: "VVX 250" }] }));
  const shown = reportForPeople({ ...report, rollback: "c-0011223344", outages, waves }, "all");
  expect(shown.title).toBe("Rollback report, back from UC Software 6.4.8");
  expect(Object.fromEntries(shown.facts)).toMatchObject({
    "Takes back": "campaign c-0011223344",
    "Planned outages": "floor:3: 0 of 8 stayed up at the least, not 4",
  });
  expect(textOf(shown.sections.find(({ title }) => title === "Waves")?.rows[0]?.[7])).toBe(nothing.words);
  expect(reportForPeople(report, "all").facts.map(([name]) => name)).not.toContain("Planned outages");
});

test("reportForPeople(): one that goes says so far; of one wave the title names it; what speaks against a wave is listed", async () => {
  const story = await campaignStory({ phones: 8, fates: Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((one) => [one, "fellBack"])) });
  const shown = reportForPeople(await story.report(1), "all");
  expect(shown.title).toBe("Report of wave 1, UC Software 6.4.8, so far");
  expect(shown.notes).toHaveLength(1);
  const against = shown.sections.find(({ title }) => title === "What speaks against wave 1");
  expect(against?.rows.map(([gate]) => gate)).toContain("failureCount");
  expect(shown.facts.find(([name]) => name === "Campaign")?.[1]).toMatch(/: paused, gate "failureCount" holds wave 1/);
});

test.each([
  ["only planned", { phones: 3, unstarted: true }],
  ["a wave without an updated device", { phones: 3, fates: { 1: "skipped", 2: "skipped", 3: "skipped" } }],
  ["halted", { phones: 8, waves: 1, halted: true }],
] as const)("reportForPeople(): %s becomes a PDF, and every row has a cell for each column", async (_, options) => {
  const shown = reportForPeople(await (await campaignStory(options as never)).report(), "all");
  for (const { columns, rows } of shown.sections) for (const row of rows) expect(row).toHaveLength(columns.length);
  expect((await renderReport(shown)).subarray(0, 5).toString()).toBe("%PDF-");
});
