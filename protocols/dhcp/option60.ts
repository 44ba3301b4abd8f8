/**
 * What a phone says of itself in DHCP's vendor class, option 60: as text or as RFC 3925 sub-options. Pure.
 * Source: protocols/provisioning.md 2 (SIP 3.1 Administrator's Guide; UCS 5.9.0 guide; recog dhcp_vendor_class).
 */
import type { DeviceFacts } from "../core/device.ts";
import { parseVersion, type Version } from "../core/version.ts";
import { familyOfModel, normaliseModel, vendorOf } from "../families/models.ts";
import { withModelOfPart } from "../families/part-numbers.ts";

const OPTION_CODE = 60;
/** Polycom's enterprise number, 13885, in four octets. */
const ENTERPRISE = Buffer.from("0000363d", "hex");
/** An option holds at most 255 octets, and two before it. */
const OPTION_BYTES_MAX = 257;
const SUB_OPTION = { company: 1, model: 2, partNumber: 3, application: 4, updater: 5 } as const;
/** Printable text; a class of ours has no other characters. */
const TEXT = /^[\x20-\x7e]{2,255}$/;
const PART_NUMBER = /^(\d{4}-\d{5}-\d{3})(?:,\s*([0-9A-Za-z]{1,8}))?$/;
const SOFTWARE = /^(SIP|BR|UP)\/([^/]*)/i;

/**
 * Reads option 60 as hex digits (blanks, colons and dashes between them are passed over), with or without the option's own code
 * and length before it; or as the plain text a server's log prints.
 *
 * @returns the facts stated; `{}` where the text is not of one of our devices
 */
export function parseOption60(input: string): DeviceFacts {
  const text = input.trim();
  const hex = text.replaceAll(/[\s:-]/g, "");
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) return TEXT.test(text) ? readText(text) : {};
  if (hex.length > 2 * OPTION_BYTES_MAX) return {};
  const bytes = withoutHead(Buffer.from(hex, "hex"));
  return bytes.subarray(0, ENTERPRISE.length).equals(ENTERPRISE) ? readSubOptions(bytes) : readText(bytes.toString("latin1"));
}

/** The option's code and length, where both are there and the length is right; DHCP's end option may follow. */
function withoutHead(bytes: Buffer): Buffer {
  const length = bytes[1];
  if (bytes[0] !== OPTION_CODE || length === undefined || bytes.length < 2 + length) return bytes;
  return bytes.subarray(2, 2 + length);
}

/** `Polycom-VVX411`, `Polycom-SSIP6000`, `Poly-VVX-D230`. */
function readText(text: string): DeviceFacts {
  const name = text.replace(/[\0\xff]+$/, "").trim();
  const vendor = vendorOf(name);
  const family = familyOfModel(name);
  if (vendor === undefined || !TEXT.test(name)) return {};
  return { vendor, ...(family === undefined ? {} : { family }), model: normaliseModel(name) };
}

/**
 * Enterprise number, one length for all sub-options, then code, length and text of each. The guide's own sample ends with `FF`
 * outside the declared length: it is taken or left. What is cut off is read as far as it goes.
 */
function readSubOptions(bytes: Buffer): DeviceFacts {
  const declared = bytes[ENTERPRISE.length] ?? 0;
  const body = bytes.subarray(ENTERPRISE.length + 1, ENTERPRISE.length + 1 + declared);
  const texts = new Map<number, string>();
  for (let at = 0; at + 1 < body.length; ) {
    const code = body[at] as number;
    const length = body[at + 1] as number;
    if (code === 0xff) break;
    if (!texts.has(code)) texts.set(code, body.toString("latin1", at + 2, at + 2 + length).trim());
    at += 2 + length;
  }
  const vendor = vendorOf(texts.get(SUB_OPTION.company) ?? "");
  const modelText = texts.get(SUB_OPTION.model) ?? "";
  const family = familyOfModel(modelText);
  const [, partNumber, revision] = PART_NUMBER.exec(texts.get(SUB_OPTION.partNumber) ?? "") ?? [];
  const { application, updater } = runningIn(texts);
  return withModelOfPart({
    ...(vendor === undefined ? {} : { vendor }),
    ...(family === undefined ? {} : { family }),
    ...(TEXT.test(modelText) ? { model: normaliseModel(modelText) } : {}),
    ...(partNumber === undefined ? {} : { partNumber }),
    ...(revision === undefined ? {} : { revision }),
    ...(application === undefined && updater === undefined
      ? {}
      : { running: { ...(application === undefined ? {} : { application }), ...(updater === undefined ? {} : { updater }) } }),
  });
}

/** While the BootROM runs it states its own text in both places: then nothing is known of the application. */
function runningIn(texts: ReadonlyMap<number, string>): { application?: Version; updater?: Version } {
  const found: { application?: Version; updater?: Version } = {};
  for (const code of [SUB_OPTION.application, SUB_OPTION.updater]) {
    const [, program = "", stated = ""] = SOFTWARE.exec(texts.get(code) ?? "") ?? [];
    const version = parseVersion(stated)?.text;
    if (version !== undefined) found[program.toUpperCase() === "SIP" ? "application" : "updater"] ??= version;
  }
  return found;
}
