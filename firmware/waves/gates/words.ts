/** How gates count in words. Pure. */

/** What was commanded and runs the new version since. */
export const UPDATED = "updated device";

/** `1 of 3 devices runs`, `2 of 3 devices run`: the noun goes with all of them, the verb with the part. */
export function partOf(part: number, all: number, noun: string, [one, many]: readonly [one: string, many: string]): string {
  return `${part} of ${all} ${noun}${all === 1 ? "" : "s"} ${part === 1 ? one : many}`;
}
