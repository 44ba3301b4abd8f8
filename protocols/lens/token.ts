/**
 * The token of the Lens account: fetched when needed, one request at a time, never again after two refusals.
 * Source: protocols/lens-and-portal.md 2.
 */
import * as z from "zod";
import type { Budget } from "../core/budget.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { limit } from "../core/limit.ts";
import { Secret } from "../core/secret.ts";
import { type Clock, DAY, MINUTE, type Ms, SECOND } from "../core/time.ts";
import { looseNumber, parsePlainJson } from "../families/json.ts";
import type { HttpClient, HttpTarget } from "../http/client.ts";
import { asLens, type LensFault, limitOf } from "./answer.ts";

export interface TokenKeeper {
  /** A token that is good for another minute at least. */
  token(signal: AbortSignal): Promise<Result<Secret, LensFault>>;
  /** It was not taken: the next one asked for is new. */
  drop(token: Secret): void;
}

export interface TokenSource {
  readonly target: HttpTarget;
  readonly path: string;
  readonly clientId: Secret;
  readonly clientSecret: Secret;
}

/** Names the credential in faults. */
export const LENS_CREDENTIAL = "lens";
const TOKEN_BUDGET: Budget = { timeMs: 15_000, bytes: 64 * 1024, items: 100 };
/** Before its end a token is not used any more: the ask it goes with takes its time too. */
const MARGIN_MS = MINUTE;
/** A lifetime that is not stated or absurd. A guess on the short side. */
const LIFE_MS = 5 * MINUTE;
const LIFE_MS_MAX = DAY;
const REFUSALS_MAX = 2;
/** Of the header a token goes into; real ones have about a thousand. */
const TOKEN_FORM = /^[\w.~+/=-]{1,8192}$/;

const answerForm = z.object({ access_token: z.string().regex(TOKEN_FORM), expires_in: looseNumber });

export function createTokenKeeper(source: TokenSource, io: { readonly http: HttpClient; readonly clock: Clock }): TokenKeeper {
  const lane = limit(1);
  let kept: { readonly token: Secret; readonly untilMs: Ms } | undefined;
  let refusals = 0;
  let quietUntilMs: Ms = 0;

  async function current(signal: AbortSignal): Promise<Result<Secret, LensFault>> {
    const nowMs = io.clock.nowMs();
    if (kept !== undefined && nowMs < kept.untilMs) return ok(kept.token);
    kept = undefined;
    if (refusals >= REFUSALS_MAX) return fail(denied("refused twice before: not tried again until the agent starts anew"));
    if (nowMs < quietUntilMs) return fail({ kind: "limited", retryAfterMs: quietUntilMs - nowMs });
    const fetched = await fetchToken(source, io.http, signal);
    if (!fetched.ok) {
      if (fetched.fault.kind === "denied") refusals++;
      if (fetched.fault.kind === "limited") quietUntilMs = nowMs + fetched.fault.retryAfterMs;
      return fetched;
    }
    refusals = 0;
    // A short one is used for the ask it was fetched for, and no further.
    kept = { token: fetched.value.token, untilMs: nowMs + Math.max(0, fetched.value.lifeMs - MARGIN_MS) };
    return ok(fetched.value.token);
  }

  return {
    async token(signal) {
      try {
        return await lane.run(() => current(signal), signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        return fail({ kind: "cancelled", by: "shutdown" });
      }
    },
    drop(token) {
      if (kept?.token === token) kept = undefined;
    },
  };
}

const denied = (detail: string): Fault => ({ kind: "denied", via: "lens", credentialId: LENS_CREDENTIAL, detail });

/** A refused call may repeat the secret in its body: of that nothing is kept, not even in a fault's `detail`. */
async function fetchToken(
  { target, path, clientId, clientSecret }: TokenSource,
  http: HttpClient,
  signal: AbortSignal,
): Promise<Result<{ token: Secret; lifeMs: Ms }, LensFault>> {
  const body = JSON.stringify({
    client_id: clientId.reveal(),
    client_secret: clientSecret.reveal(),
    grant_type: "client_credentials",
  });
  const headers = { "content-type": "application/json", accept: "application/json" };
  const answer = await http.ask(target, { method: "POST", path, headers, body, budget: TOKEN_BUDGET }, signal);
  if (!answer.ok) return fail(asLens(answer.fault));
  const { status } = answer.value;
  const limited = limitOf(answer.value);
  if (limited !== undefined) return fail(limited);
  if (status === 400 || status === 401 || status === 403) return fail(denied(`HTTP ${status} for the client id and secret`));
  if (status >= 500) return fail({ kind: "unreachable", via: "lens", detail: `HTTP ${status} for a token` });
  const json = parsePlainJson(answer.value.body);
  const read = json.ok && status === 200 ? answerForm.safeParse(json.value) : undefined;
  if (read?.success !== true) return fail({ kind: "garbled", via: "lens", wanted: "a token", detail: `HTTP ${status}` });
  const { access_token: token, expires_in: seconds } = read.data;
  const stated = seconds !== undefined && seconds > 0 ? seconds * SECOND : LIFE_MS;
  return ok({ token: new Secret(token), lifeMs: Math.min(stated, LIFE_MS_MAX) });
}
