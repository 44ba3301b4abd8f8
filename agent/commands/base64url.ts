/** Is this base64url in its one spelling: no padding, no other letters, no stray bits at the end? Source: RFC 4648, 3.5 and 5. */
export function isCanonicalBase64url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text) && Buffer.from(text, "base64url").toString("base64url") === text;
}
