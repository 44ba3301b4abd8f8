/**
 * Which algorithms we speak with whom: two profiles, and how a device that needs the old one is told from one that is only
 * broken. Pure. Source: protocols/video.md 4.2 (host key of a Group); RFC 8332, 8308, 9142.
 */
import type { SshOffer } from "./offer.ts";

/**
 * `modern`: nothing that ssh-audit calls a failure: no SHA-1, no CBC, no DSA, no small groups, no NIST curves.
 * `legacyRsaSha1` adds the curves, SHA-1 and CBC, after everything better.
 */
export type SshProfile = "modern" | "legacyRsaSha1";

const MODERN = {
  kex: [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256",
  ],
  hostKey: ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"],
  cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"],
  mac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
} as const;

export const PROFILES = {
  modern: MODERN,
  /** What a RealPresence Group of 2015 speaks, after everything better. */
  legacyRsaSha1: {
    kex: [...MODERN.kex, "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521", "diffie-hellman-group14-sha1"],
    hostKey: [...MODERN.hostKey, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"],
    cipher: [...MODERN.cipher, "aes128-cbc", "aes256-cbc"],
    mac: [...MODERN.mac, "hmac-sha1"],
  },
} as const;

/** Ciphers that need no MAC beside them. */
const WITH_MAC = /-gcm@/;

/** Could a handshake with this profile end well? */
export function canSpeak(profile: SshProfile, offer: SshOffer): boolean {
  const ours = PROFILES[profile];
  const share = (a: readonly string[], b: readonly string[]): boolean => a.some((name) => b.includes(name));
  const cipher = ours.cipher.find((name) => offer.cipher.includes(name));
  if (cipher === undefined || !share(ours.kex, offer.kex) || !share(ours.hostKey, offer.hostKey)) return false;
  return WITH_MAC.test(cipher) || share(ours.mac, offer.mac);
}

/** A device that can do no better. One that could speak the modern profile and did not is not given a weaker one. */
export function needsOld(offer: SshOffer): boolean {
  return !canSpeak("modern", offer) && canSpeak("legacyRsaSha1", offer);
}
