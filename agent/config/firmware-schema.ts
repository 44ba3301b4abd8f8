/**
 * Sources of firmware beside the channel, as the settings name them.
 */
import * as z from "zod";
import { duration } from "../../firmware/waves/policy.ts";
import { DAY, HOUR, SECOND } from "../../protocols/core/time.ts";
import { bytes } from "./bytes.ts";

const path = z.string().min(1).max(4096);
const webUrl = z.url({ protocol: /^https?$/, error: "expected an address such as https://example.net/path" });
const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  context.addIssue({ code: "custom", message: `expected a server such as https://images.example.net, got "${text}"` });
  return z.NEVER;
});

export const firmwareSchema = z.strictObject({
  sources: z
    .strictObject({
      /** A folder files are dropped into by hand; what lies there waits for a person. */
      folder: z.strictObject({ folder: path, every: duration({ min: "10s", max: "1d" }).default(30 * SECOND) }).optional(),
      /** A portal that speaks docs/portal.md. */
      portal: z
        .strictObject({
          url: webUrl,
          user: z.string().trim().min(1).max(128),
          passwordFile: path,
          /** Roots in place of the system's. */
          caFile: path.optional(),
          every: duration({ min: "5m", max: "7d" }).default(6 * HOUR),
        })
        .optional(),
      /** What phones call `upgrade.plcm.server.url`: a folder with `ucs.xml`, or the file itself. */
      vendorCatalogue: z
        .strictObject({
          url: webUrl,
          caFile: path.optional(),
          /** Servers that images may lie on besides the catalogue's own. */
          origins: z.array(origin).max(20).default([]),
          every: duration({ min: "5m", max: "7d" }).default(DAY),
        })
        .optional(),
      /** Versions that Lens offers for the models here; uses the section `lens`. */
      lens: z.strictObject({ every: duration({ min: "15m", max: "7d" }).default(DAY) }).optional(),
    })
    .prefault({}),
  /** What was fetched and waits for a person may use so much of the disk. */
  quarantineBudgetBytes: bytes(1_000_000).default(10_000_000_000),
});
