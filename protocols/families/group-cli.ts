/**
 * RealPresence Group over its command line, for units whose REST does not answer. Each answer is known by its shape.
 * Source: protocols/video.md 4.2.
 */

import type { DeviceFacts, InUse } from "../core/device.ts";
import { type Fault, fail, ok, type Result, showFault } from "../core/fault.ts";
import { macFromVideoSerial } from "../core/ids.ts";
import { parseVersion } from "../core/version.ts";
import type { Shape } from "../shell/prompt.ts";
import type { Shell } from "../shell/shell.ts";
import type { SshTarget } from "../ssh/client.ts";
import type { FamilyIo, Target } from "./family.ts";

import { withLogin } from "./logins.ts";
import { normaliseModel } from "./models.ts";
import { parseUptime } from "./uc-phone-answers.ts";

/** What a visit over the command line learns. */
export interface CliSeen {
  readonly facts: DeviceFacts;
  readonly inUse: InUse;
  readonly uptimeSeconds?: number;
  /** Of the key the unit showed; absent over telnet. */
  readonly hostFingerprint?: string;
  /** Why something above is absent. */
  readonly faults: readonly Fault[];
}

/** The unit loses commands that come faster. Source: Group 700 driver. */
const PACE_MS = 200;

const SHAPES = {
  version: { line: /^version "?(?:Release\s*-\s*)?\d[\w.\-_]*"?$/i },
  serial: { line: /^serialnum "?\w{6,32}"?$/ },
  model: { line: /^systemsetting model .+$/ },
  name: { line: /^systemname (?!get$).+$/ },
  uptime: { line: /^(?:\d+ (?:days?|hours?|minutes?|seconds?)(?:, )?)+$/i },
  calls: { line: /^(?:callinfo:.*|system is not in a call)$/, until: /(?:\bcallinfo end|^system is not in a call)$/ },
} satisfies Readonly<Record<string, Shape>>;

function sshTarget(target: Target): SshTarget {
  const pin = target.pins?.sshFingerprint;
  return {
    address: target.address,
    port: target.ports.ssh,
    trust: target.trust,
    ...(pin === undefined ? {} : { hostFingerprint: pin }),
    // Its host key is often ssh-rsa with SHA-1 only (Group 700 driver); better algorithms still come first.
    profile: "legacyRsaSha1",
    paceMs: PACE_MS,
  };
}

/** Call state first: it is what the visit is for when it is cut short. */
export function seeGroupByCli(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Result<CliSeen>> {
  return withLogin(target, { family: "group", via: "ssh", refusalsPerVisit: 1 }, io, (login) =>
    io.ssh.session(sshTarget(target), login, readShell, signal),
  );
}

function endsShell(fault: Fault): boolean {
  return fault.kind === "unreachable" || fault.kind === "cancelled" || (fault.kind === "overBudget" && fault.budget === "time");
}

async function readShell(shell: Shell): Promise<Result<CliSeen>> {
  const version = await shell.ask("version", SHAPES.version);
  if (!version.ok) return fail(version.fault);
  const faults: Fault[] = [];
  let last: Fault | undefined;
  /** After the connection is lost or the time is over nothing more is asked. */
  const ask = async (command: string, shape: Shape): Promise<Result<readonly string[]>> => {
    if (last !== undefined) return fail(last);
    const answer = await shell.ask(command, shape);
    if (answer.ok) return answer;
    faults.push(answer.fault);
    if (endsShell(answer.fault)) last = answer.fault;
    return answer;
  };
  const calls = await ask("callinfo all", SHAPES.calls);
  const inUse: InUse = calls.ok
    ? callsOf(calls.value)
    : { state: "unknown", reason: `the calls cannot be read: ${showFault(calls.fault)}` };
  const model = await ask("systemsetting get model", SHAPES.model);
  const serial = await ask("serialnum", SHAPES.serial);
  const name = await ask("systemname get", SHAPES.name);
  const uptime = await ask("uptime get", SHAPES.uptime);
  const running = parseVersion(textOf(version, /^version\s+/) ?? "")?.text;
  const serialText = textOf(serial, /^serialnum\s+/);
  const mac = macFromVideoSerial(serialText ?? "");
  const modelText = textOf(model, /^systemsetting model\s+/);
  const nameText = textOf(name, /^systemname\s+/);
  const uptimeSeconds = uptime.ok ? parseUptime(uptime.value[0]) : undefined;
  return ok({
    facts: {
      family: "group",
      ...(modelText === undefined ? {} : { model: normaliseModel(modelText) }),
      ...(serialText === undefined ? {} : { serial: serialText }),
      ...(mac === undefined ? {} : { mac }),
      ...(nameText === undefined ? {} : { name: nameText }),
      ...(running === undefined ? {} : { running: { application: running } }),
    },
    inUse,
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(shell.hostFingerprint === undefined ? {} : { hostFingerprint: shell.hostFingerprint }),
    faults,
  });
}

function textOf(answer: Result<readonly string[]>, prefix: RegExp): string | undefined {
  const line = answer.ok ? answer.value[0] : undefined;
  const text = line?.replace(prefix, "").replaceAll('"', "").trim();
  return text === "" ? undefined : text;
}

/**
 * Any callinfo line is a call. Fields are read from the right, because the name may be missing and a number may hold
 * colons: type, direction, mute, state and speed are the last five. Pure.
 */
export function callsOf(lines: readonly string[]): InUse {
  const calls = lines.filter((line) => line.startsWith("callinfo:"));
  if (calls.length === 0) {
    return lines.includes("system is not in a call")
      ? { state: "idle" }
      : { state: "unknown", reason: "a call list without calls and without a word that there are none" };
  }
  const state = calls[0]
    ?.replace(/\s+callinfo end$/, "")
    .split(":")
    .at(-4);
  return { state: "busy", reason: `call ${state?.slice(0, 40) ?? "of unknown state"}` };
}
