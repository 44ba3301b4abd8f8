/**
 * One visit to the web interface of an HDX: its status page, several commands in one request, and the exported settings only
 * where those did not tell who it is. HTTP Digest always. Source: protocols/video.md 5.
 */

import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import type { HttpAsk, HttpTarget } from "../http/client.ts";
import type { FamilyIo, Target } from "./family.ts";
import { decodeApiCommands, decodeDump, decodeSystemStatus, hdxInUse } from "./hdx-answers.ts";
import { withLogin } from "./logins.ts";
import { parseUptime } from "./uc-phone-answers.ts";
import { httpTarget } from "./uc-phone-visit.ts";
import { type CliSeen, mayStandIn, mayUseClearText } from "./video-cli.ts";
import { callsElsewhere, callsOf, factsOfAnswers, type ReadCommand } from "./video-cli-answers.ts";

/** What a visit learns; `down` are the entries of the status page that are down. */
export type HdxSeen = Omit<CliSeen, "via" | "hostFingerprint"> & { readonly via: "https" | "http" };

const REFUSALS_PER_VISIT = 1;
const COMMANDS: readonly ReadCommand[] = [
  "callinfo all",
  "version",
  "serialnum",
  "systemsetting get model",
  "systemname get",
  "uptime get",
];

/**
 * Over HTTPS; in clear, and then without the password itself, only where a person allowed that and HTTPS is not there.
 *
 * @returns a fault for each door that was tried, the last one last
 */
export async function seeHdxByWeb(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Result<HdxSeen, readonly Fault[]>> {
  const rule = { family: "hdx", refusalsPerVisit: REFUSALS_PER_VISIT } as const;
  const safe = await withLogin(target, { ...rule, via: "https" }, io, (login) => visit(httpTarget(target, "hdx"), { login, io }, signal));
  if (safe.ok) return safe;
  if (!mayStandIn(safe.fault) || !mayUseClearText(target)) return fail([safe.fault]);
  const clear: HttpTarget = { address: target.address, port: target.ports.http, secure: false, trust: "any" };
  const plain = await withLogin(target, { ...rule, via: "http" }, io, (login) => visit(clear, { login, io }, signal));
  if (!plain.ok) return fail([safe.fault, plain.fault]);
  // A door that is shut is nobody's fault where another is meant to stand in.
  const shut = safe.fault.kind === "unreachable" || safe.fault.kind === "off";
  return shut ? plain : ok({ ...plain.value, faults: [safe.fault, ...plain.value.faults] });
}

async function visit(
  target: HttpTarget,
  { login, io }: { readonly login: Login; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<HdxSeen>> {
  const via = target.secure ? "https" : "http";
  const ask = async (method: "GET" | "POST", path: string, body?: string): Promise<Result<Buffer>> => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const sent: HttpAsk = { method, path, login, digestOnly: true, ...(method === "GET" ? {} : { headers: form, body: body ?? "" }) };
    const answer = await io.http.ask(target, sent, signal);
    if (!answer.ok) return answer;
    if (answer.value.status === 200) return ok(answer.value.body);
    if (answer.value.status === 404) return fail({ kind: "off", via, detail: `no ${path} (404)` });
    return fail({ kind: "garbled", via, wanted: "an answer of its web interface", detail: `HTTP ${answer.value.status}` });
  };
  const page = await ask("GET", "/systemstatus.xml");
  const status = page.ok ? byThisDoor(decodeSystemStatus(page.value), via) : page;
  // Whoever has no such page is asked nothing more, so that no other device is shown commands.
  if (!status.ok) return status;
  const sent = await ask("POST", "/a_apicommand.cgi", new URLSearchParams({ apicommand: `${COMMANDS.join(";")};` }).toString());
  const commands = sent.ok ? byThisDoor(decodeApiCommands(sent.value, COMMANDS), via) : sent;
  const answered = commands.ok ? commands.value : {};
  const faults: Fault[] = commands.ok ? [] : [commands.fault];
  const told = factsOfAnswers(answered, "hdx");
  const { model, serial, running } = told;
  const needsDump = model === undefined || serial === undefined || running === undefined;
  const file = needsDump && !faults.some(endsVisit) ? await ask("POST", "/a_createdatfilecsv.cgi") : undefined;
  const dump = file?.ok === true ? decodeDump(file.value) : undefined;
  const exported = dump?.ok === true ? dump.value : undefined;
  const calls = answered["callinfo all"] === undefined ? undefined : callsOf(answered["callinfo all"]);
  const uptimeSeconds = parseUptime(answered["uptime get"]?.[0]);
  return ok({
    via,
    facts: { ...exported?.facts, ...told },
    inUse: callsElsewhere(answered) ?? hdxInUse(calls, [status.value.inCall, exported?.inCall]),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    offline: status.value.down,
    faults,
  });
}

/** A decoder does not know by which door its text came. */
function byThisDoor<T>(read: Result<T>, via: "https" | "http"): Result<T> {
  return read.ok || read.fault.kind !== "garbled" ? read : fail({ ...read.fault, via });
}

function endsVisit(fault: Fault): boolean {
  return fault.kind === "unreachable" || fault.kind === "cancelled" || fault.kind === "denied";
}
