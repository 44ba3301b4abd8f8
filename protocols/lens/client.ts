/**
 * Poly Lens, read only: one question, one answer, within what the account may spend. There is no way to change anything
 * through it: `rebootDevice` would end calls. Source: protocols/lens-and-portal.md 1 to 5.
 */
import type { Budget } from "../core/budget.ts";
import { Bug, type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Secret } from "../core/secret.ts";
import type { Clock } from "../core/time.ts";
import type { HttpAnswer, HttpClient, HttpTarget } from "../http/client.ts";
import { asLens, type LensData, type LensFault, readAnswer } from "./answer.ts";
import type { LensEndpoints } from "./endpoints.ts";
import { documentOf, droppable, type LensQuery } from "./query.ts";
import { createSpending } from "./spending.ts";
import { createTokenKeeper, LENS_CREDENTIAL } from "./token.ts";

export interface LensAccount {
  readonly clientId: Secret;
  readonly clientSecret: Secret;
  readonly endpoints: LensEndpoints;
  /** PEM, in place of the system's roots. */
  readonly roots?: string;
}

export type Variables = Readonly<Record<string, unknown>>;

export interface LensAnswer<T> {
  readonly value: T;
  /** Parts of the question that were not answered. */
  readonly faults: readonly Fault[];
  /** Fields Lens no longer knows, left out of the question. */
  readonly without: readonly string[];
}

export interface LensClient {
  /**
   * Asks one question. Nothing is sent while the account is at its limit, or has less left than this question cost last time.
   *
   * @returns `limited` with the wait; `adapt` where a field is gone that the question needs; else a fault by `lens`
   */
  ask<T>(query: LensQuery<T>, variables: Variables, signal: AbortSignal): Promise<Result<LensAnswer<T>, LensFault>>;
}

/** A page of 500 devices is about a megabyte; a large account is slow. A guess. */
const ASK_BUDGET: Budget = { timeMs: 30_000, bytes: 4 * 1024 * 1024, items: 50_000 };
/** Questions again with fewer fields, per ask: each names all the fields that are gone. */
const ADAPTIONS_MAX = 4;

export function createLensClient(account: LensAccount, io: { readonly http: HttpClient; readonly clock: Clock }): LensClient {
  const { clientId, clientSecret, endpoints, roots } = account;
  const graphql = placeOf(endpoints.graphql, roots);
  const tokens = createTokenKeeper({ ...placeOf(endpoints.token, roots), clientId, clientSecret }, io);
  const gone = new Map<string, Set<string>>();
  const spending = createSpending(io.clock);

  const post = (body: string, token: Secret | undefined, signal: AbortSignal): Promise<Result<HttpAnswer>> => {
    const headers = {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    };
    return io.http.ask(graphql.target, { method: "POST", path: graphql.path, headers, body, budget: ASK_BUDGET }, signal);
  };

  /** A token may have been withdrawn before its time: one new one is tried. */
  async function send(query: LensQuery<unknown>, body: string, signal: AbortSignal): Promise<Result<LensData, LensFault>> {
    for (let again = query.open !== true; ; again = false) {
      const token = query.open === true ? ok(undefined) : await tokens.token(signal);
      if (!token.ok) return token;
      const answer = await post(body, token.value, signal);
      if (!answer.ok) return fail(asLens(answer.fault));
      const read = readAnswer(answer.value);
      if (read.ok || read.fault.kind !== "denied") return read;
      if (token.value !== undefined) tokens.drop(token.value);
      if (!again) return fail({ ...read.fault, ...(query.open === true ? {} : { credentialId: LENS_CREDENTIAL }) });
    }
  }

  return {
    async ask(query, variables, signal) {
      const without = gone.get(query.name) ?? new Set<string>();
      gone.set(query.name, without);
      for (let left = ADAPTIONS_MAX; ; left--) {
        const retryAfterMs = spending.waitMs(query);
        if (retryAfterMs > 0) return fail({ kind: "limited", retryAfterMs });
        const sent = await send(query, JSON.stringify({ query: documentOf(query, without), variables }), signal);
        if (sent.ok) {
          if (sent.value.cost !== undefined) spending.note(query, sent.value.cost);
          const value = query.decode(sent.value.data);
          return value.ok ? ok({ value: value.value, faults: sent.value.faults, without: [...without] }) : fail(asLens(value.fault));
        }
        if (sent.fault.kind === "limited") spending.hold(sent.fault.retryAfterMs);
        if (sent.fault.kind !== "adapt") return sent;
        const fewer = droppable(query, sent.fault.fields).filter((field) => !without.has(field));
        if (fewer.length === 0 || left === 0) return sent;
        for (const field of fewer) without.add(field);
      }
    },
  };
}

/** The secret and the token go to a proved name over TLS, or nowhere. */
function placeOf(endpoint: string, roots: string | undefined): { readonly target: HttpTarget; readonly path: string } {
  const url = new URL(endpoint);
  if (url.protocol !== "https:") throw new Bug("the settings let an address of Lens pass that is not https");
  const address = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? 443 : Number(url.port);
  return {
    target: { address, port, secure: true, trust: "roots", ...(roots === undefined ? {} : { roots }) },
    path: `${url.pathname}${url.search}`,
  };
}
