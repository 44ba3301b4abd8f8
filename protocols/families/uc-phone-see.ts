/**
 * The short visit to a phone: who it is, what runs, is it in use, are its lines registered, who else manages it.
 * Source: protocols/uc-phones.md 4.
 */

import { type DeviceRead, type InUse, type Line, type ManagedBy, namesManager } from "../core/device.ts";
import { type Fault, fail, ok, type Result, showFault } from "../core/fault.ts";
import { dataOf, decodeDeviceInfo, type PhoneInfo } from "./uc-phone-answers.ts";
import { readConfig } from "./uc-phone-config.ts";
import { decodeLines, decodeSipStatus } from "./uc-phone-lines.ts";
import { type Connection, decodeConnection, decodeManagedBy, decodeServers } from "./uc-phone-network.ts";
import { appOfProfile, decodeCalls, decodePollState, mayRunAnApp, tellsItsProfile } from "./uc-phone-use.ts";
import { askFirst, endsVisit, type PhoneVisit } from "./uc-phone-visit.ts";

/** What a short visit learns; a longer one adds to it. */
export interface Seen {
  /** With who manages it, where the phone told. */
  readonly info: PhoneInfo;
  readonly inUse: InUse;
  /** `undefined` where the phone did not tell them. */
  readonly lines: readonly Line[] | undefined;
  readonly connection: Connection | undefined;
  readonly servers?: NonNullable<DeviceRead["servers"]>;
  readonly faults: readonly Fault[];
}

const PROFILE = "device.baseProfile";

/** One connection: device/info, callStatus, lineInfo, network/info. Without device/info there is no answer. */
export async function see(visit: PhoneVisit): Promise<Result<Seen>> {
  const answer = dataOf(await askFirst(visit, ["v2/mgmt/device/info", "v1/mgmt/device/info"]));
  const info = answer.ok ? decodeDeviceInfo(answer.value) : answer;
  if (!info.ok) return info;
  const { model, running } = info.value.facts;
  if (model !== undefined && running?.application !== undefined) visit.runs({ model, version: running.application });
  const calls = await readCalls(visit);
  const faults: Fault[] = calls.ok ? [] : [calls.fault];
  const app = calls.ok && mayRunAnApp(model) ? await runningApp(visit, model) : ok(undefined);
  if (!app.ok && app.fault.kind !== "off") faults.push(app.fault);
  const inUse = gate(info.value, calls, app);
  if (faults.some(endsVisit)) return ok({ info: info.value, inUse, lines: undefined, connection: undefined, faults });
  const lines = await readLines(visit, model);
  if (!lines.ok) faults.push(lines.fault);
  if (!lines.ok && endsVisit(lines.fault)) return ok({ info: info.value, inUse, lines: undefined, connection: undefined, faults });
  const network = dataOf(await visit.ask("v1/mgmt/network/info"));
  // A phone that does not know the call is not at fault.
  if (!network.ok && network.fault.kind !== "off") faults.push(network.fault);
  const managedBy = managerOf(app, decodeManagedBy(network.ok ? network.value : undefined));
  return ok({
    info: managedBy === undefined ? info.value : { ...info.value, facts: { ...info.value.facts, managedBy } },
    inUse,
    lines: lines.ok ? lines.value : undefined,
    connection: decodeConnection(network.ok ? network.value : undefined),
    servers: {
      ...decodeServers(network.ok ? network.value : undefined),
      // Where its profile could be read, no application is an answer too.
      ...(calls.ok && app.ok ? { app: app.value === undefined ? [] : [app.value.name] } : {}),
    },
    faults,
  });
}

/** v2, else v1 (4007 is its idle answer), else the phone's own state. Source: protocols/uc-phones.md 4.3. */
async function readCalls(visit: PhoneVisit): Promise<Result<InUse>> {
  const list = await askFirst(visit, ["v2/webCallControl/callStatus", "v1/webCallControl/callStatus"]);
  if (list.ok && list.value.code === "4007") return ok({ state: "idle" });
  const data = dataOf(list);
  if (data.ok) return decodeCalls(data.value);
  if (data.fault.kind !== "off") return data;
  const state = dataOf(await visit.ask("v1/mgmt/pollForStatus"));
  return state.ok ? decodePollState(state.value) : state;
}

async function readLines(visit: PhoneVisit, model: string | undefined): Promise<Result<readonly Line[]>> {
  const records = dataOf(await visit.ask("v1/mgmt/lineInfo"));
  if (records.ok) return decodeLines(records.value, model);
  if (records.fault.kind !== "off") return records;
  const status = dataOf(await visit.ask("v1/webCallControl/sipStatus"));
  return status.ok ? decodeSipStatus(status.value) : records;
}

interface App {
  readonly name: string;
  readonly manager: "teams" | "unknown";
}

/**
 * In Teams or Zoom mode the phone's list does not show the application's calls.
 *
 * @returns a fault where it cannot be told: an empty list then says nothing
 */
async function runningApp(visit: PhoneVisit, model: string | undefined): Promise<Result<App | undefined>> {
  const config = await readConfig(visit, [PROFILE]);
  if (!config.ok && config.fault.kind !== "off") return config;
  const profile = config.ok ? config.value.values.get(PROFILE.toLowerCase())?.value : undefined;
  // A firmware without the parameter has no such mode, except where every firmware has both.
  if (profile === undefined && tellsItsProfile(model)) return fail({ kind: "off", via: "https", detail: `it does not tell ${PROFILE}` });
  const name = appOfProfile(profile);
  return ok(name === undefined ? undefined : { name, manager: name === "Microsoft Teams" ? "teams" : "unknown" });
}

/** The application's own updater; a named manager of the settings where no application is named, and nobody's only where that is sure. */
function managerOf(app: Result<App | undefined>, server: ManagedBy | undefined): ManagedBy | undefined {
  if (app.ok) return app.value?.manager ?? server;
  return namesManager(server) ? server : "unknown";
}

/** Calls decide; where there are none, v2's readiness flags may still object. */
function gate(info: PhoneInfo, calls: Result<InUse>, app: Result<App | undefined>): InUse {
  if (!calls.ok) return { state: "unknown", reason: `the call state cannot be read: ${showFault(calls.fault)}` };
  if (calls.value.state !== "idle") return calls.value;
  if (info.goingDown === true) return { state: "busy", reason: "the phone is about to go down by itself" };
  if (info.canShutDown === false) return { state: "busy", reason: "the phone says it cannot go down now" };
  if (info.ready === false) return { state: "unknown", reason: "the phone is still starting" };
  if (!app.ok) return { state: "unknown", reason: `whether an application holds calls of its own cannot be read: ${showFault(app.fault)}` };
  if (app.value !== undefined) return { state: "unknown", reason: `${app.value.name} mode: its calls are not visible to us` };
  return calls.value;
}
