/**
 * One GET that follows redirects on its own host, and nowhere else (security.md 2).
 */
import { ok, type Result } from "../../protocols/core/fault.ts";
import { type GetAnswer, type GetAsk, openGet } from "./get.ts";

/** Source: security.md 2, "a hostile device eats the agent". */
const REDIRECTS_MAX = 3;

export interface Followed extends GetAnswer {
  /** Who answered in the end. */
  readonly url: URL;
}

/** As `openGet`. A redirect to another origin, to nowhere, or after the third is the answer itself. */
export async function openFollowing(ask: GetAsk, signal: AbortSignal): Promise<Result<Followed>> {
  let { url } = ask;
  for (let redirects = 0; ; redirects++) {
    const got = await openGet({ ...ask, url }, signal);
    if (!got.ok) return got;
    const next = redirects < REDIRECTS_MAX ? nextUrl(got.value, url) : undefined;
    if (next === undefined) return ok({ ...got.value, url });
    got.value.body.destroy();
    url = next;
  }
}

/** Where a redirect leads, if that is the same origin. Pure. */
export function nextUrl({ status, headers }: Pick<GetAnswer, "status" | "headers">, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return undefined;
  const to = URL.parse(headers.location, from);
  // The origin of a URL has no user and password; those of the answer must not become ours.
  return to !== null && to.origin === from.origin && to.username === "" && to.password === "" ? to : undefined;
}
