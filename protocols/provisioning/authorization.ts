/**
 * Reads what a client answers to a challenge. Pure. Source: RFC 7235 2.1, RFC 7616 3.4, RFC 7617 2.
 */

export type DigestName = "sha-256" | "md5";

/** What an `Authorization` header says. Nothing of it has been checked. */
export type Presented =
  | { readonly scheme: "basic"; readonly user: string; readonly password: string }
  | {
      readonly scheme: "digest";
      readonly algorithm: DigestName;
      readonly user: string;
      readonly realm: string;
      readonly nonce: string;
      readonly uri: string;
      /** As written: it is hashed so. */
      readonly nc: string;
      readonly cnonce: string;
      /** Lower-case hex. */
      readonly response: string;
    };

/** Real ones are under 500 characters. */
const HEADER_CHARS = 4_096;

/** `undefined` for other schemes, for a Digest without `qop=auth`, and for what is no header of that kind. */
export function readAuthorization(header: string): Presented | undefined {
  if (header.length > HEADER_CHARS) return undefined;
  const [, scheme = "", rest = ""] = /^([A-Za-z]+) +(.+)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === "basic") return readBasic(rest.trim());
  return scheme.toLowerCase() === "digest" ? readDigest(rest) : undefined;
}

function readBasic(text: string): Presented | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const plain = Buffer.from(text, "base64").toString("utf8");
  const at = plain.indexOf(":");
  return at < 0 ? undefined : { scheme: "basic", user: plain.slice(0, at), password: plain.slice(at + 1) };
}

const ALGORITHMS: ReadonlyMap<string, DigestName> = new Map([
  ["sha-256", "sha-256"],
  ["md5", "md5"],
]);

function readDigest(text: string): Presented | undefined {
  const parameters = readParameters(text);
  // Absent, it is MD5. Source: RFC 7616 3.4.
  const algorithm = ALGORITHMS.get((parameters?.get("algorithm") ?? "md5").toLowerCase());
  if (parameters === undefined || algorithm === undefined || parameters.get("qop") !== "auth") return undefined;
  const [user, realm, nonce, uri, nc, cnonce, response] = ["username", "realm", "nonce", "uri", "nc", "cnonce", "response"].map((name) =>
    parameters.get(name),
  );
  if (user === undefined || realm === undefined || nonce === undefined || uri === undefined || cnonce === undefined) return undefined;
  if (nc === undefined || !/^[0-9a-f]{8}$/i.test(nc) || response === undefined || !/^[0-9a-f]{32,64}$/i.test(response)) return undefined;
  return { scheme: "digest", algorithm, user, realm, nonce, uri, nc, cnonce, response: response.toLowerCase() };
}

const parameterForm = /\s*([A-Za-z0-9*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/y;

/** `undefined` where anything is left that is no parameter, or one is there twice: it could be read in two ways. */
function readParameters(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  parameterForm.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    parameterForm.lastIndex = at;
    const [whole, name = "", quoted, plain] = parameterForm.exec(text) ?? [];
    if (whole === undefined || found.has(name.toLowerCase())) return undefined;
    found.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "");
    at += whole.length;
  }
  return found;
}
