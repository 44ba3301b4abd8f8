/**
 * Option 60 as a lease file holds it, in the form its reader takes. Pure.
 */

/** An option's longest value. Source: RFC 2132, 2. */
const BYTES_MAX = 255;

/** Bytes, one a character, as they are where all can be printed, else as hex digits; `undefined` where there are none or too many. */
export function vendorClassOf(bytes: string): string | undefined {
  if (bytes === "" || bytes.length > BYTES_MAX) return undefined;
  return /^[\x20-\x7e]+$/.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("hex");
}
