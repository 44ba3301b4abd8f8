/** The PDF is taken apart again: pages, and the words on each. Its looks were judged by eye. */
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { renderReport } from "../../../agent/reports/pdf.ts";
import type { Report, Section } from "../../../agent/reports/report-shape.ts";

const COLUMNS: Section["columns"] = [
  { title: "Name", share: 2 },
  { title: "Evidence", share: 3, small: true },
  { title: "Coverage", share: 1 },
];

const report = ({ columns, rows, empty, ...changes }: Partial<Report & Section> = {}): Report => ({
  title: "Coverage, November 2026",
  subtitle: "Contoso AG, Zürich",
  author: "Groundswell",
  madeAtMs: Date.UTC(2026, 11, 1, 3),
  facts: [["Devices", "400"]],
  notes: ["One sentence."],
  sections: [
    {
      columns: columns ?? COLUMNS,
      rows: rows ?? [["zh-p-1", "seen by the switch", { state: "good", text: "covered" }]],
      empty: empty ?? "Nothing was seen.",
    },
  ],
  footer: "Checked by hand",
  ...changes,
});

/** The texts of each page, in the order they are drawn. */
async function pagesOf(given: Report): Promise<readonly (readonly string[])[]> {
  const file = (await renderReport(given)).toString("latin1");
  const streams = [...file.matchAll(/\/Filter \/FlateDecode\n>>\nstream\n([\s\S]*?)\nendstream/g)];
  return streams.map(([, packed = ""]) => {
    const drawn = inflateSync(Buffer.from(packed, "latin1")).toString("latin1");
    return [...drawn.matchAll(/\[([^\]]*)\] TJ/g)].map(([, parts = ""]) =>
      [...parts.matchAll(/<([0-9a-f]+)>/g)].map(([, hex = ""]) => new TextDecoder("windows-1252").decode(Buffer.from(hex, "hex"))).join(""),
    );
  });
}

test("renderReport(): title, facts, notes, the row and the page's number", async () => {
  const [page, ...more] = await pagesOf(report());
  expect(more).toEqual([]);
  for (const text of [
    "Coverage, November 2026",
    "Contoso AG, Zürich",
    "Devices",
    "400",
    "One sentence.",
    "zh-p-1",
    "covered",
    "Page 1 of 1",
  ])
    expect(page).toContain(text);
});

test("renderReport(): 400 rows go over pages, each with the header row and its number; every row is there once", async () => {
  const rows = Array.from({ length: 400 }, (_, i) => [`phone ${i}`, `port ${i}`, "covered"]);
  const pages = await pagesOf(report({ rows }));
  expect(pages.length).toBeGreaterThan(10);
  for (const [at, page] of pages.entries()) {
    expect(page).toEqual(expect.arrayContaining(["Name", "Evidence", "Coverage", `Page ${at + 1} of ${pages.length}`]));
  }
  const drawn = pages.flat().filter((text) => text.startsWith("phone "));
  expect(drawn).toEqual(rows.map(([name]) => name));
});

test("renderReport(): a long name is cut in its column; a long sentence goes over as many lines as it takes, every word once", async () => {
  const sentence = Array.from({ length: 120 }, (_, at) => `word${at}`);
  const [page = []] = await pagesOf(report({ rows: [["x".repeat(300), sentence.join(" "), "covered"]] }));
  expect(page.filter((text) => /^x+…$/.test(text))).toHaveLength(1);
  const lines = page.filter((text) => text.startsWith("word"));
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.flatMap((line) => line.split(" "))).toEqual(sentence);
});

test("renderReport(): a sentence without an end is cut, and says so", async () => {
  const [page = []] = await pagesOf(report({ rows: [["p", "one word after another ".repeat(400), "covered"]] }));
  const lines = page.filter((text) => text.includes("after") || text.includes("another"));
  expect(lines.length).toBeLessThan(20);
  expect(lines.at(-1)).toMatch(/…$/);
});

test("renderReport(): rows of several lines go over pages whole; a table that goes on says what it is", async () => {
  const rows = Array.from({ length: 60 }, (_, at) => [`phone ${at}`, `begin${at} ${"and a word more ".repeat(30)} end${at}`, "covered"]);
  const pages = await pagesOf(report({ sections: [{ title: "Devices", columns: COLUMNS, rows, empty: "" }] }));
  expect(pages.length).toBeGreaterThan(3);
  for (const page of pages.slice(1)) expect(page).toContain("Devices, continued");
  for (let at = 0; at < 60; at++) {
    const on = (word: string): number => pages.findIndex((page) => page.some((text) => text.split(" ").includes(word)));
    expect(on(`begin${at}`)).toBeGreaterThanOrEqual(0);
    expect(on(`end${at}`)).toBe(on(`begin${at}`));
  }
});

test("renderReport(): a column that says nothing is left out", async () => {
  const [page = []] = await pagesOf(report({ rows: [["p", "", "covered"]] }));
  expect(page).toEqual(expect.arrayContaining(["Name", "Coverage"]));
  expect(page).not.toContain("Evidence");
});

test("renderReport(): letters the fonts lack are written plainly, controls are blanks", async () => {
  const [page = []] = await pagesOf(report({ rows: [["Łódź Ćwik €", "a\u0000b\nc 会", "covered"]] }));
  expect(page).toContain("Lódz Cwik €");
  expect(page).toContain("a?b c ?");
});

test("renderReport(): no rows say so; the date is the agent's", async () => {
  expect((await pagesOf(report({ rows: [] })))[0]).toContain("Nothing was seen.");
  expect((await renderReport(report())).toString("latin1")).toContain("(D:20261201030000Z)");
});

test("renderReport(): sections follow one another with title and notes, and no title is the last of its page", async () => {
  const section = (title: string, count: number): Section => ({
    ...{ title, notes: [`About ${title}.`], columns: COLUMNS, empty: `No row of ${title}.` },
    rows: Array.from({ length: count }, (_, i) => [`${title} ${i}`, "", "covered"]),
  });
  for (let first = 10; first < 30; first++) {
    const pages = await pagesOf(report({ sections: [section("Waves", first), section("Gates", 2), section("Empty", 0)] }));
    const [waves = -1, gates = -1, empty = -1] = ["Waves", "Gates", "Empty"].map((title) =>
      pages.findIndex((page) => page.includes(title)),
    );
    expect([waves, gates >= waves, empty >= gates]).toEqual([0, true, true]);
    expect(pages[gates]).toEqual(expect.arrayContaining(["About Gates.", "Gates 0"]));
    expect(pages[empty]).toContain("No row of Empty.");
    expect(pages.flat().filter((text) => /^Waves \d/.test(text))).toHaveLength(first);
  }
});

/** One red point. */
const DOT = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");

test("renderReport(): a brand gives its name at the head, its footer on every page and its logo; a broken logo is left out", async () => {
  const look = { name: "Northwind Managed Voice", primary: "#0B5FFF", onPrimary: "#FFFFFF", footer: "Service by Northwind" };
  const rows = Array.from({ length: 60 }, (_, i) => [`phone ${i}`, `port ${i}`, "covered"]);
  const pages = await pagesOf(report({ look, rows }));
  expect(pages.length).toBeGreaterThan(1);
  expect(pages[0]?.[0]).toBe("Northwind Managed Voice");
  for (const page of pages) expect(page).toEqual(expect.arrayContaining(["Checked by hand", "Service by Northwind"]));
  const isDrawn = async (logo: Uint8Array) =>
    (await renderReport(report({ look: { ...look, logo } }))).toString("latin1").includes("/Subtype /Image");
  expect(await isDrawn(DOT)).toBe(true);
  expect(await isDrawn(DOT.subarray(0, 20))).toBe(false);
  expect((await pagesOf(report()))[0]?.[0]).toBe("Coverage, November 2026");
});
