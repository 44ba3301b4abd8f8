import fc from "fast-check";
import { expect, test } from "vitest";
import { displayWidth } from "../../../agent/cli/output.ts";
import { fitted, reportText } from "../../../agent/cli/report-text.ts";
import { reportForPeople } from "../../../agent/reports/campaign-report.ts";
import { campaignStory } from "../reports/campaign-kit.ts";

test("fitted(): sentences give way until all fits, none below its least, and nothing where there is room", () => {
  const column = fc.record({ natural: fc.integer({ min: 1, max: 80 }), least: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 200 }), (columns, room) => {
      const widths = fitted(columns, room);
      const sum = widths.reduce((all, one) => all + one, 0);
      for (const [i, { natural, least }] of columns.entries()) {
        expect(widths[i]).toBeLessThanOrEqual(natural);
        expect(widths[i]).toBeGreaterThanOrEqual(Math.min(natural, least));
      }
      if (columns.reduce((all, { natural }) => all + natural, 0) <= room) expect(widths).toEqual(columns.map(({ natural }) => natural));
      else if (sum > room) expect(widths).toEqual(columns.map(({ natural, least }) => Math.min(natural, least)));
      else expect(sum).toBe(room);
    }),
  );
});

test("reportText(): a report reads in 120 columns, with shape and word for every state, and drives no terminal", async () => {
  const device = (number: number) => ({ name: number === 4 ? "evil\u001b[2Jname" : `Gemeinschaftsbüro Süd-Öst, Schreibtisch ${number}` });
  const story = await campaignStory({ phones: 8, device, fates: Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((one) => [one, "lost"])) });
  const text = reportText(reportForPeople(await story.report(), "notable"), { width: 120, colour: false });
  const [, ...tables] = text.split("Waves\n");
  for (const line of tables.join("").split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(120);
  expect(text).toContain("■ fail");
  expect(text).toContain("■ lost");
  expect(text).toMatch(/WAVE {2}STATE/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});
