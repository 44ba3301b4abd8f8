/**
 * One visit to the REST interface of a phone: one connection, one request at a time, at most one password after the other.
 * Source: protocols/uc-phones.md 3.
 */

import { overBudget } from "../core/budget.ts";
import type { FamilyId } from "../core/device.ts";
import type { Fault } from "../core/fault.ts";
import { fail, ok, type Result } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import type { PeerCertificate } from "../http/certificate.ts";
import type { HttpAnswer, HttpAsk, HttpTarget } from "../http/client.ts";
import type { FamilyIo, Target } from "./family.ts";
import { identityFor, isRefusalOf, loginsFor, withLogin } from "./logins.ts";
import { trustBy } from "./pins.ts";
import { decodeEnvelope, type Envelope } from "./uc-phone-answers.ts";
import type { Firmware } from "./unsupported.ts";

/**
 * A phone answers 403 while it serves another request. Its other client is mostly quick; where it is not, 10 s apart is what the
 * plug-in of a monitoring product found to work. The caller's budget may end the waiting before the last try.
 */
const BUSY_WAITS_MS = [500, 10_000, 10_000] as const;
/** A larger body is refused (413). */
const BODY_BYTES = 20 * 1024;
/** Five wrong log-ins in 60 s lock the phone for 60 s; two leave the owner three. */
const REFUSALS_PER_VISIT = 2;
/** Where the phone does not say how long it is locked. Source: `httpd.cfg.lockWebUI`. */
const LOCKED_MS = 60_000;

export interface PhoneVisit {
  /** `off` where the path does not exist or the interface is disabled. API codes are in the envelope. */
  ask(path: string, post?: unknown): Promise<Result<Envelope>>;
  /** Now it is known who is asked: what its firmware is known to lack is not asked again. */
  runs(firmware: Firmware): void;
  readonly certificate: PeerCertificate | undefined;
}

/** The secure door of a device, as one of this family. */
export function httpTarget(target: Target, family: FamilyId): HttpTarget {
  return {
    address: target.address,
    port: target.ports.https,
    secure: true,
    trust: trustBy(target, target.pins?.tlsFingerprint),
    ...(target.expectMac === undefined ? {} : { expectMac: target.expectMac }),
    ...(target.pins?.tlsFingerprint === undefined ? {} : { tlsFingerprint: target.pins.tlsFingerprint }),
    ...(target.oldTls === true ? { oldTls: true } : {}),
    ...identityFor(target, family),
  };
}

/**
 * Runs `run` with the first password the phone takes.
 *
 * @returns `off` where REST is disabled (told without any password), `denied`, or what `run` returns
 */
export async function visitPhone<T>(
  target: Target,
  io: FamilyIo,
  signal: AbortSignal,
  run: (visit: PhoneVisit) => Promise<Result<T>>,
): Promise<Result<T>> {
  // A disabled interface answers 404 before any challenge, so without a password the visit still learns that.
  if (loginsFor(target, "uc-phone").length === 0) return run(openVisit({ target, io, signal }));
  return withLogin(target, { family: "uc-phone", via: "https", refusalsPerVisit: REFUSALS_PER_VISIT }, io, (login, refusedLater) =>
    run(openVisit({ target, io, signal, login, refusedLater })),
  );
}

interface VisitWith {
  readonly target: Target;
  readonly io: FamilyIo;
  readonly signal: AbortSignal;
  readonly login?: Login;
  readonly refusedLater?: () => void;
}

function openVisit({ target, io, signal, login, refusedLater }: VisitWith): PhoneVisit {
  let certificate: PeerCertificate | undefined;
  let firmware: Firmware | undefined;
  return {
    get certificate() {
      return certificate;
    },
    runs(known) {
      firmware = known;
    },
    async ask(path, post) {
      if (firmware !== undefined && io.unsupported?.lacks(firmware, path) === true) {
        return fail({ kind: "off", via: "https", detail: `${firmware.model} ${firmware.version} does not have it` });
      }
      const body = post === undefined ? undefined : JSON.stringify(post);
      if (body !== undefined && Buffer.byteLength(body) > BODY_BYTES) return fail(overBudget("https", "bytes", BODY_BYTES));
      const ask: HttpAsk = {
        ...(body === undefined ? { method: "GET" } : { method: "POST", body, headers: { "content-type": "application/json" } }),
        path: `/api/${path}`,
        ...(login === undefined ? {} : { login }),
      };
      for (let tries = 0; ; tries++) {
        const answer = await io.http.ask(httpTarget(target, "uc-phone"), ask, signal);
        if (!answer.ok) {
          if (login !== undefined && isRefusalOf(login, answer.fault)) refusedLater?.();
          return answer;
        }
        certificate = answer.value.certificate ?? certificate;
        const result = judge(answer.value);
        if (result.ok && result.value.code === "4004" && firmware !== undefined) io.unsupported?.note(firmware, path);
        const waitMs = BUSY_WAITS_MS[tries];
        if (result.ok || result.fault.kind !== "busy" || waitMs === undefined) return result;
        try {
          await io.clock.sleep(waitMs, signal);
        } catch {
          return result;
        }
      }
    },
  };
}

/** Source: protocols/uc-phones.md 3. 403 is busy, 404 is off; redirects and pages are not answers. */
function judge(answer: HttpAnswer): Result<Envelope> {
  switch (answer.status) {
    case 200:
      return decodeEnvelope(answer.body);
    case 401:
      return fail({ kind: "denied", via: "https", detail: "no password on record for this kind of device" });
    case 403:
      return fail({ kind: "busy", via: "https" });
    case 404:
      return fail({ kind: "off", via: "https", detail: "REST is disabled or does not know the path (404)" });
    case 413:
      return fail({ kind: "refused", via: "https", reason: "the request is larger than the phone takes (413)" });
    case 423:
    case 429:
    case 503:
      return fail({ kind: "lockedOut", via: "https", retryAfterMs: retryAfterMs(answer) });
    default:
      return fail({ kind: "garbled", via: "https", wanted: "a REST answer", detail: `HTTP ${answer.status}` });
  }
}

/** How long a locked web server says it stays so, else what it is set to in the factory. */
export function retryAfterMs(answer: HttpAnswer): number {
  const seconds = answer.headers.get("retry-after");
  return seconds !== undefined && /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1000 : LOCKED_MS;
}

/** After these the phone is not asked again in the same visit: each further ask would cost a time-out or a log-in. */
export function endsVisit(fault: Fault): boolean {
  return fault.kind !== "off" && fault.kind !== "garbled" && fault.kind !== "refused";
}

/** The answer of the first path that exists. */
export async function askFirst(visit: PhoneVisit, paths: readonly string[]): Promise<Result<Envelope>> {
  let last: Result<Envelope> = fail({ kind: "off", via: "https" });
  for (const path of paths) {
    last = await visit.ask(path);
    const missing = last.ok ? last.value.code === "4004" : last.fault.kind === "off";
    if (!missing) return last;
  }
  return last.ok ? ok(last.value) : last;
}
