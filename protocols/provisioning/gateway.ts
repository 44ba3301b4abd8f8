/**
 * The gateway in front of a customer's boot server: one request, asked there as the phone asked it, and its answer passed on.
 */
import type { IncomingMessage } from "node:http";
import type { Mac } from "../core/ids.ts";
import { type Askers, createAskers } from "./askers.ts";
import { type Desk, type Exchange, refuse, send } from "./exchange.ts";
import { forwardHeaders, withoutHeaders } from "./forward-headers.ts";
import { createOdd, looksLikeHtml, type Odd } from "./odd-answers.ts";
import { type Broken, passBody, writeHead } from "./pass-body.ts";
import { type CappedBody, cappedBody } from "./pass-upload.ts";
import { createPhoneHabits, type PhoneHabits } from "./phone-habits.ts";
import { copyEndOf, createUploadCopies, type UploadCopies, type UploadCopy } from "./upload-copy.ts";
import { openUpstream, UPSTREAM_WAITS, type Upstream, type UpstreamPlace, type UpstreamWaits } from "./upstream.ts";
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

export interface Gateway {
  readonly desk: Desk;
  readonly upstream: Upstream;
  /** `user:password` of the agent's own. */
  readonly account: string | undefined;
  readonly limits: OverlayLimits;
  readonly silentMs: number;
  readonly state: UpstreamState;
  readonly askers: Askers;
  readonly odd: Odd;
  readonly copies: UploadCopies;
  readonly habits: PhoneHabits;
  /** Phones whose last master file was the customer's own, as far as this life of ours knows. The others may hold a changed one. */
  readonly unchanged: Set<Mac>;
}

export function openGateway(options: OverlayOptions, desk: Desk): Gateway {
  const { account } = options.upstream;
  const waits = options.waits ?? UPSTREAM_WAITS;
  return {
    desk,
    upstream: openUpstream(options.upstream, waits),
    account: account === undefined ? undefined : `${account.user}:${account.password.reveal()}`,
    limits: { ...OVERLAY_LIMITS, ...options.limits },
    silentMs: waits.answerMs,
    state: createUpstreamState(desk.clock, desk.onEvent),
    askers: createAskers(desk.clock),
    odd: createOdd(desk.onEvent),
    copies: createUploadCopies(desk),
    habits: createPhoneHabits(),
    unchanged: new Set(),
  };
}

/** What is asked of the customer's server instead of what the phone asked. */
export interface Change {
  readonly method?: "GET";
  /** Headers left out, in lower case. */
  readonly dropped?: readonly string[];
  /** Further ones, name and value in turn. */
  readonly added?: readonly string[];
  /** Sees what the phone sends. */
  readonly copy?: UploadCopy | undefined;
}

export interface Asked {
  /** Absent where nothing came that could be passed on; then the phone has been answered, and `fault` says why. */
  readonly answer?: IncomingMessage;
  readonly fault?: string;
  /** Everything the phone sent was passed on. */
  readonly isWhole: boolean;
}

/** Asks; whatever failed is answered here. */
export async function askFor(gateway: Gateway, exchange: Exchange, change: Change, signal: AbortSignal): Promise<Asked> {
  const { desk, upstream, state, limits } = gateway;
  const { request, address } = exchange;
  const { method: asked = "GET", url = "/", rawHeaders } = request;
  const method = change.method ?? asked;
  const account = method === "GET" || method === "HEAD" ? gateway.account : undefined;
  const headers = forwardHeaders({ raw: rawHeaders, address, host: upstream.host, account, dropped: change.dropped ?? [] });
  if (!state.isWorthAsking) {
    state.failed("silent");
    send(exchange, 502, "");
    return { fault: "unasked", isWhole: false };
  }
  const body = cappedBody(request, limits.uploadBytes, change.copy?.take);
  if (body === "tooLarge") {
    refuse(desk, exchange, 413, "upload tooLarge");
    return { fault: "unasked", isWhole: false };
  }
  const ask = { method, target: url, headers: [...headers, ...(change.added ?? [])], ...(body === undefined ? {} : { body: body.pieces }) };
  const got = await upstream.ask(ask, signal);
  // A request without a body is whole with its head.
  const isWhole = (): boolean => body?.isWhole ?? true;
  if (got.ok && (got.value.statusCode ?? 0) >= 200 && (got.value.statusCode ?? 0) <= 599) {
    state.worked();
    return {
      answer: got.value,
      get isWhole() {
        return isWhole();
      },
    };
  }
  if (got.ok) got.value.destroy();
  const fault = got.ok ? "not HTTP" : got.fault;
  answerFault(gateway, exchange, { fault, body });
  return { fault, isWhole: isWhole() };
}

function answerFault(
  { desk, state }: Gateway,
  exchange: Exchange,
  { fault, body }: { readonly fault: string; readonly body: CappedBody | undefined },
): void {
  if (body?.isTooLarge === true) refuse(desk, exchange, 413, "upload tooLarge");
  // The phone is gone, or went in the middle of what it sent.
  else if (fault === "gone" || fault === "body") exchange.response.destroy();
  else {
    state.failed(fault);
    send(exchange, 502, "");
  }
}

/** Passes a request and its answer. @returns the status of the customer's server, where it gave one */
export async function pass(gateway: Gateway, exchange: Exchange, dropped: readonly string[] = []): Promise<number | undefined> {
  const gone = new AbortController();
  exchange.response.once("close", () => gone.abort());
  const copy = gateway.copies.ofUpload(exchange);
  const asked = await askFor(gateway, exchange, { dropped, copy }, gone.signal);
  const { answer, fault } = asked;
  const status = answer === undefined ? undefined : await passAnswer(gateway, exchange, answer, gone.signal);
  const end = copyEndOf({ status: answer?.statusCode, fault, isWhole: asked.isWhole });
  const { asked: what } = exchange.read;
  if (copy !== undefined && what.kind === "override" && end !== "unchanged") {
    gateway.habits.hasOverride(what.mac, what.which, exchange.request.url ?? "/");
  }
  await copy?.end(end);
  return status;
}

const WORDS: Readonly<Record<Exclude<Broken, "gone">, string>> = {
  brokeOff: "it broke off before its end",
  silent: "it stopped in the middle",
  tooLong: "it is longer than may pass",
  tooSlow: "it did not end in time",
};

export const askedIn = ({ request, read }: Exchange) => ({ url: request.url ?? "/", mac: read.mac });

export function noteBroken({ odd }: Gateway, exchange: Exchange, broken: Broken | undefined): void {
  if (broken !== undefined && broken !== "gone") odd.note("broken", askedIn(exchange), WORDS[broken]);
}

async function passAnswer(gateway: Gateway, exchange: Exchange, answer: IncomingMessage, signal: AbortSignal): Promise<number | undefined> {
  const { limits, silentMs, odd } = gateway;
  const { response, request } = exchange;
  const { statusCode: status = 502, statusMessage = "", rawHeaders, headers } = answer;
  const refused = isTooLong(answer, exchange, limits)
    ? WORDS.tooLong
    : writeHead(response, { status, statusMessage, headers: withoutHeaders(rawHeaders) })
      ? undefined
      : "its headers are no HTTP";
  if (refused !== undefined) {
    answer.destroy();
    odd.note("broken", askedIn(exchange), refused);
    send(exchange, 502, "");
    return undefined;
  }
  const isConfig = request.method === "GET" && status === 200 && /\.cfg(?:\?|$)/i.test(request.url ?? "");
  const copy = status === 200 ? gateway.copies.ofAnswer(exchange, headers) : undefined;
  let isFirst = true;
  let isHtml = false;
  const broken = await passBody(answer, response, {
    ...{ bytes: limits.answerBytes, timeMs: limits.answerMs, silentMs, signal },
    seen(piece) {
      isHtml ||= isFirst && isConfig && looksLikeHtml(headers["content-type"], piece);
      isFirst = false;
      copy?.take(piece);
    },
  });
  if (isHtml) odd.note("html", askedIn(exchange), "it is a page of HTML");
  noteBroken(gateway, exchange, broken);
  noteOverride(gateway, exchange, { status, isHtml });
  await copy?.end(broken === undefined && !isHtml ? "taken" : "unchanged");
  return status;
}

function isTooLong({ headers }: IncomingMessage, { request }: Exchange, { answerBytes }: OverlayLimits): boolean {
  return request.method !== "HEAD" && Number(headers["content-length"] ?? 0) > answerBytes;
}

/** What the answer to a phone's own question says of where its overrides are. */
function noteOverride(
  { habits }: Gateway,
  { request, read: { asked } }: Exchange,
  { status, isHtml }: { readonly status: number; readonly isHtml: boolean },
): void {
  if (asked.kind !== "override" || request.method !== "GET" || isHtml) return;
  if (status === 200) habits.hasOverride(asked.mac, asked.which, request.url ?? "/");
  // Whoever logs in is believed that it asked in the right place.
  else if (status === 404 && request.headers.authorization !== undefined) habits.hasNone(asked.mac, asked.which);
}
