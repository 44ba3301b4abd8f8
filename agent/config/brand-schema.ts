/**
 * How the agent looks to customers: the partner's name, logo and colours. Without it everything is neutral. One declaration for type,
 * check and documentation.
 */
import * as z from "zod";
import { name, path } from "./basics.ts";
import { contrastOf } from "./contrast.ts";
import { error, type Related } from "./related.ts";

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, "expected a colour such as #0B5FFF");

export const brandSchema = z.strictObject({
  /** Of the partner, as customers know it. */
  name,
  /** PNG or JPEG; shown small, on the primary colour. */
  logoFile: path.optional(),
  /** Of the band at the head of a report. Colours of states are fixed. */
  colours: z.strictObject({ primary: colour, onPrimary: colour }).default({ primary: "#1f2328", onPrimary: "#ffffff" }),
  /** On every page of a report. */
  footer: z.string().trim().min(1).max(120).optional(),
});
export type BrandSetting = z.infer<typeof brandSchema>;

/** Text of ordinary size. Source: WCAG 2.2, success criterion 1.4.3. */
const CONTRAST_MIN = 4.5;

/** What is written on the primary colour must be readable. */
export function brandRelations({ brand }: { readonly brand?: BrandSetting | undefined }): Related[] {
  if (brand === undefined) return [];
  const { primary, onPrimary } = brand.colours;
  const contrast = contrastOf(primary, onPrimary);
  if (contrast >= CONTRAST_MIN) return [];
  const seen = `${(Math.floor(contrast * 10) / 10).toFixed(1)} to 1`;
  return [
    error(["brand", "colours"], `"${onPrimary}" on "${primary}" has a contrast of ${seen}: at least ${CONTRAST_MIN} to 1 can be read`),
  ];
}
