/**
 * A phone without REST: its home page, its state polling, and what SIP tells. What can be read in none of them stays unknown.
 * Source: protocols/uc-phones.md 4.3, 5 to 7.
 */
import type { DeviceFacts, Evidence, InUse, ManagedBy } from "../core/device.ts";
import { type Fault, ok, type Result, showFault } from "../core/fault.ts";
import type { PeerCertificate } from "../http/certificate.ts";
import { type Page, type Poll, readHomePage, visitPolling, type WebPlace } from "./phone-web.ts";
import { seeBySip } from "./sip-facts.ts";
import { decodePolledCalls, decodePolledDevice, decodePolledNetwork } from "./state-polling.ts";
import { mayRunAnApp } from "./uc-phone-use.ts";

export interface PagesSeen {
  readonly facts: DeviceFacts;
  readonly inUse: InUse;
  readonly certificate?: PeerCertificate;
  readonly evidence: readonly Evidence[];
  readonly faults: readonly Fault[];
}

interface Polled {
  readonly calls: InUse;
  readonly device?: DeviceFacts;
  readonly managedBy?: ManagedBy;
}

/** After these nobody at that address is asked again: it is somebody else, or we were told to stop. */
const ends = (fault: Fault): boolean => fault.kind === "impostor" || fault.kind === "cancelled";

/**
 * @param whole  everything it tells; without it only what is asked before a command
 */
export async function seeByPages(place: WebPlace, whole: boolean, signal: AbortSignal): Promise<PagesSeen> {
  const home = await readHomePage(place, signal);
  if (!home.ok && ends(home.fault)) return nothing(home.fault);
  const { target, io } = place;
  const knows = home.ok && home.value.value.running !== undefined;
  // Where nobody answers on the secure port, or the web server is locked, polling would hear the same.
  const shut: Result<Polled> | undefined =
    !home.ok && (home.fault.kind === "unreachable" || home.fault.kind === "lockedOut") ? home : undefined;
  const polled = shut ?? (await visitPolling(target, io, signal, (poll) => readPolled(poll, whole || !knows)));
  if (!polled.ok && ends(polled.fault)) return nothing(polled.fault);
  const known = { ...(polled.ok ? polled.value.device : {}), ...(home.ok ? home.value.value : {}) };
  const sip = whole || known.running?.application === undefined ? await seeBySip(target, io, signal) : undefined;
  const nowMs = io.clock.nowMs();
  const running = {
    ...sip?.facts.running,
    ...(polled.ok ? polled.value.device?.running : {}),
    ...(home.ok ? home.value.value.running : {}),
  };
  const model = known.model ?? sip?.facts.model;
  const managedBy = polled.ok ? managerBeside(polled.value.managedBy, model) : undefined;
  return {
    facts: {
      ...sip?.facts,
      ...known,
      ...(Object.keys(running).length === 0 ? {} : { running }),
      ...(managedBy === undefined ? {} : { managedBy }),
    },
    inUse: polled.ok
      ? visibleIn(polled.value.calls, model)
      : { state: "unknown", reason: `the call state cannot be read: ${showFault(polled.fault)}` },
    ...(home.ok && home.value.certificate !== undefined ? { certificate: home.value.certificate } : {}),
    evidence: [
      ...(home.ok ? [homeEvidence(home.value, nowMs)] : []),
      ...(polled.ok ? [{ via: "https" as const, what: "state polling", atMs: nowMs }] : []),
      ...(sip?.evidence ?? []),
    ],
    faults: [...(home.ok ? [] : [home.fault]), ...(polled.ok || polled === shut ? [] : [polled.fault]), ...(sip?.faults ?? [])],
  };
}

/** State polling lists the phone's own calls, and nothing here tells whether an application holds others. Source: protocols/uc-phones.md 4.3. */
function visibleIn(calls: InUse, model: string | undefined): InUse {
  if (calls.state !== "idle" || !mayRunAnApp(model)) return calls;
  return { state: "unknown", reason: "an application may hold calls of its own, and only REST tells whether one runs" };
}

/** Nor whether it brings an updater of its own. */
function managerBeside(server: ManagedBy | undefined, model: string | undefined): ManagedBy | undefined {
  return server === "none" && mayRunAnApp(model) ? "unknown" : server;
}

/** Calls decide; what the other handlers do not tell is absent, because the builds differ. */
async function readPolled(poll: Poll, more: boolean): Promise<Result<Polled>> {
  const calls = await poll("callstateHandler", decodePolledCalls);
  if (!calls.ok) return calls;
  const network = await poll("networkHandler", decodePolledNetwork);
  const device = more ? await poll("deviceHandler", decodePolledDevice) : undefined;
  return ok({
    calls: calls.value,
    ...(device?.ok === true ? { device: device.value } : {}),
    ...(network.ok && network.value !== undefined ? { managedBy: network.value } : {}),
  });
}

function homeEvidence({ via, certificate }: Page<unknown>, atMs: number): Evidence {
  const who = certificate === undefined ? "without a certificate" : `certificate ${certificate.commonName ?? "without a name"}`;
  return { via, what: `home page, ${who}`, atMs };
}

function nothing(fault: Fault): PagesSeen {
  return {
    facts: {},
    inUse: { state: "unknown", reason: `the call state cannot be read: ${showFault(fault)}` },
    evidence: [],
    faults: [fault],
  };
}
