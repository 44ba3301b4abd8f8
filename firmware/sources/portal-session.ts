/**
 * Questions to the support portal as a user who is logged in: logs in when needed, once more where the log-in was over.
 * Source: docs/portal.md.
 */
import * as z from "zod";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Secret } from "../../protocols/core/secret.ts";
import { type Clock, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { HttpAnswer, HttpClient, HttpTarget } from "../../protocols/http/client.ts";

export interface PortalAccount {
  /** Ends without a slash. */
  readonly url: URL;
  readonly user: string;
  readonly password: Secret;
  /** PEM, in place of the system's roots. */
  readonly ca?: string;
}

export interface PortalSession {
  /** The decoded answer, under a log-in that is good. Faults as docs/portal.md, "Rules for every call". */
  ask<T>(call: PortalCall<T>, signal: AbortSignal): Promise<Result<T>>;
  /** What a download shows. `renew`: what was shown last was turned away. */
  authorize(renew: boolean, signal: AbortSignal): Promise<Result<Readonly<Record<string, string>>>>;
}

export interface PortalCall<T> {
  readonly method: "GET" | "POST";
  /** Below the portal's address, with its slash. */
  readonly path: string;
  readonly body?: object;
  readonly schema: z.ZodType<T>;
  /** For people: what was asked for. */
  readonly wanted: string;
}

/** Wall clock and bytes: docs/portal.md. */
const ASK_BUDGET = { timeMs: 20_000, bytes: 4 * 1024 * 1024, items: 1 };
/** Longer than a person needs to mend a password file, and short of locking an account. A guess. */
const LEFT_ALONE_MS: Ms = 30 * MINUTE;
/** A token is not used in its last tenth: it may run out on the way. */
const TOKEN_SHARE = 0.9;

const sessionSchema = z.object({
  schema: z.literal("groundswell.portal-session/1"),
  token: z.string().regex(/^[\x21-\x7e]{1,2000}$/),
  expiresInSeconds: z.int().min(1).max(86_400),
});

export function createPortalSession(
  account: PortalAccount,
  io: { readonly http: Pick<HttpClient, "ask">; readonly clock: Clock },
): PortalSession {
  const { target, base } = placeOf(account);
  let token: { readonly text: string; readonly untilMs: Ms } | undefined;
  let leftAloneUntilMs: Ms = Number.NEGATIVE_INFINITY;

  const send = (
    call: Omit<PortalCall<unknown>, "schema" | "wanted">,
    headers: object,
    signal: AbortSignal,
  ): Promise<Result<HttpAnswer>> => {
    const { method, path, body } = call;
    const typed = body === undefined ? {} : { "content-type": "application/json" };
    const whole = { accept: "application/json", ...typed, ...headers };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return io.http.ask(target, { method, path: `${base}${path}`, headers: whole, ...text, budget: ASK_BUDGET }, signal);
  };

  async function logIn(signal: AbortSignal): Promise<Result<string>> {
    const nowMs = io.clock.nowMs();
    if (nowMs < leftAloneUntilMs) {
      const minutes = Math.ceil((leftAloneUntilMs - nowMs) / MINUTE);
      return fail({ kind: "denied", via: "https", detail: `the log-in was turned away; it is tried again in ${minutes} min` });
    }
    const body = { schema: "groundswell.portal-login/1", user: account.user, password: account.password.reveal() };
    const answer = await send({ method: "POST", path: "/sessions", body }, {}, signal);
    if (!answer.ok) return answer;
    const { status } = answer.value;
    if (status === 401 || status === 403) {
      leftAloneUntilMs = nowMs + LEFT_ALONE_MS;
      return fail({ kind: "denied", via: "https", detail: `the portal turns the user away (status ${status})` });
    }
    if (status !== 200 && status !== 201) return fail(statusFault(status, "a log-in"));
    const read = decode(sessionSchema, answer.value.body);
    if (read === undefined) return fail({ kind: "garbled", via: "https", wanted: "a session of the portal" });
    token = { text: read.token, untilMs: nowMs + read.expiresInSeconds * SECOND * TOKEN_SHARE };
    return ok(read.token);
  }

  const current = async (renew: boolean, signal: AbortSignal): Promise<Result<string>> => {
    if (renew) token = undefined;
    return token !== undefined && io.clock.nowMs() < token.untilMs ? ok(token.text) : logIn(signal);
  };
  const shown = (text: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${text}` });

  return {
    async authorize(renew, signal) {
      const got = await current(renew, signal);
      return got.ok ? ok(shown(got.value)) : got;
    },
    async ask(call, signal) {
      for (let renew = false; ; renew = true) {
        const got = await current(renew, signal);
        if (!got.ok) return got;
        const answer = await send(call, shown(got.value), signal);
        if (!answer.ok) return answer;
        const { status, headers, body } = answer.value;
        const over = status === 401 || isPage(headers.get("content-type"), body);
        if (over && !renew) continue;
        if (over && status !== 401) return fail({ kind: "garbled", via: "https", wanted: call.wanted, detail: "a web page" });
        if (status !== 200) return fail(statusFault(status, call.wanted));
        const read = decode(call.schema, body);
        return read === undefined ? fail({ kind: "garbled", via: "https", wanted: call.wanted }) : ok(read);
      }
    },
  };
}

function statusFault(status: number, wanted: string): Fault {
  if (status === 401 || status === 403) return { kind: "denied", via: "https", detail: `status ${status} for ${wanted}` };
  if (status === 429 || status >= 500) return { kind: "unreachable", via: "https", detail: `status ${status} for ${wanted}` };
  const where = status >= 300 && status < 400 ? "it sends us elsewhere, and no redirect is followed: " : "";
  return { kind: "garbled", via: "https", wanted, detail: `${where}status ${status}` };
}

function isPage(type: string | undefined, body: Buffer): boolean {
  return /\bhtml\b/i.test(type ?? "") || /^\s*<(?:!doctype html|html)\b/i.test(body.subarray(0, 64).toString("latin1"));
}

/** Keys that would reach into an object's own machinery are dropped by every schema that reads them: own keys only. */
function decode<T>(schema: z.ZodType<T>, body: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

function placeOf({ url, ca }: PortalAccount): { readonly target: HttpTarget; readonly base: string } {
  const secure = url.protocol === "https:";
  const address = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const proof = secure ? ({ trust: "roots", ...(ca === undefined ? {} : { roots: ca }) } as const) : ({ trust: "any" } as const);
  return { target: { address, port, secure, ...proof }, base: url.pathname.replace(/\/$/, "") };
}
