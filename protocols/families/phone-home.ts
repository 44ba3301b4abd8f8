/**
 * The home page of a phone's web server: who it is and what runs. Pure. Source: protocols/uc-phones.md 2 and 5.
 */
import type { DeviceFacts } from "../core/device.ts";
import { fail, ok, type Result, type Transport } from "../core/fault.ts";
import { parseMac } from "../core/ids.ts";
import { phoneVersionIn, type Version } from "../core/version.ts";
import { familyOfModel, normaliseModel, vendorOf } from "./models.ts";

/** A real page is under 64 KB; what stands behind this is not read. */
const PAGE_CHARS = 256 * 1024;
const CELL_CHARS = 120;

/** One piece of text and the tag before it. */
interface Cell {
  readonly tag: string;
  readonly text: string;
}

/**
 * Model, part number with revision, MAC and running version. The cells have names on the builds that were seen; elsewhere a
 * cell is taken for what its form says.
 *
 * @returns `garbled` where neither model, part number nor version stands in it: a log-in page, somebody else's page
 */
export function decodeHomePage(body: Buffer, via: Transport): Result<DeviceFacts> {
  const cells = cellsOf(body.toString("utf8", 0, PAGE_CHARS));
  const named = (name: string): string | undefined => cells.find(({ tag, text }) => tag.includes(name) && text !== "")?.text;
  const stated = named("phoneModelInformationTd") ?? cells.find(({ text }) => familyOfModel(text) !== undefined)?.text;
  const model = stated === undefined ? undefined : normaliseModel(stated);
  const running = phoneVersionIn(named("UCS_software_version") ?? "") ?? onlyVersion(cells);
  const part = cells
    .map(({ text }) => /(?<!\d)(\d{4}-\d{5}-\d{3})(?!\d)(?:\s*Rev:\s*(\w{1,4}))?/.exec(text))
    .find((match) => match !== null);
  if (model === undefined && part === undefined && running === undefined) return fail({ kind: "garbled", via, wanted: "the home page" });
  const mac = cells.map(({ text }) => parseMac(text)).find((found) => found !== undefined);
  const family = familyOfModel(model ?? "");
  const vendor = vendorOf(stated ?? "");
  return ok({
    ...(family === undefined ? {} : { family }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model }),
    ...(part?.[1] === undefined ? {} : { partNumber: part[1] }),
    ...(part?.[2] === undefined ? {} : { revision: part[2] }),
    // The serial number of a phone is its MAC.
    ...(mac === undefined ? {} : { mac, serial: mac }),
    ...(running === undefined ? {} : { running: { application: running } }),
  });
}

function cellsOf(page: string): readonly Cell[] {
  return page.split("<").flatMap((piece) => {
    const end = piece.indexOf(">");
    const text = piece
      .slice(end + 1)
      .replaceAll("&nbsp;", " ")
      .trim();
    return text.length > CELL_CHARS ? [] : [{ tag: piece.slice(0, Math.max(end, 0)).slice(0, 2 * CELL_CHARS), text }];
  });
}

/** A number of the program that starts the phone, or the label before it. */
const STARTER = /updater|boot/i;

/** Without a name on the cell a second number makes it unsaid which one runs. */
function onlyVersion(cells: readonly Cell[]): Version | undefined {
  const texts = cells.filter(({ text }) => text !== "").map(({ text }) => text);
  const found = new Set(
    texts.flatMap((text, at) => (STARTER.test(text) || STARTER.test(texts[at - 1] ?? "") ? [] : (phoneVersionIn(text) ?? []))),
  );
  return found.size === 1 ? [...found][0] : undefined;
}
