/**
 * Values that many settings have: addresses, networks, files, names.
 */
import * as z from "zod";
import { parseMac } from "../../protocols/core/ids.ts";
import { isAddress, parseNetwork } from "../../protocols/core/networks.ts";

export const name = z.string().trim().min(1).max(128);
export const id = z.string().regex(/^[a-z0-9-]{1,64}$/, "expected lower-case letters, digits and dashes");
export const path = z.string().min(1).max(4096);
export const port = z.int("expected a whole number from 1 to 65535").min(1).max(65_535);
export const cidr = z.string().transform((text, context) => {
  const network = parseNetwork(text);
  if (network !== undefined) return network;
  context.addIssue({
    code: "custom",
    message: `expected a network such as "10.20.0.0/22" or a range such as "10.20.0.10-10.20.0.99", got "${text}"`,
  });
  return z.NEVER;
});
export const address = z.string().refine(isAddress, "expected an IP address such as 10.20.0.2");
export const mac = z.string().transform((text, context) => {
  const parsed = parseMac(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: `expected a MAC address such as 64:16:7f:aa:bb:cc, got "${text}"` });
  return z.NEVER;
});
export const macOrAddress = z.string().transform((text, context) => {
  const known = parseMac(text) ?? (isAddress(text) ? text : undefined);
  if (known !== undefined) return known;
  context.addIssue({ code: "custom", message: `expected a MAC or IP address, got "${text}"` });
  return z.NEVER;
});
export const webUrl = z.url({ protocol: /^https?$/, error: "expected an address such as https://example.net/path" });
export const secureUrl = z.url({ protocol: /^https$/, error: "expected an address such as https://example.net/path" });
/** The raw Ed25519 public key, 32 bytes as base64url without padding. */
export const publicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "expected an Ed25519 public key: 43 letters of base64url");
/** Six hex digits in any usual spelling. */
export const oui = z.string().transform((text, context) => {
  const plain = text.replaceAll(/[:.-]/g, "").toLowerCase();
  if (/^[0-9a-f]{6}$/.test(plain)) return plain;
  context.addIssue({ code: "custom", message: `expected the first half of a MAC address such as 64:16:7f, got "${text}"` });
  return z.NEVER;
});
