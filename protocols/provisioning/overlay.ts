/**
 * Mode `overlay`: a gateway in front of the customer's own boot server. Everything passes as it is, both ways, but for the
 * name of the image in the master file of a phone we have one for, and the paths of those images.
 */
import type { Mac } from "../core/ids.ts";
import { answerFileOfTree, answerImage } from "./answer-image.ts";
import { type Desk, type Exchange, refuse, send } from "./exchange.ts";
import { CONDITIONS, OF_THE_BYTES, whyNotForwarded, withoutHeaders } from "./forward-headers.ts";
import { askedIn, askFor, type Gateway, noteBroken, type OverlayOptions, openGateway, pass } from "./gateway.ts";
import { type ImageWish, type Rewrite, rewriteMaster } from "./master-rewrite.ts";
import { modelKeys } from "./model-keys.ts";
import { looksLikeHtml } from "./odd-answers.ts";
import { passBody, readUpTo, writeHead } from "./pass-body.ts";
import { readOverrides } from "./read-overrides.ts";
import { type Responder, withoutFolder } from "./responder.ts";
import { imageByToken, imageFor, imagePathOf } from "./standing.ts";

/** Phones remembered; beyond them their next master file is sent whole. */
const UNCHANGED_MAX = 20_000;

export function overlayResponder(options: OverlayOptions, desk: Desk): Responder {
  const gateway = openGateway(options, desk);
  const { upstream, account, habits, copies } = gateway;
  return {
    targetOf: withoutFolder,
    answer: (exchange) => answer(gateway, exchange),
    overridesOf: async (who, signal) => ({
      ...(await readOverrides(who, { upstream, account, habit: habits.of(who.mac) }, signal)),
      old: (["phone", "web"] as const).filter((which) => copies.isOld(who.mac, `${which}.cfg`)),
    }),
    close: () => upstream.close(),
  };
}

async function answer(gateway: Gateway, exchange: Exchange): Promise<void> {
  const { desk } = gateway;
  const { asked } = exchange.read;
  const { method = "GET", url = "/", httpVersion, rawHeaders } = exchange.request;
  const why = whyNotForwarded({ method, url, httpVersion, rawHeaders });
  if (why !== undefined) return refuse(desk, exchange, 400, why);
  const reads = method === "GET" || method === "HEAD";
  if (asked.kind === "image" && asked.token !== undefined && imageByToken(desk, asked.token) !== undefined) {
    return reads ? answerImage(desk, exchange, asked) : refuse(desk, exchange, 405, "method not allowed");
  }
  if (asked.kind === "tree" && desk.offers.byToken(asked.token)?.offer.tree !== undefined) {
    return reads ? answerFileOfTree(desk, exchange, asked) : refuse(desk, exchange, 405, "method not allowed");
  }
  if (reads && (asked.kind === "master" || asked.kind === "defaultMaster")) return passMaster(gateway, exchange);
  await pass(gateway, exchange);
}

async function passMaster(gateway: Gateway, exchange: Exchange): Promise<void> {
  const { desk, unchanged, askers } = gateway;
  const { asked, mac: stated, agent, userAgent, forwardedFor } = exchange.read;
  // Whoever says for whom it asks can only be confused with others that say so at the same address.
  const from = [exchange.address, ...(forwardedFor === undefined ? [] : [forwardedFor])].join(" for ");
  const mac = asked.kind === "master" ? asked.mac : (stated ?? askers.whoAsks(from, userAgent));
  const found = mac === undefined ? undefined : imageFor(desk, mac, agent);
  // A room takes no image by a master file.
  const offer = found?.tree === undefined ? found : undefined;
  let status: number | undefined;
  if (offer === undefined) {
    // One that was given a changed file must not be told that it has not changed since.
    status = await pass(gateway, exchange, mac !== undefined && unchanged.has(mac) ? [] : CONDITIONS);
    // Only what it got whole takes the place of what it has.
    const { request, response } = exchange;
    if (mac !== undefined && status === 200 && request.method === "GET" && !response.destroyed) remember(unchanged, mac);
  } else {
    const path = imagePathOf(offer);
    status = await rewritten(gateway, exchange, { path, models: modelKeys({ userAgent, model: offer.model }) });
    if (mac !== undefined && status === 200) unchanged.delete(mac);
  }
  if (asked.kind === "master" && status === 404) askers.missed(asked.mac, from, userAgent);
  noteMaster(gateway, exchange, { mac, status, isWished: offer !== undefined });
}

/** Where its master file is, or why no image can be named in it. */
function noteMaster(
  { desk, habits, odd }: Gateway,
  exchange: Exchange,
  { mac, status = 0, isWished }: { readonly mac: Mac | undefined; readonly status: number | undefined; readonly isWished: boolean },
): void {
  const { url, mac: stated } = askedIn(exchange);
  const about = { url, mac: stated ?? mac };
  const { userAgent } = exchange.read;
  if (mac !== undefined && status === 200 && (desk.knows?.(mac) ?? true)) habits.booted(mac, { url, userAgent });
  if (status === 304 && isWished) odd.note("unreadable", about, "the server says that it did not change, though nobody asked that");
  else if (status >= 300 && status < 400 && status !== 304)
    odd.note("elsewhere", about, `the server sends the phone elsewhere (${status})`);
  else if (status >= 500) odd.note("broken", about, `the server answers ${status}`);
}

function remember(unchanged: Set<Mac>, mac: Mac): void {
  if (unchanged.size >= UNCHANGED_MAX) unchanged.clear();
  unchanged.add(mac);
}

/** The customer's file with our image in it; as it is where it cannot be understood. */
async function rewritten(gateway: Gateway, exchange: Exchange, wish: ImageWish): Promise<number | undefined> {
  const { limits, odd, silentMs } = gateway;
  const { request, response } = exchange;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // The whole file as it is on disk, whatever the phone has of it; a HEAD has to say the changed length too.
  const change = { method: "GET", dropped: [...CONDITIONS, "accept-encoding"], added: ["Accept-Encoding", "identity"] } as const;
  const { answer: got } = await askFor(gateway, exchange, change, gone.signal);
  if (got === undefined) return undefined;
  const { statusCode: status = 502, statusMessage = "", rawHeaders, headers } = got;
  const times = { timeMs: limits.answerMs, silentMs, signal: gone.signal };
  const read = await readUpTo(got, limits.masterBytes, times);
  if (typeof read === "string") {
    noteBroken(gateway, exchange, read);
    // Cut off here as there: a phone tries again. One that stopped would stop again.
    if (read === "silent" || read === "tooSlow") send(exchange, 502, "");
    else response.destroy();
    return undefined;
  }
  const done = status === 200 ? judge(read, headers, wish) : ({ kind: "notMaster" } as const);
  if (status === 200 && looksLikeHtml(headers["content-type"], read.bytes)) odd.note("html", askedIn(exchange), "it is a page of HTML");
  else if (done.kind === "unreadable") odd.note("unreadable", askedIn(exchange), done.why);
  const { length } = done.kind === "rewritten" ? done.bytes : read.bytes;
  const changed = [...withoutHeaders(rawHeaders, OF_THE_BYTES), "Content-Length", `${length}`, "Cache-Control", "no-store"];
  const kept = withoutHeaders(rawHeaders);
  const head = { status, statusMessage, headers: done.kind === "rewritten" ? changed : kept };
  if (!writeHead(response, head)) {
    got.destroy();
    odd.note("broken", askedIn(exchange), "its headers are no HTTP");
    send(exchange, 502, "");
    return undefined;
  }
  if (request.method === "HEAD") {
    got.destroy();
    response.end();
  } else if (done.kind === "rewritten") response.end(done.bytes);
  else if (read.isWhole) response.end(read.bytes);
  else {
    response.write(read.bytes);
    noteBroken(gateway, exchange, await passBody(got, response, { bytes: limits.answerBytes, ...times }));
  }
  return status;
}

function judge(
  { bytes, isWhole }: { readonly bytes: Buffer; readonly isWhole: boolean },
  headers: { readonly "content-encoding"?: string | undefined },
  wish: ImageWish,
): Rewrite {
  if (!isWhole) return { kind: "unreadable", why: "it is too long for a master file" };
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") return { kind: "unreadable", why: "the server compresses it, though asked not to" };
  return rewriteMaster(bytes, wish);
}
