/**
 * Mode `overlay`: a gateway in front of the customer's own boot server. Everything passes as it is, both ways, but for the
 * name of the image in the master file of a phone we have one for, and the paths of those images.
 */
import type { IncomingMessage } from "node:http";
import { fail, type Result } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import { answerFileOfTree, answerImage } from "./answer-image.ts";
import { type Askers, createAskers } from "./askers.ts";
import { type Desk, type Exchange, refuse, send } from "./exchange.ts";
import { CONDITIONS, forwardHeaders, OF_THE_BYTES, whyNotForwarded, withoutHeaders } from "./forward-headers.ts";
import { type ImageWish, type Rewrite, rewriteMaster } from "./master-rewrite.ts";
import { modelKeys } from "./model-keys.ts";
import { createOdd, looksLikeHtml, type Odd } from "./odd-answers.ts";
import { passBody, readUpTo, writeHead } from "./pass-body.ts";
import { cappedBody } from "./pass-upload.ts";
import { type Responder, withoutFolder } from "./responder.ts";
import { imageByToken, imageFor, imagePathOf } from "./standing.ts";
import { openUpstream, type Upstream, type UpstreamPlace, type UpstreamWaits } from "./upstream.ts";
import { createUpstreamState, type UpstreamState } from "./upstream-state.ts";

export interface OverlayLimits {
  /** Of one upload: a phone's core file is some tens of megabytes. */
  readonly uploadBytes: number;
  /** Of one answer: twice the largest image. */
  readonly answerBytes: number;
  /** Of a master file, so that it can be rewritten. Real ones have a few kilobytes. */
  readonly masterBytes: number;
  /** Real milliseconds for one answer: an image of 80 MB at 100 kB/s takes a quarter of an hour. */
  readonly answerMs: number;
}

/** Judgements. */
export const OVERLAY_LIMITS: OverlayLimits = {
  uploadBytes: 64 * 1024 * 1024,
  answerBytes: 1024 * 1024 * 1024,
  masterBytes: 256 * 1024,
  answerMs: 30 * 60_000,
};

export interface OverlayOptions {
  readonly upstream: UpstreamPlace;
  readonly waits?: UpstreamWaits;
  readonly limits?: Partial<OverlayLimits>;
}

interface Gateway {
  readonly desk: Desk;
  readonly upstream: Upstream;
  readonly account: string | undefined;
  readonly limits: OverlayLimits;
  readonly state: UpstreamState;
  readonly askers: Askers;
  readonly odd: Odd;
  /** Phones whose last master file was the customer's own, as far as this life of ours knows. The others may hold a changed one. */
  readonly unchanged: Set<Mac>;
}

/** Phones remembered; beyond them their next master file is sent whole. */
const UNCHANGED_MAX = 20_000;

export function overlayResponder(options: OverlayOptions, desk: Desk): Responder {
  const { account } = options.upstream;
  const gateway: Gateway = {
    desk,
    upstream: openUpstream(options.upstream, options.waits),
    account: account === undefined ? undefined : `${account.user}:${account.password.reveal()}`,
    limits: { ...OVERLAY_LIMITS, ...options.limits },
    state: createUpstreamState(desk.clock, desk.onEvent),
    askers: createAskers(desk.clock),
    odd: createOdd(desk.onEvent),
    unchanged: new Set(),
  };
  return {
    targetOf: withoutFolder,
    answer: (exchange) => answer(gateway, exchange),
    close: () => gateway.upstream.close(),
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

/** What is asked of the customer's server instead of what the phone asked. */
interface Change {
  readonly method?: "GET";
  /** Headers left out, in lower case. */
  readonly dropped?: readonly string[];
  /** Further ones, name and value in turn. */
  readonly added?: readonly string[];
}

/** Asks; whatever failed is answered here. */
async function askFor(
  gateway: Gateway,
  exchange: Exchange,
  change: Change,
  signal: AbortSignal,
): Promise<Result<IncomingMessage, "answered">> {
  const { desk, upstream, state, limits } = gateway;
  const { request, address } = exchange;
  const { method: asked = "GET", url = "/", rawHeaders } = request;
  const method = change.method ?? asked;
  const account = method === "GET" || method === "HEAD" ? gateway.account : undefined;
  const headers = forwardHeaders({ raw: rawHeaders, address, host: upstream.host, account, dropped: change.dropped ?? [] });
  if (!state.isWorthAsking) {
    state.failed("silent");
    send(exchange, 502, "");
    return fail("answered");
  }
  const body = cappedBody(request, limits.uploadBytes);
  if (body === "tooLarge") {
    refuse(desk, exchange, 413, "upload tooLarge");
    return fail("answered");
  }
  const ask = { method, target: url, headers: [...headers, ...(change.added ?? [])], ...(body === undefined ? {} : { body: body.pieces }) };
  const got = await upstream.ask(ask, signal);
  if (got.ok && (got.value.statusCode ?? 0) >= 200 && (got.value.statusCode ?? 0) <= 599) {
    state.worked();
    return got;
  }
  if (got.ok) got.value.destroy();
  if (body?.isTooLarge === true) refuse(desk, exchange, 413, "upload tooLarge");
  else if (got.ok || (got.fault !== "gone" && got.fault !== "body")) {
    state.failed(got.ok ? "not HTTP" : got.fault);
    send(exchange, 502, "");
  } else exchange.response.destroy();
  return fail("answered");
}

async function pass(gateway: Gateway, exchange: Exchange, dropped: readonly string[] = []): Promise<number | undefined> {
  const { response, request } = exchange;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const got = await askFor(gateway, exchange, { dropped }, gone.signal);
  if (!got.ok) return undefined;
  const { statusCode: status = 502, statusMessage = "", rawHeaders, headers } = got.value;
  if (!writeHead(response, { status, statusMessage, headers: withoutHeaders(rawHeaders) })) {
    got.value.destroy();
    send(exchange, 502, "");
    return undefined;
  }
  const isConfig = request.method === "GET" && status === 200 && /\.cfg(?:\?|$)/i.test(request.url ?? "");
  await passBody(got.value, response, {
    bytes: gateway.limits.answerBytes,
    timeMs: gateway.limits.answerMs,
    signal: gone.signal,
    first(piece) {
      if (isConfig && looksLikeHtml(headers["content-type"], piece)) gateway.odd.note("html", askedIn(exchange), "it is a page of HTML");
    },
  });
  return status;
}

async function passMaster(gateway: Gateway, exchange: Exchange): Promise<void> {
  const { desk, unchanged, askers } = gateway;
  const { asked, mac: stated, userAgent, forwardedFor } = exchange.read;
  // Whoever says for whom it asks can only be confused with others that say so at the same address.
  const from = [exchange.address, ...(forwardedFor === undefined ? [] : [forwardedFor])].join(" for ");
  const mac = asked.kind === "master" ? asked.mac : (stated ?? askers.whoAsks(from, userAgent));
  const found = mac === undefined ? undefined : imageFor(desk, mac);
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
}

function remember(unchanged: Set<Mac>, mac: Mac): void {
  if (unchanged.size >= UNCHANGED_MAX) unchanged.clear();
  unchanged.add(mac);
}

/** The customer's file with our image in it; as it is where it cannot be understood. */
async function rewritten(gateway: Gateway, exchange: Exchange, wish: ImageWish): Promise<number | undefined> {
  const { limits, odd } = gateway;
  const { request, response } = exchange;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // The whole file as it is on disk, whatever the phone has of it; a HEAD has to say the changed length too.
  const change = { method: "GET", dropped: [...CONDITIONS, "accept-encoding"], added: ["Accept-Encoding", "identity"] } as const;
  const got = await askFor(gateway, exchange, change, gone.signal);
  if (!got.ok) return undefined;
  const { statusCode: status = 502, statusMessage = "", rawHeaders, headers } = got.value;
  const read = await readUpTo(got.value, limits.masterBytes, { timeMs: limits.answerMs, signal: gone.signal });
  if (read === undefined) {
    response.destroy();
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
    got.value.destroy();
    send(exchange, 502, "");
    return undefined;
  }
  if (request.method === "HEAD") {
    got.value.destroy();
    response.end();
  } else if (done.kind === "rewritten") response.end(done.bytes);
  else if (read.isWhole) response.end(read.bytes);
  else {
    response.write(read.bytes);
    await passBody(got.value, response, { bytes: limits.answerBytes, timeMs: limits.answerMs, signal: gone.signal });
  }
  return status;
}

const askedIn = ({ request, read }: Exchange) => ({ url: request.url ?? "/", mac: read.mac });

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
