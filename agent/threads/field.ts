/**
 * The field thread: everything that talks to devices. Hostile bytes stay here, away from the wave engine's heap.
 */
import { parentPort, workerData } from "node:worker_threads";
import { readLensSoftware } from "../../firmware/sources/lens.ts";
import { asSourceFault } from "../../firmware/sources/source.ts";
import { Bug, type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import { limit } from "../../protocols/core/limit.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { scaledClock } from "../../protocols/core/time.ts";
import { createBoards } from "../../protocols/families/boards.ts";
import { keepFactoryPin } from "../../protocols/families/factory-pin.ts";
import type { Family, FamilyIo, Target, TriggerId, UpdateServerRecipe } from "../../protocols/families/family.ts";
import { familyOf } from "../../protocols/families/index.ts";
import { createPins } from "../../protocols/families/pins.ts";
import { createRefusals } from "../../protocols/families/refusals.ts";
import { createSilences } from "../../protocols/families/silences.ts";
import { createUnsupported } from "../../protocols/families/unsupported.ts";
import { createWebSessions } from "../../protocols/families/web-sessions.ts";
import { createHttpClient } from "../../protocols/http/client.ts";
import { createLensClient } from "../../protocols/lens/client.ts";
import { createLens } from "../../protocols/lens/inventory.ts";
import { createSipClient } from "../../protocols/sip/probe.ts";
import { createSnmpClient } from "../../protocols/snmp/client.ts";
import { createRounds } from "../../protocols/snmp/rounds.ts";
import { createSshClient } from "../../protocols/ssh/client.ts";
import { createTelnetClient } from "../../protocols/telnet/client.ts";
import { type Snapshot, snapshotOf } from "../config-watch/snapshot.ts";
import { entitlementsIn } from "../coverage/list-lens.ts";
import { readLeases } from "../discovery/sources/dhcp/leases.ts";
import { runSweep } from "../discovery/sources/sweep-order.ts";
import { askPorts, askSwitch, type SwitchMemories } from "../discovery/sources/switches.ts";
import { openListeners } from "../listeners/listen.ts";
import { serve } from "./channel.ts";
import { accountOf, credentialOf } from "./credentials.ts";
import type { DeviceRef, FieldData, FieldEvent, FieldRequests, PlainOrder, TriggerFault } from "./requests.ts";

const port =
  parentPort ??
  (() => {
    throw new Bug("the field thread was started as a program");
  })();
const data = workerData as FieldData;
const clock = scaledClock(data.clock);
const random = systemRandom();
const credentials = data.credentials.map(credentialOf);
const http = createHttpClient({ random });
const lensClient = data.lens === undefined ? undefined : createLensClient(accountOf(data.lens), { http, clock });
const lens = lensClient === undefined ? undefined : createLens({ client: lensClient, clock });
const tell = (event: FieldEvent): void => port.postMessage({ kind: "event", value: event });
const pins = createPins(data.pins, (row) => tell({ kind: "pin", row }));
const refusals = createRefusals(data.refusals, (row) => tell({ kind: "refusal", row }));
const snmp = createSnmpClient({ clock, random });
/** For polls alone: a look before a command, and whoever asks who is there, is told nothing from memory. */
const rounds = createRounds({ snmp, clock });
const io: FamilyIo = {
  http,
  snmp,
  ssh: createSshClient(),
  telnet: createTelnetClient(),
  sip: createSipClient({ clock, random }),
  clock,
  refusals,
  pins,
  silences: createSilences(clock),
  unsupported: createUnsupported(),
  boards: createBoards(),
  webSessions: createWebSessions(clock),
  ...(lens === undefined ? {} : { lens }),
};
const lane = limit(data.concurrency);
/** Looks before a command are not kept waiting by health polls. */
const lookLane = limit(data.concurrency);
const oldTls = data.oldTls ?? [];

function targetOf(device: DeviceRef): Target {
  return {
    address: device.address,
    ports: data.ports,
    credentials,
    trust: "first",
    ...(device.mac === undefined ? {} : { pins: pins.of(device.mac) }),
    telnet: data.telnet,
    sipNotify: data.sipNotify === true,
    oldTls: oldTls.includes(device.address) || (device.mac !== undefined && oldTls.includes(device.mac)),
    ...(device.mac === undefined ? {} : { expectMac: device.mac }),
    ...(device.serial === undefined ? {} : { serial: device.serial }),
  };
}

function familyFor(device: DeviceRef): Family {
  const family = familyOf(device.family);
  if (family === undefined) throw new Bug(`no family "${device.family}"`);
  return family;
}

/** The next trigger is used only where the one before is surely not there; anything unclear stays with the first. */
async function trigger(device: DeviceRef, signal: AbortSignal): Promise<Result<{ via: TriggerId; said: string }, TriggerFault>> {
  const recipe = familyFor(device).update;
  // A device that asks an update server is given an order.
  const triggers = recipe === undefined || recipe.offer === "updateServer" ? [] : recipe.triggers;
  let last: TriggerFault = { fault: { kind: "off", via: "https", detail: "this family cannot be told to update" }, certain: true };
  for (const way of triggers) {
    const sent = await way.send(targetOf(device), io, signal);
    if (sent.ok) return ok({ via: way.id, said: sent.value.said });
    last = faultOf(sent.fault);
    if (sent.fault.kind !== "off") break;
  }
  return fail(last);
}

/** Does it prove that the device took nothing of what was sent? */
function faultOf(fault: Fault): TriggerFault {
  const { kind } = fault;
  const certain =
    kind === "off" || kind === "refused" || kind === "denied" || kind === "lockedOut" || kind === "impostor" || kind === "busy";
  return { fault, certain };
}

const NO_SERVER: Fault = { kind: "off", via: "https", detail: "this family asks no update server" };

function serverRecipe(device: DeviceRef): UpdateServerRecipe | undefined {
  const recipe = familyFor(device).update;
  return recipe?.offer === "updateServer" ? recipe : undefined;
}

/** The source is set last: a step that fails before leaves nothing to fetch, and what was set by then is given back. */
async function order(device: DeviceRef, wanted: PlainOrder, signal: AbortSignal): Promise<Result<{ said: string }, TriggerFault>> {
  const recipe = serverRecipe(device);
  if (recipe === undefined) return fail(faultOf(NO_SERVER));
  const said: string[] = [];
  for (const step of recipe.steps) {
    const sent = await step.send(targetOf(device), wanted, io, signal);
    if (!sent.ok) return fail(faultOf(sent.fault));
    said.push(`${step.id}: ${sent.value.said}`);
  }
  return ok({ said: said.join("; ") });
}

async function whyRefused(device: DeviceRef, signal: AbortSignal): Promise<string | undefined> {
  const recipe = familyFor(device).update;
  return recipe === undefined || recipe.offer === "updateServer" ? undefined : recipe.whyRefused(targetOf(device), io, signal);
}

if (data.listeners !== undefined) {
  void openListeners(data.listeners, {
    clock,
    onHint: (hint) => tell({ kind: "hint", hint }),
    onTrouble: (what, error) => tell({ kind: "deaf", what, why: error.message }),
  });
}

async function settings(device: DeviceRef, signal: AbortSignal): Promise<Result<Snapshot>> {
  const family = familyFor(device);
  if (family.settings === undefined) return fail({ kind: "off", via: "https", detail: `no document says how to ask ${family.name}` });
  if (data.watch === undefined) return fail({ kind: "off", via: "https", detail: "there is no key to mask secrets with" });
  const read = await family.settings(targetOf(device), io, signal);
  return read.ok ? ok(snapshotOf(read.value, data.watch)) : read;
}

const memories: SwitchMemories = new Map();

serve<FieldRequests>(port, {
  read: (device, signal) =>
    lane.run(async () => {
      const target = targetOf(device);
      const read = await familyFor(device).read(target, { ...io, snmp: rounds.visit() }, signal);
      await keepFactoryPin({ target, family: device.family, read }, io, signal);
      return read;
    }),
  look: (device, signal) => lookLane.run(() => familyFor(device).look(targetOf(device), io, signal)),
  trigger,
  whyRefused,
  updateSettings: async (device, signal) => serverRecipe(device)?.readSettings(targetOf(device), io, signal) ?? fail(NO_SERVER),
  order: ({ device, order: wanted }, signal) => order(device, wanted, signal),
  giveBack: async ({ device, kept }, signal) => serverRecipe(device)?.giveBack(targetOf(device), kept, io, signal) ?? fail(NO_SERVER),
  settings: (device, signal) => lane.run(() => settings(device, signal)),
  neighbours: ({ address }, signal) => askSwitch(address, { ports: data.ports, credentials, memories }, io, signal),
  ports: ({ address }, signal) => askPorts(address, { ports: data.ports, credentials }, io, signal),
  leases: (file) => readLeases(file, clock.nowMs()),
  lens: async (_, signal) =>
    lens === undefined ? fail({ kind: "off", via: "lens", detail: "no Lens account is configured" }) : lens.sightings(signal),
  forget: async ({ device }) => {
    pins.forget(device);
    refusals.forget(device);
    return null;
  },
  lensEntitlements: async (_, signal) => {
    if (lens === undefined) return fail({ kind: "off", via: "lens", detail: "no Lens account is configured" });
    const list = await lens.list(signal);
    return list.ok ? ok(entitlementsIn(list.value)) : list;
  },
  lensSoftware: async ({ products }, signal) =>
    lensClient === undefined
      ? fail(asSourceFault({ kind: "off", via: "lens", detail: "no Lens account is configured" }))
      : readLensSoftware(products, lensClient, signal),
  sweep: (order, signal) => runSweep(order, { io, random, ports: data.ports, credentials, oldTls, tell }, signal),
});
