/**
 * Who may do what at the endpoint. Pure: what was found out about a sender goes in, what becomes of the request comes out.
 */
import type { Mac } from "../core/ids.ts";
import type { Tried } from "./basic-digest.ts";
import type { ShownCertificate } from "./phone-certificate.ts";
import type { Asked } from "./request.ts";
import type { ClientCertificates } from "./tls.ts";

export interface Facts {
  /** Whose file it is; absent where it is nobody's. */
  readonly owner?: Mac;
  readonly upload: boolean;
  readonly certificates: ClientCertificates;
  readonly shown?: ShownCertificate;
  /** `notWanted` where no account is set, `none` where nobody tried. */
  readonly account: Tried | "notWanted" | "none";
  /** Is the owner a device of ours? */
  readonly known: boolean;
}

export type Verdict =
  | { readonly kind: "open" }
  /** With `reason` where a try was wrong. */
  | { readonly kind: "challenge"; readonly stale: boolean; readonly reason?: string }
  | { readonly kind: "refuse"; readonly status: 403; readonly reason: string }
  /** As if it were not there, which is harmless to a phone. */
  | { readonly kind: "absent" };

/**
 * The device whose personal file is asked for. Master files and images are not personal: a phone must boot, and a token is a secret
 * of its own. Source: protocols/provisioning.md 1; security.md 2.
 */
export function ownerOf(asked: Asked): Mac | undefined {
  switch (asked.kind) {
    case "override":
    case "log":
    case "directory":
    case "licence":
    case "config":
      return asked.mac;
    default:
      return undefined;
  }
}

/** Only personal files and uploads are guarded; all else is open. */
export function isGuarded(asked: Asked, method: string): boolean {
  return method === "PUT" || ownerOf(asked) !== undefined;
}

/** What becomes of a guarded request. Who is who comes before who is known, so that a stranger learns of no device of ours. */
export function judge(facts: Facts): Verdict {
  return refusedCertificate(facts) ?? accountMissing(facts) ?? strangerOf(facts) ?? { kind: "open" };
}

function refusedCertificate({ owner, shown, certificates }: Facts): Verdict | undefined {
  const isOwn = shown?.mac !== undefined && shown.mac === owner;
  if (shown?.mac !== undefined && !isOwn) return { kind: "refuse", status: 403, reason: "a certificate of another device" };
  if (certificates !== "require" || (isOwn && shown.proven)) return undefined;
  return { kind: "refuse", status: 403, reason: shown === undefined ? "no certificate" : "a certificate nobody vouches for" };
}

const WRONG = {
  wrong: "wrong user or password",
  inClear: "a password in clear",
  unreadable: "a log-in that is not understood",
} satisfies Partial<Record<Tried, string>>;

/** A certificate that is vouched for is as good as the account. */
function accountMissing({ account, certificates, shown }: Facts): Verdict | undefined {
  if (certificates === "require" || (shown?.mac !== undefined && shown.proven)) return undefined;
  switch (account) {
    case "right":
    case "notWanted":
      return undefined;
    case "none":
      return { kind: "challenge", stale: false };
    case "stale":
      return { kind: "challenge", stale: true };
    default:
      return { kind: "challenge", stale: false, reason: WRONG[account] };
  }
}

/** Files of a stranger are not there; what it wants to leave here is refused. */
function strangerOf({ upload, known }: Facts): Verdict | undefined {
  if (known) return undefined;
  return upload ? { kind: "refuse", status: 403, reason: "upload of an unknown device" } : { kind: "absent" };
}
