/**
 * Parts of downloads that nobody wants any more: kept for a while, in case somebody asks again, and not for ever.
 */
import { rmSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import { validatorPath } from "./validator.ts";

/** A holiday, or a line that is mended in the week after. Judgement. */
export const PART_KEPT_MS: Ms = 14 * DAY;
/** A dozen images, or one package of a video system. Judgement: what is fetched again costs the uplink, what lies here only disk. */
export const PARTS_KEPT_BYTES = 1024 ** 3;

export interface Part {
  readonly name: string;
  readonly bytes: number;
  /** When the last byte came. */
  readonly touchedAtMs: Ms;
}

/** `old`: nothing came for `PART_KEPT_MS`. `room`: younger ones take all that may be kept. */
export interface DroppedPart extends Part {
  readonly why: "old" | "room";
}

/** Which of the parts that nobody wants go: the old, and of the rest the longest untouched that do not fit. Pure. */
export function choosePartsToDrop(unwanted: readonly Part[], nowMs: Ms): readonly DroppedPart[] {
  let keptBytes = 0;
  return unwanted
    .toSorted((a, b) => b.touchedAtMs - a.touchedAtMs)
    .flatMap((part): DroppedPart[] => {
      if (nowMs - part.touchedAtMs > PART_KEPT_MS) return [{ ...part, why: "old" }];
      if (keptBytes + part.bytes > PARTS_KEPT_BYTES) return [{ ...part, why: "room" }];
      keptBytes += part.bytes;
      return [];
    });
}

/**
 * Removes them from a folder of parts, each with its ETag.
 * @param isWanted  asked again right before a part goes: a download may have begun meanwhile
 * @param nowMs  on the wall, as the times of files are
 * @returns what went. Rejects where the folder cannot be read.
 */
export async function dropAgedParts(folder: string, isWanted: (name: string) => boolean, nowMs: Ms): Promise<readonly DroppedPart[]> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith(validatorPath("")) && !isWanted(name));
  const parts: Part[] = [];
  for (const name of names) {
    // One that is gone by now was taken in.
    const facts = await stat(join(folder, name)).catch(() => undefined);
    if (facts?.isFile() === true) parts.push({ name, bytes: facts.size, touchedAtMs: facts.mtimeMs });
  }
  const dropped: DroppedPart[] = [];
  for (const part of choosePartsToDrop(parts, nowMs)) {
    if (isWanted(part.name)) continue;
    // In one go: whoever begins to fetch it after this line finds nothing, and begins anew.
    rmSync(join(folder, part.name), { force: true });
    rmSync(validatorPath(join(folder, part.name)), { force: true });
    dropped.push(part);
  }
  return dropped;
}
