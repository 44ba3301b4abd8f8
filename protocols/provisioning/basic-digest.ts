/**
 * The one account of phones at the endpoint: Basic and Digest by challenge. Source: protocols/provisioning.md 3 (Basic or Digest by
 * challenge), RFC 7616 (MD5 and SHA-256, qop=auth), RFC 7617.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { unreachable } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import type { Secret } from "../core/secret.ts";
import type { Clock } from "../core/time.ts";
import { type DigestName, type Presented, readAuthorization } from "./authorization.ts";
import { createNonces } from "./nonces.ts";

export interface AccountSetting {
  readonly user: string;
  readonly password: Secret;
  /** In the order they are offered; a client takes the first it knows. */
  readonly digests: readonly DigestName[];
  /** Basic without TLS hands the password to whoever listens. */
  readonly basicInClear: boolean;
}

/** `stale`: it was right, for a nonce that is used up. `inClear`: a password that must not travel so, and is not looked at. */
export type Tried = "right" | "wrong" | "stale" | "inClear" | "unreadable";

/** The request a log-in is part of. */
export interface Tries {
  readonly authorization: string;
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  readonly secure: boolean;
}

export interface Account {
  check(tries: Tries): Tried;
  /** Values of `WWW-Authenticate`. */
  challenges(how: { readonly secure: boolean; readonly stale: boolean }): readonly string[];
}

const REALM = "Groundswell provisioning";
const HASHES = { "sha-256": { node: "sha256", wire: "SHA-256" }, md5: { node: "md5", wire: "MD5" } } satisfies Record<DigestName, object>;

export function createAccount(setting: AccountSetting, io: { readonly clock: Clock; readonly random: Random }): Account {
  const nonces = createNonces(io);
  return {
    check({ authorization, method, target, secure }) {
      const presented = readAuthorization(authorization);
      if (presented === undefined) return "unreadable";
      switch (presented.scheme) {
        case "basic":
          if (!secure && !setting.basicInClear) return "inClear";
          return isAccount(setting, presented) ? "right" : "wrong";
        case "digest":
          if (!setting.digests.includes(presented.algorithm) || presented.uri !== target) return "unreadable";
          if (!answersFor(setting, presented, method)) return "wrong";
          return nonces.spend(presented.nonce, Number.parseInt(presented.nc, 16)) ? "right" : "stale";
        default:
          return unreachable(presented);
      }
    },
    challenges({ secure, stale }) {
      const nonce = nonces.issue();
      const ending = stale ? ", stale=true" : "";
      const digests = setting.digests.map(
        (name) => `Digest realm="${REALM}", qop="auth", algorithm=${HASHES[name].wire}, nonce="${nonce}", charset=UTF-8${ending}`,
      );
      return secure || setting.basicInClear ? [...digests, `Basic realm="${REALM}", charset="UTF-8"`] : digests;
    },
  };
}

/** Takes as long whatever the texts are: their hashes are compared, all of them. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(hash(a), hash(b));
}

function isAccount({ user, password }: AccountSetting, presented: Presented & { scheme: "basic" }): boolean {
  const rightUser = isSame(user, presented.user);
  const rightPassword = isSame(password.reveal(), presented.password);
  return rightUser && rightPassword;
}

/** Source: RFC 7616 3.4.1 to 3.4.3. */
function answersFor({ user, password }: AccountSetting, presented: Presented & { scheme: "digest" }, method: string): boolean {
  const { algorithm, nonce, nc, cnonce, uri, realm, response } = presented;
  const h = (text: string): string => createHash(HASHES[algorithm].node).update(text, "utf8").digest("hex");
  const secret = h(`${user}:${REALM}:${password.reveal()}`);
  const wanted = h(`${secret}:${nonce}:${nc}:${cnonce}:auth:${h(`${method}:${uri}`)}`);
  const rightResponse = isSame(wanted, response);
  const rightUser = isSame(user, presented.user);
  return rightResponse && rightUser && realm === REALM;
}
