/**
 * REST sessions of VideoOS and RealPresence Group: opened, asked, always closed. A session left open locks REST and the
 * web pages until somebody pulls the plug. Source: protocols/video.md 2.1.
 */

import * as z from "zod";
import { type Budget, HTTP_BUDGET } from "../core/budget.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import { loginFault } from "./certificate.ts";
import type { HttpAnswer, HttpAsk, HttpClient, HttpTarget } from "./client.ts";

/** Closing gets time of its own, even when the visit was cut off. */
const CLOSE_BUDGET: Budget = { ...HTTP_BUDGET, timeMs: 5_000, bytes: 64 * 1024 };
/** Captured lock time: one minute. Source: protocols/video.md 2.1. */
const PORT_LOCKED_MS = 60_000;
const TOKEN_CHARS = 512;

/** What may be asked while the session is open. */
export interface Session {
  /** Where the device sees us, as it said when it let us in. */
  readonly location: string | undefined;
  /** `path` stands below `/rest/`. `denied` without a credential where the session has ended under us; else as `HttpClient.ask`. */
  ask(ask: { readonly method: HttpAsk["method"]; readonly path: string; readonly body?: unknown }): Promise<Result<HttpAnswer>>;
}

export interface SessionIo<T> {
  readonly http: HttpClient;
  run(session: Session): Promise<Result<T>>;
  /** Told when the device called the first form of the log-in invalid: it may count that as a failed log-in. */
  readonly onFirstFormRefused?: () => void;
}

/** What each ask of the session carries. */
interface Opened {
  readonly cookie: string;
  readonly xsrf: string | undefined;
  readonly location: string | undefined;
}

/**
 * Opens a session, runs `run`, closes it whatever happens. Sessions with one address come one after the other.
 *
 * @returns what `run` returns, or why no session came about: `denied` (password), `lockedOut`, `busy` (a session is
 *   active), `off` (no such interface), `garbled`, and the faults of `HttpClient.ask`
 */
export function withSession<T>(target: HttpTarget, login: Login, io: SessionIo<T>, signal: AbortSignal): Promise<Result<T>> {
  return io.http.alone(target.address, async () => {
    // The password travels in a body, so the client cannot know that it is one.
    const fault = loginFault(target);
    if (fault !== undefined) return fail(fault);
    const opened = await open(target, login, io, signal);
    if (!opened.ok) return opened;
    try {
      return await io.run({ location: opened.value.location, ask: (ask) => askIn(target, opened.value, { http: io.http, ask }, signal) });
    } finally {
      await close(target, opened.value, io.http);
    }
  });
}

const bodySchema = z.object({
  success: z.boolean().optional(),
  reason: z.string().max(TOKEN_CHARS).optional(),
  session: z
    .object({
      sessionId: z.string().max(TOKEN_CHARS).optional(),
      isAuthenticated: z.boolean().optional(),
      location: z.string().max(TOKEN_CHARS).optional().catch(undefined),
    })
    .optional(),
  loginStatus: z.object({ loginResult: z.string().max(TOKEN_CHARS).optional() }).optional(),
});

type Body = z.infer<typeof bodySchema>;

/** Some builds want an `action`, others none: the second form only after the device called the first one invalid. */
async function open<T>(target: HttpTarget, login: Login, io: SessionIo<T>, signal: AbortSignal): Promise<Result<Opened>> {
  const { http } = io;
  const who = { user: login.user, password: login.password.reveal() };
  const first = await post(target, who, http, signal);
  if (!first.ok) return first;
  const again = reasonOf(first.value) === "SessionRequestInvalid" || first.value.status === 415;
  if (again) io.onFirstFormRefused?.();
  const answer = again ? await post(target, { action: "Login", ...who }, http, signal) : first;
  if (!answer.ok) return answer;
  const opened = openedBy(answer.value);
  const judged = judge(answer.value, login, opened);
  // A device may open a session and still say what we cannot take for one.
  if (!judged.ok && answer.value.status < 300 && opened !== undefined) await close(target, opened, http);
  return judged;
}

function post(target: HttpTarget, body: unknown, http: HttpClient, signal: AbortSignal): Promise<Result<HttpAnswer>> {
  const ask: HttpAsk = {
    method: "POST",
    path: "/rest/session",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  };
  return http.ask(target, ask, signal);
}

function bodyOf(answer: HttpAnswer): Body | undefined {
  let json: unknown;
  try {
    json = JSON.parse(answer.body.toString("utf8"));
  } catch {
    return undefined;
  }
  const parsed = bodySchema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

function reasonOf(answer: HttpAnswer): string | undefined {
  return answer.status === 200 ? undefined : bodyOf(answer)?.reason;
}

/** The session an answer names; what is not a plain token never becomes a header. */
function openedBy(answer: HttpAnswer): Opened | undefined {
  const cookies = cookiesOf(answer.headers.get("set-cookie") ?? "");
  const id = cookies.get("session_id") ?? bodyOf(answer)?.session?.sessionId;
  if (id === undefined || !tokenForm.test(id)) return undefined;
  const xsrf = cookies.get("XSRF-TOKEN");
  const cookie = `session_id=${id}${xsrf === undefined ? "" : `; XSRF-TOKEN=${xsrf}`}`;
  return { cookie, xsrf, location: bodyOf(answer)?.session?.location };
}

function judge(answer: HttpAnswer, login: Login, opened: Opened | undefined): Result<Opened> {
  const body = bodyOf(answer);
  const refused: Fault = { kind: "denied", via: "https", credentialId: login.id };
  const text = `${body?.reason ?? ""} ${body?.loginStatus?.loginResult ?? ""}`;
  // `NOLOCKOUT` is the good answer and holds the word.
  if (/PortLockout|LOCKOUT|LOCKED/i.test(text.replaceAll("NOLOCKOUT", ""))) {
    return fail({ kind: "lockedOut", via: "https", retryAfterMs: PORT_LOCKED_MS });
  }
  if (body?.reason === "SessionAlreadyActive") return fail({ kind: "busy", via: "https" });
  if (answer.status === 404) return fail({ kind: "off", via: "https", detail: "no REST sessions (404)" });
  // A challenge of HTTP is no answer to a session's log-in: whoever sends one, an HDX for its pages, has not read the password.
  if (answer.status === 401 && answer.headers.has("www-authenticate")) {
    return fail({ kind: "off", via: "https", detail: "no REST sessions: it asks for a log-in of HTTP" });
  }
  // No reason on record is said to mean a wrong password, so every other refusal counts as one here.
  if (answer.status >= 400 && answer.status < 500) return fail(refused);
  if (body === undefined || answer.status >= 300) {
    return fail({ kind: "garbled", via: "https", wanted: "a session", detail: `HTTP ${answer.status}` });
  }
  if (body.success === false || body.session?.isAuthenticated === false) return fail(refused);
  if (opened !== undefined) return ok(opened);
  return fail(body.session?.sessionId === undefined ? refused : { kind: "garbled", via: "https", wanted: "a session id" });
}

/** What RFC 6265 4.1.1 lets stand in a cookie's value. */
const tokenForm = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,512}$/;

/** Name and value of each cookie; a value that is not a plain token is left out. */
function cookiesOf(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of header.split("\n").slice(0, 20)) {
    const [, name, value = ""] = /^\s*([\w-]{1,64})=([^;]*)/.exec(line) ?? [];
    if (name !== undefined && tokenForm.test(value)) found.set(name, value);
  }
  return found;
}

function headersFor(opened: Opened): Record<string, string> {
  return { accept: "application/json", cookie: opened.cookie, ...(opened.xsrf === undefined ? {} : { "x-xsrf-token": opened.xsrf }) };
}

async function askIn(
  target: HttpTarget,
  opened: Opened,
  io: { readonly http: HttpClient; readonly ask: Parameters<Session["ask"]>[0] },
  signal: AbortSignal,
): Promise<Result<HttpAnswer>> {
  const { method, path, body } = io.ask;
  const headers = headersFor(opened);
  const ask: HttpAsk = {
    method,
    path: `/rest/${path}`,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const answer = await io.http.ask(target, ask, signal);
  // Not a word about the password: the session ended under us.
  if (answer.ok && (answer.value.status === 401 || answer.value.status === 403 || reasonOf(answer.value) === "SessionNoActiveSession")) {
    return fail({ kind: "denied", via: "https", detail: "the session has ended" });
  }
  return answer;
}

async function close(target: HttpTarget, opened: Opened, http: HttpClient): Promise<void> {
  // A new signal: an aborted visit still closes what it opened. A failure leaves nothing more to do.
  await http.ask(
    target,
    { method: "DELETE", path: "/rest/session", headers: headersFor(opened), budget: CLOSE_BUDGET },
    new AbortController().signal,
  );
}
