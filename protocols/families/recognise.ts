/**
 * The first look at an address, without any password, and which family it speaks for.
 */

import { type Budget, HTTP_BUDGET } from "../core/budget.ts";
import type { DevicePorts, FamilyId } from "../core/device.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { ClientIdentity } from "../core/secret.ts";
import type { Ms } from "../core/time.ts";
import type { HttpAnswer, HttpTarget } from "../http/client.ts";
import type { SnmpAccess } from "../snmp/client.ts";
import { SYSTEM } from "../snmp/oids.ts";
import type { Family, FamilyIo, FirstLook, Recognised } from "./family.ts";
import { moreTelling, systemLook } from "./snmp-system.ts";

/** Which doors to knock at; SNMP with the given accesses in order, none tried where the list is empty. */
export interface Doors {
  readonly tls: boolean;
  readonly sip: boolean;
  readonly ssh: boolean;
  readonly snmp: readonly SnmpAccess[];
  /** See `HttpTarget.oldTls`. */
  readonly oldTls?: boolean;
  /** Shown only where the server ends the handshake without one. */
  readonly identity?: ClientIdentity;
}

export interface LookWhere {
  readonly address: string;
  readonly ports: DevicePorts;
  readonly doors: Doors;
  /** See `Target.patienceMs`. */
  readonly patienceMs?: Ms;
}

/** A first look with the reason for every door that stayed shut. */
export interface FirstLookAnswer extends FirstLook {
  readonly faults: readonly Fault[];
}

/** Short: a first look is made at many addresses where nobody is. Guess: twice a slow phone's handshake. */
const LOOK_BUDGET: Budget = { ...HTTP_BUDGET, timeMs: 4_000, bytes: 256 * 1024 };

/** Knocks at all doors at once. No credential is sent but the communities in `doors.snmp`, and `doors.identity` where it is demanded. */
export async function firstLook(where: LookWhere, io: FamilyIo, signal: AbortSignal): Promise<FirstLookAnswer> {
  const { address, ports, doors } = where;
  const skipped = Promise.resolve(undefined);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_BUDGET.timeMs)]);
  const heard = new AbortController();
  const byTls = doors.tls
    ? lookByTls({ address, port: ports.https, secure: true, trust: "any", oldTls: doors.oldTls === true }, { io, doors }, limited)
    : skipped;
  const bySsh = doors.ssh ? io.ssh.banner({ address, port: ports.ssh }, limited) : skipped;
  // Silence is all that UDP shows of a shut door; TCP tells at once that somebody is there, by an answer or by turning us away.
  const note = (result: unknown): void => {
    if (result !== undefined && !limited.aborted) heard.abort();
  };
  // What a door throws is thrown below, once.
  for (const door of [byTls, bySsh]) void door.then(note, () => undefined);
  const patient = AbortSignal.any([limited, late(heard.signal, where.patienceMs)]);
  const [tls, sip, ssh, snmp] = await Promise.all([
    byTls,
    doors.sip ? io.sip.options({ address, port: ports.sip }, patient) : skipped,
    bySsh,
    doors.snmp.length > 0 ? lookBySnmp(where, io, signal) : skipped,
  ]);
  const userAgent = sip?.ok === true ? sip.value.userAgent : undefined;
  return {
    ...(tls?.ok === true ? { tls: tls.value } : {}),
    ...(sip?.ok === true ? { sip: userAgent === undefined ? {} : { userAgent } } : {}),
    ...(ssh?.ok === true ? { ssh: ssh.value } : {}),
    ...(snmp?.ok === true ? { snmp: snmp.value } : {}),
    faults: [tls, sip, ssh, snmp].flatMap((result) => (result === undefined || result.ok ? [] : [result.fault])),
  };
}

/** Ends as a time-out `afterMs` after the first sign; never without a length. */
function late(sign: AbortSignal, afterMs: Ms | undefined): AbortSignal {
  const end = new AbortController();
  if (afterMs !== undefined) {
    const begin = (): void => {
      const timeout = AbortSignal.timeout(afterMs);
      timeout.addEventListener("abort", () => end.abort(timeout.reason), { once: true });
    };
    sign.addEventListener("abort", begin, { once: true });
  }
  return end.signal;
}

type TlsLook = NonNullable<FirstLook["tls"]>;

/** The start page tells server and title; where the web server is silent the handshake alone still tells the MAC. */
async function lookByTls(
  target: HttpTarget,
  by: { readonly io: FamilyIo; readonly doors: Doors },
  signal: AbortSignal,
): Promise<Result<TlsLook>> {
  const { io } = by;
  const page = await io.http.ask(target, { method: "GET", path: "/", budget: LOOK_BUDGET }, signal);
  if (page.ok && page.value.certificate !== undefined) {
    return ok({ ...namesOf(page.value.certificate), ...pageOf(page.value) });
  }
  if (!page.ok && (page.fault.kind === "unreachable" || page.fault.kind === "cancelled")) return page;
  const inHandshake = !page.ok && "via" in page.fault && page.fault.via === "tls";
  // What went wrong in one handshake is not asked for in another.
  if (inHandshake && (page.fault.kind === "garbled" || page.fault.kind === "overBudget")) return page;
  const { identity } = by.doors;
  const demanded = !page.ok && page.fault.kind === "denied" && page.fault.via === "tls";
  if (demanded && identity !== undefined && target.identity === undefined) return lookByTls({ ...target, identity }, by, signal);
  const shown = await io.http.certificate(target, signal);
  return shown.ok ? ok(namesOf(shown.value)) : page.ok ? fail({ kind: "off", via: "tls" }) : page;
}

function namesOf(certificate: NonNullable<HttpAnswer["certificate"]>): TlsLook {
  const { commonName, organisation, fingerprint } = certificate;
  return {
    fingerprint,
    ...(commonName === undefined ? {} : { commonName }),
    ...(organisation === undefined ? {} : { organisation }),
  };
}

/** Longer ones are nobody's title. */
const TITLE_CHARS = 200;

function pageOf(answer: HttpAnswer): Pick<TlsLook, "serverHeader" | "title"> {
  const server = answer.headers.get("server")?.slice(0, TITLE_CHARS);
  const title = /<title[^>]{0,100}>([^<]{1,200})<\/title>/i.exec(answer.body.toString("utf8", 0, 64 * 1024))?.[1]?.trim();
  return { ...(server === undefined ? {} : { serverHeader: server }), ...(title === undefined ? {} : { title }) };
}

async function lookBySnmp(where: LookWhere, io: FamilyIo, signal: AbortSignal): Promise<Result<NonNullable<FirstLook["snmp"]>>> {
  let told: Fault = { kind: "unreachable", via: "snmp" };
  for (const access of where.doors.snmp) {
    const target = { address: where.address, port: where.ports.snmp, access };
    const oids = [SYSTEM.sysDescr, SYSTEM.sysObjectID, SYSTEM.sysName];
    // One request and its one repeat.
    const patient = where.patienceMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(2 * where.patienceMs)]);
    const answer = await io.snmp.get(target, oids, patient);
    if (answer.ok) return ok(systemLook(answer.value));
    told = moreTelling(told, answer.fault);
    if (signal.aborted) break;
  }
  return fail(told);
}

/** Below this a maker's hint is no reason to show anybody a password. */
export const LIKELY = 0.5;

export interface Recognition extends Recognised {
  /** Absent where nobody recognises it or several do equally. */
  readonly family?: Family;
  /** Equal best answers: reported, never decided by order. */
  readonly ambiguous?: readonly FamilyId[];
  /** Who else is likely, though less so, the surest first: for when it proves to be none of the above. */
  readonly others?: readonly FamilyId[];
}

/** Pure: asks every family what it makes of a look; the surest speaks. */
export function recognise(look: FirstLook, families: readonly Family[], atMs: Ms): Recognition {
  const answers = families
    .flatMap((family) => {
      const recognised = family.recognise(look, atMs);
      return recognised === undefined || recognised.confidence <= 0 ? [] : [{ family, recognised }];
    })
    .toSorted((a, b) => b.recognised.confidence - a.recognised.confidence);
  const best = answers[0];
  if (best === undefined) return { confidence: 0, facts: {}, evidence: [] };
  const equals = answers.filter(({ recognised }) => recognised.confidence === best.recognised.confidence);
  const less = answers.slice(equals.length).flatMap(({ family, recognised }) => (recognised.confidence >= LIKELY ? [family.id] : []));
  const others = less.length === 0 ? {} : { others: less };
  if (equals.length === 1) return { ...best.recognised, family: best.family, ...others };
  // What is common to all of them still holds; the family does not.
  const { family: _family, ...facts } = best.recognised.facts;
  return { ...best.recognised, facts, ambiguous: equals.map(({ family }) => family.id), ...others };
}
