/**
 * What the web interface of an HDX says. Pure. Source: protocols/video.md 5.
 */

import type { DeviceFacts, InUse } from "../core/device.ts";
import { fail, ok, type Result } from "../core/fault.ts";
import { macFromVideoSerial } from "../core/ids.ts";
import { childOf, childrenOf, parseXml } from "../core/xml.ts";
import { createReader } from "../shell/prompt.ts";
import { normaliseModel } from "./models.ts";
import { joinBuild } from "./video-answers.ts";
import { ANSWERS, type Answered, callLines, type ReadCommand } from "./video-cli-answers.ts";

/** The status page: what is in a call, and what is down. */
export interface HdxStatus {
  /** Absent where the page does not say. */
  readonly inCall?: boolean;
  /** Names of entries whose state is `down`, in lower case; `off` is not set up. */
  readonly down: readonly string[];
}

/** GET systemstatus.xml */
export function decodeSystemStatus(body: Buffer): Result<HdxStatus> {
  const root = parseXml(body.toString("utf8"), "https");
  if (!root.ok) return root;
  if (root.value.name.toUpperCase() !== "SYSTEMSTATUS") return fail({ kind: "garbled", via: "https", wanted: "the system status" });
  const states = (name: string): string[] => childrenOf(childOf(root.value, name), "STATE").map((state) => state.text.trim().toLowerCase());
  const [call] = states("INACALL");
  const names = root.value.children.map(({ name }) => name);
  return ok({
    ...(call === "on" || call === "off" ? { inCall: call === "on" } : {}),
    down: [...new Set(names)].filter((name) => states(name).includes("down")).map((name) => name.toLowerCase()),
  });
}

/** Larger results than any command of ours has. */
const RESULT_CHARS = 16 * 1024;

/**
 * The answer to several commands at once: one element each, in their order. A command that failed, or whose result has not
 * the shape of its answer, is absent.
 */
export function decodeApiCommands(body: Buffer, commands: readonly ReadCommand[]): Result<Answered> {
  const root = parseXml(body.toString("utf8"), "https");
  if (!root.ok) return root;
  const given = childrenOf(root.value, "apicommand");
  if (root.value.name.toLowerCase() !== "apicommands" || given.length !== commands.length) {
    return fail({ kind: "garbled", via: "https", wanted: "an answer to each command" });
  }
  const answered: { [command in ReadCommand]?: readonly string[] } = {};
  for (const [index, command] of commands.entries()) {
    const status = childOf(given[index], "command")?.attributes.get("status");
    const text = childOf(given[index], "result")?.text ?? "";
    if (status !== "success" || text.length > RESULT_CHARS) continue;
    const lines = command === "callinfo all" ? callLines(text) : [text.trim()];
    const heard = createReader(command, ANSWERS[command]).feed(`${lines.join("\n")}\n`);
    if (heard.at === "answer") answered[command] = heard.lines;
  }
  return ok(answered);
}

/** What of the exported settings is of use; the rest holds names, numbers and software keys, and is not kept. */
export interface HdxDump {
  readonly facts: DeviceFacts;
  readonly inCall?: boolean;
}

const DUMP_LINES = 20_000;

/** POST a_createdatfilecsv.cgi: `key,value` per line. */
export function decodeDump(body: Buffer): Result<HdxDump> {
  const wanted = new Map<string, string>();
  for (const line of body.toString("utf8").split(/\r?\n/, DUMP_LINES)) {
    const [, key = "", value = ""] =
      /^"?(productversion|buildnumber|serialnumber|model|incall)"?,\s*"?([^"\r\n]{1,120})"?\s*$/i.exec(line) ?? [];
    if (key !== "") wanted.set(key.toLowerCase(), value.trim());
  }
  const serial = wanted.get("serialnumber");
  const model = wanted.get("model");
  const stated = wanted.get("productversion");
  if (serial === undefined && model === undefined && stated === undefined) {
    return fail({ kind: "garbled", via: "https", wanted: "the exported settings" });
  }
  const mac = macFromVideoSerial(serial ?? "");
  const version = joinBuild(stated, wanted.get("buildnumber"));
  const incall = wanted.get("incall")?.toLowerCase();
  return ok({
    facts: {
      ...(model === undefined ? {} : { model: normaliseModel(model) }),
      ...(serial === undefined ? {} : { serial }),
      ...(mac === undefined ? {} : { mac }),
      ...(version === undefined ? {} : { running: { application: version } }),
    },
    ...(incall !== undefined && /^(?:true|on|yes|1)$/.test(incall) ? { inCall: true } : {}),
    ...(incall !== undefined && /^(?:false|off|no|0)$/.test(incall) ? { inCall: false } : {}),
  });
}

/** Any sign of a call is busy; the call list or, where that cannot be read, the status page says that there is none. */
export function hdxInUse(calls: InUse | undefined, signs: readonly (boolean | undefined)[]): InUse {
  if (calls?.state === "busy") return calls;
  if (signs.includes(true)) return { state: "busy", reason: "the system says it is in a call" };
  if (calls?.state === "idle" || signs.includes(false)) return { state: "idle" };
  return calls ?? { state: "unknown", reason: "the system does not tell its calls" };
}
