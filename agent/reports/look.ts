/** The partner's look of a report, read when one is made: a new logo needs no restart. */
import { readFile, stat } from "node:fs/promises";
import type { BrandSetting } from "../config/brand-schema.ts";
import type { BrandLook } from "./report-shape.ts";

/** A logo for print is some tens of kilobytes. */
const LOGO_BYTES_MAX = 1024 * 1024;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

/** `undefined` without a brand. A logo that is not there, too large or no picture is left out: a report never waits for it. */
export async function lookOf(brand: BrandSetting | undefined): Promise<BrandLook | undefined> {
  if (brand === undefined) return undefined;
  const { name, colours, footer, logoFile } = brand;
  const logo = logoFile === undefined ? undefined : await logoOf(logoFile);
  return { name, ...colours, ...(footer === undefined ? {} : { footer }), ...(logo === undefined ? {} : { logo }) };
}

async function logoOf(path: string): Promise<Uint8Array | undefined> {
  const size = await stat(path).then(
    (file) => file.size,
    () => Number.POSITIVE_INFINITY,
  );
  if (size > LOGO_BYTES_MAX) return undefined;
  const bytes = await readFile(path).catch(() => undefined);
  const isPicture = bytes !== undefined && [PNG, JPEG].some((head) => bytes.subarray(0, head.length).equals(head));
  return isPicture ? bytes : undefined;
}
