/**
 * What the command line of Group, HDX and VSX says: the shape of each answer and its meaning. Pure.
 * Source: protocols/video.md 4.2, 5 and 6.
 */

import type { DeviceFacts, FamilyId, InUse } from "../core/device.ts";
import { macFromVideoSerial } from "../core/ids.ts";
import { parseVersion } from "../core/version.ts";
import type { Shape } from "../shell/prompt.ts";
import { familyOfModel, normaliseModel } from "./models.ts";

/** Some units answer one exchange late: a read command is sent once more after this. A guess: ten times their usual answer. */
const REPEAT_MS = 1_500;

/** Commands are case sensitive, and only whole ones are sent. All of them only read. */
export const ANSWERS = {
  version: { line: /^version "?(?:Release\s*-\s*)?\d[\w.\-_]*"?$/i, repeatAfterMs: REPEAT_MS },
  serialnum: { line: /^serialnum "?\w{6,32}"?$/, repeatAfterMs: REPEAT_MS },
  "systemsetting get model": { line: /^systemsetting model .+$/, repeatAfterMs: REPEAT_MS },
  "systemname get": { line: /^systemname (?!get$).+$/, repeatAfterMs: REPEAT_MS },
  "uptime get": { line: /^(?:\d+ (?:days?|hours?|minutes?|seconds?)(?:, )?)+$/i, repeatAfterMs: REPEAT_MS },
  "callinfo all": {
    line: /^(?:callinfo:.*|system is not in a call)$/,
    until: /(?:\bcallinfo end|^system is not in a call)$/,
    repeatAfterMs: REPEAT_MS,
  },
  // Several lines and no word that ends them: the first is enough to say that there is a call, none says that there is none.
  getcallstate: { line: /^cs: call\[\d{1,4}\] .+$/, repeatAfterMs: REPEAT_MS },
  status: { line: /^[\w .()-]{1,60} (?:online|offline)$/, until: /^status end$/, repeatAfterMs: REPEAT_MS },
  // The start banner; which of its lines a unit has differs, and `SNMP Enabled` is the last.
  whoami: { line: /^(?:Hi, my name is\s*:|[A-Z][\w ]{1,40}:).*$/, until: /^SNMP Enabled:/, repeatAfterMs: REPEAT_MS },
} satisfies Readonly<Record<string, Shape>>;

export type ReadCommand = keyof typeof ANSWERS;

/** What was answered to each command; a command that was not asked or not answered is absent. */
export type Answered = { readonly [command in ReadCommand]?: readonly string[] };

function textOf(lines: readonly string[] | undefined, prefix: RegExp): string | undefined {
  const text = lines?.[0]?.replace(prefix, "").replaceAll('"', "").trim();
  return text === "" ? undefined : text;
}

/** Identity and version; what the commands did not tell, the banner may. */
export function factsOfAnswers(answered: Answered, family: FamilyId): DeviceFacts {
  const banner = bannerFacts(answered.whoami ?? []);
  const version = parseVersion(textOf(answered.version, /^version\s+/) ?? "")?.text;
  const serial = textOf(answered.serialnum, /^serialnum\s+/) ?? banner.serial;
  const model = textOf(answered["systemsetting get model"], /^systemsetting model\s+/) ?? banner.model;
  const name = textOf(answered["systemname get"], /^systemname\s+/) ?? banner.name;
  const mac = macFromVideoSerial(serial ?? "");
  const running = version === undefined ? banner.running : { application: version };
  return {
    family: familyOfModel(model ?? "") ?? family,
    ...(model === undefined ? {} : { model: normaliseModel(model) }),
    ...(serial === undefined ? {} : { serial }),
    ...(mac === undefined ? {} : { mac }),
    ...(name === undefined ? {} : { name }),
    ...(running === undefined ? {} : { running }),
  };
}

/**
 * The start banner as facts. Its line `MP Enabled` shows a software key, so nothing of it but the named lines is kept.
 * `Software Version` holds version and day on a VSX (`Release 9.0.6.2-103 - 04Sep2011 21:27`), and the version alone on a
 * Group, with the build apart.
 */
export function bannerFacts(lines: readonly string[]): Pick<DeviceFacts, "name" | "model" | "serial" | "running"> {
  const field = (name: string): string | undefined => {
    const form = new RegExp(`^${name}\\s*:\\s*(.{1,120})$`);
    for (const line of lines) {
      const value = form.exec(line)?.[1]?.trim();
      if (value !== undefined && value !== "") return value;
    }
    return undefined;
  };
  const name = field("Hi, my name is");
  const model = field("Model");
  const serial = field("Serial Number");
  const version = parseVersion(field("Software Version") ?? "");
  const build = field("Build Information");
  const stated =
    version !== undefined && version.build === undefined && /^\d{1,12}$/.test(build ?? "") ? `${version.text}-${build}` : version?.text;
  return {
    ...(name === undefined ? {} : { name }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
    ...(stated === undefined ? {} : { running: { application: stated } }),
  };
}

/** In one captured answer the end follows the last call on the same line, so lists are split on the words too. */
export function callLines(text: string): readonly string[] {
  return text
    .replaceAll(/\s+(callinfo (?:begin|end)\b|callinfo:)/g, "\n$1")
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/**
 * Any callinfo line is a call. Fields are read from the right, because the name may be missing and a number may hold
 * colons: type, direction, mute, state and speed are the last five.
 */
export function callsOf(lines: readonly string[]): InUse {
  const calls = callLines(lines.join("\n")).filter((line) => line.startsWith("callinfo:"));
  if (calls.length === 0) {
    return lines.includes("system is not in a call")
      ? { state: "idle" }
      : { state: "unknown", reason: "a call list without calls and without a word that there are none" };
  }
  const state = calls[0]?.split(":").at(-4);
  return { state: "busy", reason: `call ${state?.slice(0, 40) ?? "of unknown state"}` };
}

/** A second and third word on calls: either may say that there is one, neither that there is none. */
export function callsElsewhere(answered: Answered): InUse | undefined {
  const [line] = answered.getcallstate ?? [];
  if (line !== undefined && !/\binactive$/.test(line)) {
    return { state: "busy", reason: `call ${/state\[([^\]]{1,40})\]/.exec(line)?.[1] ?? "of unknown state"}` };
  }
  return answered.status?.includes("inacall online") === true
    ? { state: "busy", reason: "the status list says it is in a call" }
    : undefined;
}

/** Names the status list calls offline; whether they are missing or were never set up it does not say. */
export function offlineOf(answered: Answered): readonly string[] {
  return (answered.status ?? []).flatMap((line) => /^(.+) offline$/.exec(line)?.[1] ?? []);
}
