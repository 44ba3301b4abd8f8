/** A device's history as one, however many answers it took: a message is bounded, a file is not. */
import * as z from "zod";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { readResult } from "./results.ts";

const pageSchema = z.looseObject({
  from: z.string(),
  to: z.string(),
  resolution: z.string(),
  stepSeconds: z.number(),
  series: z.array(z.looseObject({ reading: z.string(), points: z.array(z.unknown()) })),
  next: z.string().optional(),
});
type Page = z.infer<typeof pageSchema>;

/** All readings with 2,000 points each are some 40. */
const PAGES_MAX = 200;

/** Asks until nothing comes after it. @returns the result of `device.history` without `next` */
export async function wholeHistory(
  ask: (args: object) => Promise<{ readonly result?: unknown }>,
  { last, ...args }: { readonly [name: string]: unknown },
): Promise<object> {
  const page = async (more: object): Promise<Page> => readResult(pageSchema, (await ask({ ...args, ...more })).result);
  let { next, ...whole } = await page(last === undefined ? {} : { last });
  const { from, to } = whole;
  for (let pages = 1; next !== undefined; pages++) {
    const more: Page = await page({ from, to, after: next });
    if (pages >= PAGES_MAX || more.resolution !== whole.resolution || more.stepSeconds !== whole.stepSeconds)
      throw new CliError(
        "The history was summed up while it was read",
        EXIT.failed,
        "Ask again; --points or --reading make the answer shorter.",
      );
    whole = { ...whole, series: joined(whole.series, more.series) };
    next = more.next;
  }
  return whole;
}

/** The first of the later ones may be the rest of the last. */
function joined(series: Page["series"], more: Page["series"]): Page["series"] {
  const [last, first] = [series.at(-1), more[0]];
  if (last === undefined || first === undefined || last.reading !== first.reading) return [...series, ...more];
  return [...series.slice(0, -1), { ...last, points: [...last.points, ...first.points] }, ...more.slice(1)];
}
