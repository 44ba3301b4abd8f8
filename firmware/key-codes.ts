/**
 * For which release a key code is: a Group takes a new major release only with a key made from its serial number and the version.
 * Point releases inside the major need none, which is uncertain; a device that wants one all the same refuses the image and keeps
 * what it runs. Pure; the codes themselves never come here. Source: protocols/video.md 4.1; protocols/lens-and-portal.md 9.
 */
import { parseVersion, type Version } from "../protocols/core/version.ts";

/** A major release (`6`), or `any` where the list the code came from did not say. */
export type KeyFor = number | "any";

/** From a cell of a list: `6`, `6.2`, `6.2.2.8`; empty is `any`. `undefined` for anything else. */
export function parseKeyFor(text: string): KeyFor | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return "any";
  if (/^\d{1,3}$/.test(trimmed)) return Number(trimmed);
  const version = parseVersion(trimmed);
  return version?.comparable === true ? version.parts[0] : undefined;
}

/** Is one of these for this release? */
export function hasKeyFor(keys: readonly KeyFor[], version: Version): boolean {
  const major = parseVersion(version)?.parts[0];
  return keys.some((key) => key === "any" || (major !== undefined && key === major));
}
