/**
 * The web pages and state polling of a phone: asked without a password first, over HTTPS with one where it is wanted. Over plain
 * HTTP no password is ever sent. Source: protocols/uc-phones.md 5 and 6.
 */
import type { DeviceFacts, FamilyId } from "../core/device.ts";
import { fail, ok, type Result, type Transport } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import { loginFault, type PeerCertificate } from "../http/certificate.ts";
import type { HttpAnswer, HttpTarget } from "../http/client.ts";
import { basicAuthorization, parseChallenges } from "../http/digest.ts";
import type { FamilyIo, Target } from "./family.ts";
import { isRefusalOf, refusalKey, withLogin } from "./logins.ts";
import { decodeHomePage } from "./phone-home.ts";
import { type LogLine, parseLog } from "./phone-log.ts";
import { httpTarget, retryAfterMs } from "./uc-phone-visit.ts";

/** Five wrong log-ins in 60 s lock the web server for 60 s; two on pages and one by polling leave the owner two. */
const REFUSALS_PER_VISIT = 2;
const POLLING_REFUSALS_PER_VISIT = 1;
const HOME = "/home.htm";
/** The account of `apps.statePolling`: its own, never the administrator's. Whoever has one says so in the credential. */
const POLLING = "state-polling";

export interface Page<T> {
  readonly value: T;
  readonly via: Transport;
  readonly certificate?: PeerCertificate;
}

/** Which family's passwords may be tried where. */
export interface WebPlace {
  readonly target: Target;
  readonly family: FamilyId;
  readonly io: FamilyIo;
}

/** Older builds want the password twice, in a header and in a cookie, and to be called from a page of theirs. */
export function pageHeaders(target: HttpTarget, login: Login): Readonly<Record<string, string>> {
  const basic = basicAuthorization(login.user, login.password.reveal());
  return { authorization: basic, cookie: `Authorization=${basic}`, ...refererOf(target) };
}

export function refererOf({ address, port }: HttpTarget): Readonly<Record<string, string>> {
  const host = address.includes(":") ? `[${address}]` : address;
  return { referer: `https://${host}${port === 443 ? "" : `:${port}`}/index.htm` };
}

/** What a page says, or why it is not that page. */
export type Decode<T> = (body: Buffer, via: Transport) => Result<T>;

/** Model, part number, MAC and version: see `readPage`. */
export function readHomePage(place: WebPlace, signal: AbortSignal): Promise<Result<Page<DeviceFacts>>> {
  return readPage(place, HOME, decodeHomePage, signal);
}

/** One of the logs: see `readPage`. */
export function readLogPage(
  place: WebPlace,
  log: "app" | "boot" | "audit",
  signal: AbortSignal,
): Promise<Result<Page<readonly LogLine[]>>> {
  const decode: Decode<readonly LogLine[]> = (body, via) => {
    const lines = parseLog(body.toString("utf8"));
    return lines.length === 0 ? fail({ kind: "garbled", via, wanted: "a log" }) : ok(lines);
  };
  return readPage(place, `/Diagnostics/log?value=${log}&dummyParam=${place.io.clock.nowMs()}`, decode, signal);
}

/**
 * A page, first without a password.
 *
 * @returns `off` where there is none, `denied` where no password helps, `garbled` where another page came, and the faults of
 *   `HttpClient.ask`
 */
export async function readPage<T>(
  { target, family, io }: WebPlace,
  path: string,
  decode: Decode<T>,
  signal: AbortSignal,
): Promise<Result<Page<T>>> {
  const secure = httpTarget(target, family);
  const open = await io.http.ask(secure, { method: "GET", path }, signal);
  if (!open.ok) {
    const plain: HttpTarget = { address: target.address, port: target.ports.http, secure: false, trust: "any" };
    const inClear = open.fault.kind === "unreachable" ? await io.http.ask(plain, { method: "GET", path }, signal) : open;
    return inClear.ok ? judgeClear(judgePage(inClear.value, "http", decode)) : open;
  }
  const shown = judgePage(open.value, "https", decode);
  if (shown.ok || (shown.fault.kind !== "denied" && shown.fault.kind !== "garbled")) return shown;
  return withLogin(target, { family, via: "https", refusalsPerVisit: REFUSALS_PER_VISIT }, io, async (login) => {
    const impossible = loginFault(secure);
    if (impossible !== undefined) return fail(impossible);
    const answer = await askWith({ target, secure, login, path, refused: open.value }, io, signal);
    return answer.ok ? judgePage(answer.value, "https", decode, login) : answer;
  });
}

interface LoggedInAsk {
  readonly target: Target;
  readonly secure: HttpTarget;
  readonly login: Login;
  readonly path: string;
  /** The answer to the same ask without a password. */
  readonly refused: HttpAnswer;
}

/** As the phone asks for it: Digest by its challenge, a session where it turned us away without any, else the password twice. */
async function askWith(ask: LoggedInAsk, io: FamilyIo, signal: AbortSignal): Promise<Result<HttpAnswer>> {
  const { secure, login, path, refused } = ask;
  const challenges = parseChallenges(refused.headers.get("www-authenticate") ?? "");
  if (challenges.some(({ scheme }) => scheme === "digest")) {
    return io.http.ask(secure, { method: "GET", path, headers: refererOf(secure), login }, signal);
  }
  return refused.status === 401 && challenges.length === 0
    ? askInSession(ask, io, signal)
    : io.http.ask(secure, { method: "GET", path, headers: pageHeaders(secure, login) }, signal);
}

/** In the session of an earlier visit while the phone still takes it, else in a new one. */
async function askInSession(ask: LoggedInAsk, io: FamilyIo, signal: AbortSignal): Promise<Result<HttpAnswer>> {
  const { target, secure, login, path } = ask;
  const device = refusalKey(target);
  const inSession = (session: string): Promise<Result<HttpAnswer>> =>
    io.http.ask(secure, { method: "GET", path, headers: sessionHeaders(secure, session) }, signal);
  const known = io.webSessions?.of(device, login.id);
  const before = known === undefined ? undefined : await inSession(known);
  if (before !== undefined && !(before.ok && before.value.status === 401)) return before;
  io.webSessions?.forget(device, login.id);
  const session = await openWebSession(secure, login, io, signal);
  if (!session.ok) return session;
  if (session.value === undefined) return io.http.ask(secure, { method: "GET", path, headers: pageHeaders(secure, login) }, signal);
  io.webSessions?.keep(device, login.id, session.value);
  return inSession(session.value);
}

export function sessionHeaders(secure: HttpTarget, session: string): Readonly<Record<string, string>> {
  return { cookie: `session=${session}`, ...refererOf(secure) };
}

/** What RFC 6265 4.1.1 lets stand in a cookie's value. */
export const TOKEN = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,512}$/;

/** Logs in to a newer build; `undefined` where the build is older and has no sessions. The caller has checked `loginFault`. */
export async function openWebSession(
  secure: HttpTarget,
  login: Login,
  io: Pick<FamilyIo, "http">,
  signal: AbortSignal,
): Promise<Result<string | undefined>> {
  const headers = { authorization: basicAuthorization(login.user, login.password.reveal()), ...refererOf(secure) };
  const answer = await io.http.ask(secure, { method: "POST", path: "/form-submit/auth.htm", headers }, signal);
  if (!answer.ok) return answer;
  const session = /(?:^|\n)\s*session=([^;\n]*)/.exec(answer.value.headers.get("set-cookie") ?? "")?.[1];
  if (answer.value.status === 404 || (answer.value.status === 200 && session === undefined)) return ok(undefined);
  const judged = judgeStatus(answer.value, "https", login);
  if (!judged.ok) return judged;
  return session !== undefined && TOKEN.test(session) ? ok(session) : fail({ kind: "garbled", via: "https", wanted: "a session" });
}

/** A phone whose secure port is shut may still show a page to anybody. */
function judgeClear<T>(page: Result<Page<T>>): Result<Page<T>> {
  return !page.ok && page.fault.kind === "denied"
    ? fail({ kind: "denied", via: "http", detail: "asks for a password, and none is sent in clear" })
    : page;
}

function judgePage<T>(answer: HttpAnswer, via: Transport, decode: Decode<T>, login?: Login): Result<Page<T>> {
  const status = judgeStatus(answer, via, login);
  if (!status.ok) return status;
  const value = decode(answer.body, via);
  if (!value.ok) return value;
  return ok({ value: value.value, via, ...(answer.certificate === undefined ? {} : { certificate: answer.certificate }) });
}

/** Any status but 200 as a fault. */
export function judgeStatus(answer: HttpAnswer, via: Transport, login?: Login): Result<HttpAnswer> {
  switch (answer.status) {
    case 200:
      return ok(answer);
    case 401:
      return fail({ kind: "denied", via, ...(login === undefined ? {} : { credentialId: login.id }) });
    case 403:
      return fail({ kind: "busy", via });
    case 404:
      return fail({ kind: "off", via, detail: "no such page (404)" });
    case 423:
    case 429:
    case 503:
      return fail({ kind: "lockedOut", via, retryAfterMs: retryAfterMs(answer) });
    default:
      return fail({ kind: "garbled", via, wanted: "a page of the phone", detail: `HTTP ${answer.status}` });
  }
}

export type PollingHandler = "deviceHandler" | "networkHandler" | "callstateHandler";
export type Poll = <T>(handler: PollingHandler, decode: (body: Buffer) => Result<T>) => Promise<Result<T>>;

/**
 * Runs `run` with the account for state polling. The administrator's password is not tried: it is not the one, and each wrong
 * one counts towards the lock-out.
 *
 * @returns `off` where no such account is on record or the interface is disabled, `denied`, or what `run` returns
 */
export async function visitPolling<T>(
  target: Target,
  io: FamilyIo,
  signal: AbortSignal,
  run: (poll: Poll) => Promise<Result<T>>,
): Promise<Result<T>> {
  const own = target.credentials.filter((credential) => credential.kind === "password" && credential.families?.includes(POLLING) === true);
  if (own.length === 0) return fail({ kind: "off", via: "https", detail: "no account for state polling is on record" });
  const rule = { family: POLLING, via: "https", refusalsPerVisit: POLLING_REFUSALS_PER_VISIT } as const;
  return withLogin({ ...target, credentials: own }, rule, io, (login, refusedLater) =>
    run(async (handler, decode) => {
      const answer = await io.http.ask(httpTarget(target, "uc-phone"), { method: "GET", path: `/polling/${handler}`, login }, signal);
      if (!answer.ok) {
        if (isRefusalOf(login, answer.fault)) refusedLater();
        return answer;
      }
      const judged = judgeStatus(answer.value, "https", login);
      if (!judged.ok) return judged;
      return judged.value.body.length === 0
        ? fail({ kind: "off", via: "https", detail: "state polling answers to another place (responseMode)" })
        : decode(judged.value.body);
    }),
  );
}
