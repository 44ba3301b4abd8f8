/**
 * HTTP authentication by challenge: Basic and Digest. Pure; SIP uses the same arithmetic.
 * Source: RFC 7616, RFC 2617 (no qop), RFC 7617, RFC 7235 4.1.
 */
import { createHash } from "node:crypto";

export type DigestAlgorithm = "MD5" | "MD5-sess" | "SHA-256" | "SHA-256-sess";

export interface DigestChallenge {
  readonly scheme: "digest";
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  /** Absent where the peer speaks the older form of RFC 2617. */
  readonly qop?: "auth";
  readonly opaque?: string;
  /** The log-in was right and only the nonce had run out. */
  readonly stale: boolean;
}

export type Challenge = { readonly scheme: "basic"; readonly realm: string } | DigestChallenge;

/** What goes into the answer to a Digest challenge. */
export interface DigestAsk {
  readonly user: string;
  /** Clear text: it ends in the hash. */
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly cnonce: string;
  /** How often this nonce was used, this time included. */
  readonly count: number;
}

/** Longer headers than this are not read: real ones are under 500 characters. */
const CHALLENGE_CHARS = 4096;
/** A map, because a device may name what every object has, such as `constructor`. */
const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ["md5", "MD5"],
  ["md5-sess", "MD5-sess"],
  ["sha-256", "SHA-256"],
  ["sha-256-sess", "SHA-256-sess"],
]);

/** Every challenge we can answer, in the order stated. Challenges of other schemes or algorithms are left out. */
export function parseChallenges(header: string): readonly Challenge[] {
  if (header.length > CHALLENGE_CHARS) return [];
  const raw: { scheme: string; params: Map<string, string> }[] = [];
  const token = /[\s,]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;
  for (let match = token.exec(header); match !== null && match[0] !== ""; match = token.exec(header)) {
    const [, name = "", quoted, plain] = match;
    if (quoted === undefined && plain === undefined) raw.push({ scheme: name.toLowerCase(), params: new Map() });
    else raw.at(-1)?.params.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return raw.map(readChallenge).filter((challenge) => challenge !== undefined);
}

function readChallenge(raw: { scheme: string; params: Map<string, string> }): Challenge | undefined {
  const realm = raw.params.get("realm") ?? "";
  if (raw.scheme === "basic") return { scheme: "basic", realm };
  const nonce = raw.params.get("nonce");
  const algorithm = ALGORITHMS.get((raw.params.get("algorithm") ?? "MD5").toLowerCase());
  if (raw.scheme !== "digest" || nonce === undefined || algorithm === undefined) return undefined;
  const offered = raw.params.get("qop");
  const qops = offered?.split(",").map((qop) => qop.trim().toLowerCase());
  if (qops !== undefined && !qops.includes("auth")) return undefined;
  const opaque = raw.params.get("opaque");
  return {
    scheme: "digest",
    realm,
    nonce,
    algorithm,
    ...(qops === undefined ? {} : { qop: "auth" as "auth" }),
    ...(opaque === undefined ? {} : { opaque }),
    stale: raw.params.get("stale")?.toLowerCase() === "true",
  };
}

/** The strongest challenge: Digest SHA-256, then Digest MD5, then Basic. */
export function strongest(challenges: readonly Challenge[]): Challenge | undefined {
  const rank = (challenge: Challenge): number => (challenge.scheme === "basic" ? 0 : challenge.algorithm.startsWith("SHA-256") ? 2 : 1);
  return challenges.toSorted((a, b) => rank(b) - rank(a))[0];
}

/** The value of `Authorization` that answers a Digest challenge. */
export function digestAuthorization(challenge: DigestChallenge, ask: DigestAsk): string {
  const name = challenge.algorithm.startsWith("SHA-256") ? "sha256" : "md5";
  const h = (text: string): string => createHash(name).update(text, "utf8").digest("hex");
  const secret = h(`${ask.user}:${challenge.realm}:${ask.password}`);
  const ha1 = challenge.algorithm.endsWith("-sess") ? h(`${secret}:${challenge.nonce}:${ask.cnonce}`) : secret;
  const ha2 = h(`${ask.method}:${ask.uri}`);
  const nc = ask.count.toString(16).padStart(8, "0");
  const response =
    challenge.qop === undefined
      ? h(`${ha1}:${challenge.nonce}:${ha2}`)
      : h(`${ha1}:${challenge.nonce}:${nc}:${ask.cnonce}:${challenge.qop}:${ha2}`);
  const sendsCnonce = challenge.qop !== undefined || challenge.algorithm.endsWith("-sess");
  return [
    `Digest ${userParameter(ask.user)}`,
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(ask.uri)}`,
    `algorithm=${challenge.algorithm}`,
    ...(challenge.qop === undefined ? [] : [`qop=${challenge.qop}`, `nc=${nc}`]),
    ...(sendsCnonce ? [`cnonce=${quote(ask.cnonce)}`] : []),
    `response="${response}"`,
    ...(challenge.opaque === undefined ? [] : [`opaque=${quote(challenge.opaque)}`]),
  ].join(", ");
}

/** The value of `Authorization` for Basic, in UTF-8. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/[\r\n]/g, "").replaceAll(/(["\\])/g, "\\$1")}"`;
}

/** A user name outside ASCII goes as RFC 8187 text, where a quote, brackets and a star are escaped too. Source: RFC 7616 3.4. */
function userParameter(user: string): string {
  if (/^[\x20-\x7e]*$/.test(user)) return `username=${quote(user)}`;
  const escaped = encodeURIComponent(user.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `username*=UTF-8''${escaped}`;
}
