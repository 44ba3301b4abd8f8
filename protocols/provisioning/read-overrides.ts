/**
 * What a phone was set to by hand, asked of the customer's server where the phone itself would ask, without any log-in of the phone's.
 * "Not there" counts only where the same server gave the same asker the phone's master file. Source: protocols/provisioning.md 1 and 5.
 */
import type { IncomingMessage } from "node:http";
import type { Mac } from "../core/ids.ts";
import { realAlarm } from "../core/time.ts";
import { forwardHeaders, withoutHeaders } from "./forward-headers.ts";
import { modelKeys } from "./model-keys.ts";
import { looksLikeHtml } from "./odd-answers.ts";
import { overridesFolders } from "./overrides-folder.ts";
import { readUpTo } from "./pass-body.ts";
import type { Habit, OverrideName } from "./phone-habits.ts";
import { UPLOAD_CAPS } from "./uploads.ts";
import type { Upstream } from "./upstream.ts";

/** One file. `hidden`: it could not be seen, and why. */
export type OverrideFound =
  | { readonly kind: "there"; readonly bytes: Buffer }
  | { readonly kind: "absent" }
  | { readonly kind: "hidden"; readonly why: string };

export type OverridesFound = { readonly [which in OverrideName]: OverrideFound };

export interface OverridesOf {
  readonly mac: Mac;
  /** As the inventory spells it. */
  readonly model?: string | undefined;
  /** Its own, for servers that go by it. */
  readonly address?: string | undefined;
}

export interface OverridesIo {
  readonly upstream: Upstream;
  /** `user:password` of the agent's own. */
  readonly account: string | undefined;
  readonly habit: Habit | undefined;
}

/** Real milliseconds for all of it: some ten small files of one server on the site. Judgement. */
const LOOK_MS = 30_000;

type Got = { readonly status: number; readonly bytes: Buffer } | { readonly why: string };

export async function readOverrides(who: OverridesOf, io: OverridesIo, signal: AbortSignal): Promise<OverridesFound> {
  const end = new AbortController();
  const stop = realAlarm(LOOK_MS, () => end.abort());
  try {
    const get = getter(who, io, AbortSignal.any([signal, end.signal]));
    const places = await placesOf(who, io.habit, get);
    const [phone, web] = [await lookFor("phone", who, { io, places, get }), await lookFor("web", who, { io, places, get })];
    return { phone, web };
  } finally {
    stop();
  }
}

/** The folders of its override files, as its master files say; without any where none was given. */
interface Places {
  readonly folders: readonly string[];
  /** Why what is not there may be elsewhere. */
  readonly why?: string;
}

async function placesOf(who: OverridesOf, habit: Habit | undefined, get: (path: string) => Promise<Got>): Promise<Places> {
  const models = modelKeys({ userAgent: habit?.userAgent, model: who.model });
  const folders: string[] = [];
  let trouble: string | undefined;
  // Where it was seen to boot, and where it boots if it never was: a site may have moved its files.
  for (const folder of new Set([...(habit?.folders ?? []), "/"])) {
    const own = await get(`${folder}${who.mac}.cfg`);
    const got = "status" in own && isAbsent(own.status) ? await get(`${folder}000000000000.cfg`) : own;
    if ("why" in got) trouble ??= got.why;
    if ("why" in got || got.status !== 200) continue;
    const said = overridesFolders(got.bytes, { mac: who.mac, models });
    if ("why" in said) return { folders, why: said.why };
    folders.push(...said.folders.map((one) => `${folder}${one}`));
  }
  return folders.length > 0 ? { folders } : { folders, why: trouble ?? "it gives the agent no master file for the phone" };
}

async function lookFor(
  which: OverrideName,
  { mac }: OverridesOf,
  { io: { habit }, places, get }: { readonly io: OverridesIo; readonly places: Places; readonly get: (path: string) => Promise<Got> },
): Promise<OverrideFound> {
  const own = habit?.overrides[which];
  const named = places.folders.map((folder) => `${folder}${mac}-${which}.cfg`);
  let why = places.why;
  for (const path of new Set([...(own === undefined ? [] : [own]), ...named])) {
    const got = await get(path);
    if ("why" in got) why ??= got.why;
    else if (got.status === 200) return { kind: "there", bytes: got.bytes };
  }
  if (why === undefined || habit?.absent[which] === true) return { kind: "absent" };
  return { kind: "hidden", why };
}

const isAbsent = (status: number): boolean => status === 404 || status === 410;

/** 200 and "not there" are answers; all else is said in words. */
function getter({ address }: OverridesOf, { upstream, account, habit }: OverridesIo, signal: AbortSignal): (path: string) => Promise<Got> {
  const agent = habit?.userAgent === undefined ? [] : ["User-Agent", habit.userAgent];
  const raw = [...agent, "Accept-Encoding", "identity"];
  const forPhone = forwardHeaders({ raw, address: address ?? "", host: upstream.host, account });
  const headers = address === undefined ? withoutHeaders(forPhone, ["x-forwarded-for"]) : forPhone;
  return async (target) => {
    const got = await upstream.ask({ method: "GET", target, headers }, signal);
    if (!got.ok) return { why: `it does not answer (${got.fault === "gone" ? "it takes too long" : got.fault})` };
    try {
      return await judged(got.value, signal);
    } finally {
      got.value.destroy();
    }
  };
}

async function judged(answer: IncomingMessage, signal: AbortSignal): Promise<Got> {
  const { statusCode: status = 0, headers } = answer;
  if (isAbsent(status)) return { status, bytes: Buffer.alloc(0) };
  if (status === 401 || status === 403) return { why: `it does not let the agent see it (${status})` };
  if (status >= 300 && status < 400) return { why: `it sends the agent elsewhere (${status})` };
  if (status !== 200) return { why: `it answers ${status}` };
  const coding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (coding !== "identity") return { why: "it compresses what it was asked not to" };
  const read = await readUpTo(answer, UPLOAD_CAPS.overrideBytes, { timeMs: LOOK_MS, silentMs: LOOK_MS, signal });
  if (typeof read === "string") return { why: "its answer broke off" };
  if (!read.isWhole) return { why: "its answer is too large" };
  if (looksLikeHtml(headers["content-type"], read.bytes)) return { why: "it answers with a page of HTML" };
  return { status, bytes: read.bytes };
}
