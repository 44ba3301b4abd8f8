/** Sizes in settings. */
import * as z from "zod";

const SIZE_UNITS: Readonly<Record<string, number>> = { "": 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
/** Bytes as a number or as `500MB`, `20GiB`. */
export const bytes = (min: number) =>
  z.union([z.int(), z.string()]).transform((input, context) => {
    const match = /^(\d{1,15})\s?([kMG]B|[KMG]iB)?$/.exec(String(input));
    const size = match === null ? Number.NaN : Number(match[1]) * (SIZE_UNITS[match[2] ?? ""] ?? Number.NaN);
    if (Number.isSafeInteger(size) && size >= min) return size;
    context.addIssue({ code: "custom", message: `expected at least ${min} bytes, as a number or such as "500MB", got "${input}"` });
    return z.NEVER;
  });
