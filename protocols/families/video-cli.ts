/**
 * RealPresence Group and HDX over their command line, for units whose web interface does not answer: SSH, or telnet where a
 * person allowed it. Each answer is known by its shape. Source: protocols/video.md 4.2 and 5.
 */

import type { DeviceFacts, InUse } from "../core/device.ts";
import { type Fault, fail, ok, type Result, showFault } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import type { Shell } from "../shell/shell.ts";
import { needsOld } from "../ssh/algorithms.ts";
import type { SshTarget } from "../ssh/client.ts";
import type { FamilyIo, Target } from "./family.ts";
import { refusalKey, withLogin } from "./logins.ts";
import { trustBy } from "./pins.ts";
import { parseUptime } from "./uc-phone-answers.ts";
import { ANSWERS, type Answered, callsElsewhere, callsOf, factsOfAnswers, offlineOf, type ReadCommand } from "./video-cli-answers.ts";

/** What a visit over the command line learns. */
export interface CliSeen {
  readonly via: "ssh" | "telnet";
  readonly facts: DeviceFacts;
  readonly inUse: InUse;
  readonly uptimeSeconds?: number;
  /** See `offlineOf`. */
  readonly offline: readonly string[];
  /** Of the key the unit showed; absent over telnet. */
  readonly hostFingerprint?: string;
  /** Why something above is absent. */
  readonly faults: readonly Fault[];
}

interface Place {
  readonly target: Target;
  readonly io: FamilyIo;
}

/** The unit loses commands that come faster. Source: Group 700 driver. */
const PACE_MS = 200;
/** A site may lock the door after two wrong log-ins. */
const REFUSALS_PER_VISIT = 1;

/**
 * SSH, and telnet only where SSH is not there: a refused password or another host key is no reason to send it in clear.
 *
 * @returns a fault for each door that was tried
 */
export async function seeGroupByCli(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Result<CliSeen, readonly Fault[]>> {
  const bySsh = await withLogin(target, { family: "group", via: "ssh", refusalsPerVisit: REFUSALS_PER_VISIT }, io, (login) =>
    overSsh({ target, io }, login, (shell) => readShell(shell, "group"), signal),
  );
  if (bySsh.ok) return bySsh;
  if ((bySsh.fault.kind !== "off" && bySsh.fault.kind !== "unreachable") || !mayUseClearText(target)) return fail([bySsh.fault]);
  const byTelnet = await seeByTelnet("group", { target, io }, signal);
  return byTelnet.ok ? byTelnet : fail([bySsh.fault, byTelnet.fault]);
}

/** Another door stands in for a silent one, never for one that showed another device, locked us out or refused the password. */
export function mayStandIn(fault: Fault): boolean {
  if (fault.kind === "denied") return fault.via === "tls";
  return ["off", "unreachable", "garbled", "busy", "overBudget"].includes(fault.kind);
}

/** Said by a person; and where a pin is asked for or kept, nothing is sent to what cannot prove itself. */
export function mayUseClearText(target: Target): boolean {
  return target.telnet === true && trustBy(target, target.pins?.sshFingerprint) !== "pin";
}

/** The caller has checked `mayUseClearText`. */
export function seeByTelnet(family: "group" | "hdx", { target, io }: Place, signal: AbortSignal): Promise<Result<CliSeen>> {
  const telnet = { address: target.address, port: target.ports.telnet, paceMs: PACE_MS };
  return withLogin(target, { family, via: "telnet", refusalsPerVisit: REFUSALS_PER_VISIT }, io, (login) =>
    io.telnet.session(telnet, login, (shell) => readShell(shell, family), signal),
  );
}

/**
 * With modern algorithms first. Only a unit whose own list shows that it can do no better is asked again with the old ones
 * (host keys of ssh-rsa with SHA-1 are common, says the Group 700 driver): one that broke off a handshake it could have
 * ended is not given a weaker one.
 */
export async function overSsh<T>(
  { target, io }: Place,
  login: Login,
  run: (shell: Shell) => Promise<Result<T>>,
  signal: AbortSignal,
): Promise<Result<T>> {
  const keeping = (shell: Shell): Promise<Result<T>> => {
    if (shell.hostFingerprint !== undefined && target.expectMac !== undefined) {
      io.pins?.keep({ device: refusalKey(target), via: "ssh", fingerprint: shell.hostFingerprint });
    }
    return run(shell);
  };
  const first = await io.ssh.session(sshTarget(target, "modern"), login, keeping, signal);
  if (first.ok || first.fault.kind !== "garbled") return first;
  const offer = await io.ssh.offer({ address: target.address, port: target.ports.ssh }, signal);
  if (!offer.ok || !needsOld(offer.value)) return first;
  return io.ssh.session(sshTarget(target, "legacyRsaSha1"), login, keeping, signal);
}

function sshTarget(target: Target, profile: SshTarget["profile"]): SshTarget {
  const pin = target.pins?.sshFingerprint;
  return {
    address: target.address,
    port: target.ports.ssh,
    trust: trustBy(target, pin),
    ...(pin === undefined ? {} : { hostFingerprint: pin }),
    profile,
    paceMs: PACE_MS,
  };
}

const ANSWERS_OF_IDENTITY = ["version", "serialnum", "systemsetting get model"] as const;

function endsShell(fault: Fault): boolean {
  return fault.kind === "unreachable" || fault.kind === "cancelled" || (fault.kind === "overBudget" && fault.budget === "time");
}

/** Call state first after the version: it is what the visit is for when it is cut short. */
async function readShell(shell: Shell, family: "group" | "hdx"): Promise<Result<CliSeen>> {
  const answered: { [command in ReadCommand]?: readonly string[] } = {};
  const faults: Fault[] = [];
  let last: Fault | undefined;
  /** After the connection is lost or the time is over nothing more is asked. */
  const ask = async (command: ReadCommand): Promise<Fault | undefined> => {
    if (last !== undefined) return last;
    const answer = await shell.ask(command, ANSWERS[command]);
    if (answer.ok) {
      answered[command] = answer.value;
      return undefined;
    }
    faults.push(answer.fault);
    if (endsShell(answer.fault)) last = answer.fault;
    return answer.fault;
  };
  /** What a build may not have: its refusal is no fault of the visit. */
  const askQuietly = async (command: ReadCommand): Promise<void> => {
    const fault = await ask(command);
    if (fault?.kind === "refused") faults.pop();
  };
  const unversioned = await ask("version");
  if (unversioned !== undefined && unversioned.kind !== "refused") return fail(unversioned);
  const unreadable = await ask("callinfo all");
  for (const command of ["systemsetting get model", "serialnum", "systemname get", "uptime get"] as const) await ask(command);
  if (ANSWERS_OF_IDENTITY.some((command) => answered[command] === undefined)) await askQuietly("whoami");
  const facts = factsOfAnswers(answered, family);
  // Whoever does not state its version is not known to be one.
  if (facts.running === undefined && unversioned !== undefined) return fail(unversioned);
  const calls = callsIn(answered, unreadable);
  if (calls.state !== "busy") await askQuietly("getcallstate");
  await askQuietly("status");
  const uptimeSeconds = parseUptime(answered["uptime get"]?.[0]);
  return ok({
    via: shell.hostFingerprint === undefined ? "telnet" : "ssh",
    facts,
    inUse: calls.state === "busy" ? calls : (callsElsewhere(answered) ?? calls),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    offline: offlineOf(answered),
    ...(shell.hostFingerprint === undefined ? {} : { hostFingerprint: shell.hostFingerprint }),
    faults,
  });
}

function callsIn(answered: Answered, unreadable: Fault | undefined): InUse {
  if (answered["callinfo all"] !== undefined) return callsOf(answered["callinfo all"]);
  const why = unreadable === undefined ? "not asked" : showFault(unreadable);
  return { state: "unknown", reason: `the calls cannot be read: ${why}` };
}
