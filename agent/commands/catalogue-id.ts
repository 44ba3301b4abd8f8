import * as z from "zod";

/** Turns one of our id parsers into a schema. */
export function id<T>(parse: (text: string) => T | undefined, wanted: string) {
  return z
    .string()
    .max(120)
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: `is not ${wanted}` });
      return z.NEVER;
    });
}
