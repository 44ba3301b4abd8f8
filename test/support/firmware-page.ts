/** Makes the tables of `docs/firmware.md` from the data themselves, and keeps the text around them; with `--write` it writes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rangeText } from "../../firmware/advisories/affected.ts";
import { ADVISORIES, REACH } from "../../firmware/advisories/known.ts";
import { HARDWARE, type Sourced } from "../../firmware/catalogue/hardware.ts";
import { DOUBTS, STONES, type Stone } from "../../firmware/catalogue/stones.ts";
import { HELD, HELD_CODES } from "../../firmware/held.ts";
import { PART_NUMBERS } from "../../protocols/families/part-numbers.ts";

export const FIRMWARE_PAGE = join(import.meta.dirname, "../../docs/firmware.md");

/** Each table stands between two lines that name it; the rest is written by hand. */
const TABLES: Readonly<Record<string, () => readonly string[]>> = {
  hardware: () =>
    table(
      ["Line", "Models", "Seen", "Ends at", "Going back", "Source"],
      HARDWARE.map(({ title, models, seen, last, back, updatedBy, ...sourced }) => [
        updatedBy === undefined ? title : `${title}: updated by ${updatedBy}`,
        models.join(", "),
        seen,
        last === undefined ? "" : `${last.says} ${said(last)}`,
        back === undefined ? "" : `${back.says} ${said(back)}`,
        said(sourced),
      ]),
    ),
  stones: () =>
    table(
      ["Who", "Wants", "Needs first", "Why", "Source"],
      STONES.map((stone) => [whoText(stone), wantsText(stone), stone.first, stone.why, said(stone)]),
    ),
  doubts: () =>
    table(
      ["Who", "Wants", "Mind", "Source"],
      DOUBTS.map((doubt) => [
        `${namesText(doubt.models)}${doubt.running === undefined ? "" : ` running ${ends(doubt.running)}`}`,
        wantsText(doubt),
        doubt.says,
        said(doubt),
      ]),
    ),
  parts: () =>
    table(
      ["Part number", "Model"],
      Object.entries(PART_NUMBERS).map(([partNumber, model]) => [`\`${partNumber}\``, model]),
    ),
  held: () =>
    table(
      ["Code", "Means", "Lifted by"],
      HELD_CODES.map((code) => [`\`${code}\``, HELD[code].means, HELD[code].lifts]),
    ),
  advisories: () =>
    table(
      ["Advisory", "What", "Models", "Versions", "Fixed in", "Reachable when", "Source"],
      ADVISORIES.flatMap(({ id, also, title, affects, reach }) =>
        affects.map((one) => [
          [id, ...also].join(", "),
          title,
          one.models.join(", "),
          rangeText(one.versions),
          one.fixedIn ?? "",
          reach.map((way) => REACH[way]).join(" and "),
          said(one),
        ]),
      ),
    ),
};
export const TABLE_NAMES = Object.keys(TABLES);

/** The page as it has to be, from the page as it is. */
export function renderFirmwarePage(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, make]) => {
    const [begin, end] = [`<!-- Table ${name}: made by \`npm run catalogue\`. -->`, `<!-- End of ${name}. -->`];
    const [before, after] = [text.indexOf(begin), text.indexOf(end)];
    if (before < 0 || after < before) throw new Error(`docs/firmware.md has lost the marks of its table "${name}"`);
    return `${text.slice(0, before)}${begin}\n\n${make().join("\n")}\n\n${text.slice(after)}`;
  }, page);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), `|${titles.map(() => "---").join("|")}|`, ...rows.map(line)];
}

const said = ({ mark, source }: Sourced): string => `*${mark}*: ${source}`;

function whoText({ models, running, updater, unread, floor }: Stone): string {
  const when = [
    running === undefined ? "" : `running ${ends(running)}`,
    updater === undefined ? "" : `with an Updater ${ends(updater)}`,
    unread === undefined ? "" : `with an unknown Updater and running ${ends(unread)}`,
  ].filter((text) => text !== "");
  return `${namesText(models)} ${when.join(", or ")}${floor === undefined ? "" : `, as long as its Updater is below ${floor} or unknown`}`;
}

const namesText = (models: readonly string[]): string => models.map((name) => name.replace(/ ?\*$/, "")).join(", ");
const wantsText = ({ to }: Pick<Stone, "to">): string => `${to.kind === "updater" ? "Updater" : "application"} ${ends(to)}`.trimEnd();
const ends = ({ min, below }: { readonly min?: string; readonly below?: string }): string =>
  [min === undefined ? "" : `${min} or later`, below === undefined ? "" : `before ${below}`].filter((text) => text !== "").join(", ");

export const readFirmwarePage = (): string => readFileSync(FIRMWARE_PAGE, "utf8");

if (process.argv.includes("--write")) writeFileSync(FIRMWARE_PAGE, renderFirmwarePage(readFirmwarePage()));
