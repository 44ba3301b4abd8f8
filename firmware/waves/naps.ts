/**
 * Who of those that wait need not be asked again yet. At a large site thousands wait while a few move: one is asked again only when
 * something has changed that its answer was made from, and now and then all the same. Kept in memory alone: after a start all are asked.
 */
import type { DeviceId, TaskId } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Company } from "./company.ts";
import type { DomainIndex } from "./domains.ts";
import { isForOthers } from "./holds.ts";
import type { TaskRow } from "./ports.ts";
import type { Hold, TaskState } from "./task-state.ts";

/** What all that wait have in common now. */
export interface Common {
  /** Equal as long as campaign, kill switch, catalogues, images and window are as they were. */
  readonly key: string;
  /** No slot of the at-risk budget is free. */
  readonly isFull: boolean;
  readonly nowMs: Ms;
}

/** What kept a task waiting when it was asked. */
export interface Asked {
  readonly holds: readonly Hold[];
  /** The failure domain that has a part in them. */
  readonly domain?: string;
  /** As `stampOf` said of device and domain. */
  readonly stamp: number;
  readonly key: string;
  readonly atMs: Ms;
}

export interface Naps {
  /** What was at risk, begun or down and is no more, or the other way round: who shares a domain with it is asked again. */
  notice(atRisk: readonly DeviceId[], company: Company): void;
  /** Another number as soon as something has changed of the device or in the domain. */
  stampOf(device: DeviceId, domain?: string): number;
  keep(task: TaskRow, asked: Asked): void;
  isAsleep(task: TaskRow, common: Common): boolean;
}

/** Usual use and calendars change without a word: nobody sleeps longer. */
export const NAP_MAX_MS: Ms = 5 * MINUTE;
/** Of one with a reason of its own that does not say when it ends: a calendar that could not be read may be readable again. */
export const OPEN_NAP_MS: Ms = MINUTE;
/** Of one that nothing holds: that its image is here is noticed at once, that the device was seen again soon. */
export const SHORT_NAP_MS: Ms = 3 * SECOND;

interface Nap {
  readonly revision: number;
  readonly key: string;
  readonly stamp: number;
  readonly fromMs: Ms;
  readonly untilMs: Ms;
  /** Others keep it waiting and nothing else: in a domain it shares with them, or only by their number. */
  readonly forOthers?: "domain" | "number";
  readonly domain?: string;
}

export function createNaps(domains: DomainIndex): Naps {
  const naps = new Map<TaskId, Nap>();
  /** By domain and by device. */
  const changes = new Map<string, number>();
  let seen: { readonly atRisk: readonly DeviceId[]; readonly company: Company } | undefined;
  let present: ReadonlyMap<string, Present> = new Map();

  const bump = (id: string): void => void changes.set(id, (changes.get(id) ?? 0) + 1);
  const bumpAll = ({ device, domains: more }: Present): void => {
    bump(device);
    for (const { domain } of domains.takesOf(device)) bump(domain.id);
    for (const { domain } of domains.unitOf(device).flatMap((member) => domains.below(member))) bump(domain.id);
    for (const id of more) bump(id);
  };

  const stampOf = (device: DeviceId, domain?: string): number =>
    (changes.get(device) ?? 0) + (domain === undefined ? 0 : (changes.get(domain) ?? 0));

  return {
    stampOf,
    notice(atRisk, company) {
      if (seen?.atRisk === atRisk && seen.company === company) return;
      seen = { atRisk, company };
      const now = presentIn(atRisk, company);
      for (const [key, one] of now) if (!present.has(key)) bumpAll(one);
      for (const [key, one] of present) if (!now.has(key)) bumpAll(one);
      present = now;
    },
    keep({ id, revision, state }, { holds, domain, stamp, key, atMs }) {
      const own = holds.filter((hold) => !isForOthers(hold));
      const longestMs = holds.length === 0 && state.at === "armed" ? SHORT_NAP_MS : NAP_MAX_MS;
      const untilMs = Math.min(atMs + longestMs, deadlineOf(state), ...own.map(({ untilMs: until = atMs + OPEN_NAP_MS }) => until));
      naps.set(id, { revision, key, stamp, fromMs: atMs, untilMs, ...forOthers(holds), ...(domain === undefined ? {} : { domain }) });
    },
    isAsleep({ id, revision, device }, { key, isFull, nowMs }) {
      const nap = naps.get(id);
      if (nap === undefined) return false;
      // A clock that was set back makes every nap longer than it was meant to be.
      const stands = nap.revision === revision && nap.key === key && nowMs >= nap.fromMs && nowMs < nap.untilMs;
      if (stands && (nap.forOthers === undefined || isFull || (nap.forOthers === "domain" && stampOf(device, nap.domain) === nap.stamp)))
        return true;
      naps.delete(id);
      return false;
    },
  };
}

function forOthers(holds: readonly Hold[]): Pick<Nap, "forOthers"> {
  if (holds.length === 0 || !holds.every(isForOthers)) return {};
  return { forOthers: holds.some(({ code }) => code !== "budget") ? "domain" : "number" };
}

const deadlineOf = (state: TaskState): Ms => (state.at === "armed" ? state.deadlineMs : Number.POSITIVE_INFINITY);

interface Present {
  readonly device: DeviceId;
  /** Beside those of its own plan. */
  readonly domains: readonly string[];
}

function presentIn(atRisk: readonly DeviceId[], { slots, begun, down }: Company): ReadonlyMap<string, Present> {
  const now = new Map<string, Present>();
  for (const device of atRisk) now.set(`at risk ${device}`, { device, domains: [] });
  for (const { device, task, domains } of slots) now.set(`slot ${device} ${task}`, { device, domains });
  for (const { device, task } of begun) now.set(`begun ${device} ${task}`, { device, domains: [] });
  for (const { device } of down) now.set(`down ${device}`, { device, domains: [] });
  return now;
}

/** Of the others nobody waits for long: their next move changes their row. */
export function mayNap({ at }: TaskState, holds: readonly Hold[]): boolean {
  return at === "planned" || at === "armed" || (at === "held" && holds.length > 0);
}

/** Before this moment there is nothing to do for it, whatever else is so. */
export function waitsUntilMs(state: TaskState): Ms {
  switch (state.at) {
    case "held":
      return state.reasons.find(({ code }) => code === "offline" || code === "backup")?.untilMs ?? 0;
    case "deferred":
      return state.nextLookMs;
    case "failedRetryable":
      return state.nextAtMs;
    default:
      return 0;
  }
}
