/**
 * Which headers pass a gateway, and which are of one connection only. Pure. Lists are as node gives and takes them: name
 * and value in turn, in their order, as written.
 * Source: RFC 9110 7.6.1 (Connection); RFC 9112 6 and 7.
 */

/** Never passed on, besides whatever `Connection` names. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What a request asks of a file it has had before, or of a part of it. */
export const CONDITIONS: readonly string[] = ["if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "if-match", "range"];
/** What an answer says of its bytes: wrong where they were changed. */
export const OF_THE_BYTES: readonly string[] = [
  ...["accept-ranges", "age", "cache-control", "content-digest", "content-length", "content-md5", "digest"],
  ...["etag", "expires", "last-modified", "repr-digest"],
];

/**
 * By which a request that comes round again is known. Not `Via`: nginx does not compress for who sends that (`gzip_proxied off`), and
 * phones are to get what they get without us. Source: nginx documentation, ngx_http_gzip_module.
 */
const GATEWAY = ["X-Forwarded-By", "groundswell"] as const;

type Pairs = readonly (readonly [name: string, value: string])[];

const pairsOf = (raw: readonly string[]): Pairs => raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ""] as const] : []));

/** All values of a header, by its name in lower case. */
export function valuesOf(raw: readonly string[], name: string): readonly string[] {
  return pairsOf(raw).flatMap(([one, value]) => (one.toLowerCase() === name ? [value] : []));
}

/** Without those of one connection, and without those named in lower case. */
export function withoutHeaders(raw: readonly string[], dropped: readonly string[] = []): string[] {
  const listed = valuesOf(raw, "connection").flatMap((value) => value.split(","));
  // Nobody may have what frames or authenticates a message taken away by naming it there.
  const named = listed.map((one) => one.trim().toLowerCase()).filter((one) => one !== "content-length" && one !== "host");
  const gone = new Set([...HOP_BY_HOP, ...named, ...dropped]);
  return pairsOf(raw)
    .filter(([name]) => !gone.has(name.toLowerCase()))
    .flat();
}

export interface Forwarded {
  readonly raw: readonly string[];
  /** Of the connection it came by. */
  readonly address: string;
  /** Of the customer's server. */
  readonly host: string;
  /** `user:password` for requests that bring none of their own. */
  readonly account?: string | undefined;
  /** In lower case. */
  readonly dropped?: readonly string[];
}

/** What the customer's server is sent. A body without a stated length goes on in chunks. */
export function forwardHeaders({ raw, address, host, account, dropped = [] }: Forwarded): string[] {
  const kept = withoutHeaders(raw, ["host", "expect", "x-forwarded-for", "x-forwarded-host", ...dropped]);
  const chain = [...valuesOf(raw, "x-forwarded-for"), address].join(", ");
  const [asked] = valuesOf(raw, "host");
  const hasOwn = valuesOf(raw, "authorization").length > 0;
  return [
    ...["Host", host],
    ...kept,
    ...["X-Forwarded-For", chain],
    ...(asked === undefined ? [] : ["X-Forwarded-Host", asked]),
    ...GATEWAY,
    ...(account === undefined || hasOwn ? [] : ["Authorization", `Basic ${Buffer.from(account).toString("base64")}`]),
    ...(valuesOf(raw, "transfer-encoding").length > 0 ? ["Transfer-Encoding", "chunked"] : []),
  ];
}

/** Why a request is not passed on: it could be read in two ways, or leads in a circle. */
export function whyNotForwarded(request: {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}): string | undefined {
  const { method, url, httpVersion, rawHeaders } = request;
  if (method === "CONNECT" || method === "TRACE") return "method not allowed";
  if (!url.startsWith("/")) return "not a path";
  // Below the customer's folder is all that is in front of us. What comes after a question mark is no path.
  const path = (url.split("?", 1)[0] ?? "").replaceAll(/%(?:2f|5c)/gi, "/");
  if (/(?:^|[/\\])(?:\.|%2e){2}(?:[/\\#]|$)/i.test(path)) return "a path that leads upwards";
  if (valuesOf(rawHeaders, "host").length > 1) return "more than one host";
  const codings = valuesOf(rawHeaders, "transfer-encoding");
  const inChunks = codings.length === 1 && codings[0]?.trim().toLowerCase() === "chunked";
  if (codings.length > 0 && (!inChunks || httpVersion !== "1.1")) return "an unknown transfer coding";
  if (codings.length > 0 && valuesOf(rawHeaders, "content-length").length > 0) return "two lengths";
  if (valuesOf(rawHeaders, GATEWAY[0].toLowerCase()).includes(GATEWAY[1])) return "a request that came from here";
  return undefined;
}
