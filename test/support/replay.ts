/**
 * Clients that answer from a recorded folder: a driver is run against what a device once said. What was never asked of the device
 * is answered as a shut door answers.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BANNER_ASK,
  CERTIFICATE_ASK,
  commandAskName,
  getAskName,
  httpAskName,
  notifyAskName,
  OFFER_ASK,
  OPTIONS_ASK,
  SESSION_ASK,
  walkAskName,
} from "../../agent/recording/asks.ts";
import {
  type Exchange,
  type Plain,
  type PlainObject,
  parseFiles,
  REPLAY_SECRET,
  type RecordedDoor,
  type RecordedFolder,
} from "../../agent/recording/format.ts";
import { bodyFrom, snmpFrom } from "../../agent/recording/values.ts";
import { STANDARD_PORTS } from "../../protocols/core/device.ts";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { manualClock } from "../../protocols/core/time.ts";
import type { FamilyIo, Target } from "../../protocols/families/family.ts";
import { createRefusals } from "../../protocols/families/refusals.ts";
import type { PeerCertificate } from "../../protocols/http/certificate.ts";
import type { HttpClient } from "../../protocols/http/client.ts";
import type { Shell } from "../../protocols/shell/shell.ts";
import type { SnmpClient, SnmpTarget, SnmpValue } from "../../protocols/snmp/client.ts";
import type { SshOffer } from "../../protocols/ssh/offer.ts";

export function readFolder(path: string): { readonly files: ReadonlyMap<string, string>; readonly folder: RecordedFolder } {
  const files = new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name), "utf8")]));
  return { files, folder: parseFiles(files) };
}

/** Where and with what the recorded device was visited; every secret is `REPLAY_SECRET`. */
export function replayTarget({ expected }: RecordedFolder): Target {
  const { address, trust, telnet, sipNotify, oldTls, expectMac, credentials } = expected.visit;
  const secret = new Secret(REPLAY_SECRET);
  const mac = parseMac(expectMac ?? "");
  return {
    address,
    ports: STANDARD_PORTS,
    trust,
    ...(telnet === true ? { telnet } : {}),
    ...(sipNotify === true ? { sipNotify } : {}),
    ...(oldTls === true ? { oldTls } : {}),
    ...(mac === undefined ? {} : { expectMac: mac }),
    credentials: credentials.map(({ kind, id, user = "" }): Credential => {
      if (kind === "password") return { kind, id, user, password: secret };
      if (kind === "certificate") return { kind, id, certificate: "", key: secret };
      return kind === "community" ? { kind, id, community: secret } : { kind, id, user, auth: { protocol: "sha", key: secret } };
    }),
  };
}

/** Answers equal asks in the order they were recorded, the last again and again. */
type Answers = (door: RecordedDoor, ask: PlainObject) => Exchange | undefined;

function answersOf({ doors }: RecordedFolder): Answers {
  const waiting = new Map<string, Exchange[]>();
  const nameOf = (door: string, ask: PlainObject): string => `${door} ${JSON.stringify(ask)}`;
  for (const [door, record] of Object.entries(doors)) {
    for (const exchange of record.exchanges) {
      const name = nameOf(door, exchange.ask);
      waiting.set(name, [...(waiting.get(name) ?? []), exchange]);
    }
  }
  return (door, ask) => {
    const list = waiting.get(nameOf(door, ask));
    return list === undefined || list.length < 2 ? list?.[0] : list.shift();
  };
}

function answered<T>(via: RecordedDoor, exchange: Exchange | undefined, read: (answer: PlainObject) => T): Result<T> {
  if (exchange === undefined) return fail({ kind: "unreachable", via, detail: "not recorded" });
  return "fault" in exchange ? fail(exchange.fault) : ok(read(exchange.answer as PlainObject));
}

export function replayIo(folder: RecordedFolder): FamilyIo {
  const answers = answersOf(folder);
  const nowMs = Temporal.Instant.from(folder.expected.visit.at).epochMilliseconds;
  return {
    http: replayHttp(folder, answers, nowMs),
    snmp: replaySnmp(folder, answers),
    ssh: {
      banner: async () => answered("ssh", answers("ssh", BANNER_ASK), ({ banner }) => ({ banner: String(banner) })),
      offer: async () => answered("ssh", answers("ssh", OFFER_ASK), (offer) => offer as unknown as SshOffer),
      session: (_target, _login, run, signal) => replaySession("ssh", answers, run, signal),
      close: async () => undefined,
    },
    telnet: {
      session: (_target, _login, run, signal) => replaySession("telnet", answers, run, signal),
      close: async () => undefined,
    },
    sip: {
      options: async () => answered("sip", answers("sip", OPTIONS_ASK), sipAnswer),
      notify: async (_target, event) => answered("sip", answers("sip", notifyAskName(event)), sipAnswer),
      close: async () => undefined,
    },
    clock: manualClock(nowMs),
    refusals: createRefusals(),
  };
}

function sipAnswer({ status, userAgent, contactUser, headers = {} }: PlainObject) {
  return {
    status: Number(status),
    ...(typeof userAgent === "string" ? { userAgent } : {}),
    ...(typeof contactUser === "string" ? { contactUser } : {}),
    headers: new Map(Object.entries(headers as Record<string, string>).map(([name, value]) => [name, [value]])),
  };
}

function replayHttp({ doors }: RecordedFolder, answers: Answers, nowMs: number): HttpClient {
  const { notAfterSeconds, ...shown } = doors.https?.certificate ?? { fingerprint: "" };
  const certificate: PeerCertificate = {
    ...shown,
    ...(notAfterSeconds === undefined ? {} : { notAfterMs: nowMs + notAfterSeconds * 1000 }),
  };
  return {
    async ask(target, ask) {
      const door = target.secure ? "https" : "http";
      return answered(door, answers(door, httpAskName(ask, [REPLAY_SECRET])), (answer) => ({
        status: Number(answer["status"]),
        headers: new Map(Object.entries((answer["headers"] ?? {}) as Record<string, string>)),
        body: bodyFrom(answer),
        ...(target.secure && doors.https?.certificate !== undefined ? { certificate } : {}),
      }));
    },
    certificate: async () => answered("https", answers("https", CERTIFICATE_ASK), () => certificate),
    alone: (_address, visit) => visit(),
    close: async () => undefined,
  };
}

/** Objects asked for in another grouping than they were recorded in are still there. */
function replaySnmp({ doors }: RecordedFolder, answers: Answers): SnmpClient {
  const plainOf = (plain: Plain | undefined): SnmpValue =>
    snmpFrom((plain ?? {}) as PlainObject) ?? { type: "absent", why: "noSuchObject" };
  const all = (version: string): ReadonlyMap<string, SnmpValue> =>
    new Map(
      (doors.snmp?.exchanges ?? [])
        .filter((exchange) => exchange.ask["version"] === version)
        .flatMap((exchange) => ("answer" in exchange ? Object.entries(exchange.answer as PlainObject) : []))
        .map(([oid, value]) => [oid, plainOf(value)]),
    );
  const pieced = ({ access }: SnmpTarget, oids: readonly string[]): ReadonlyMap<string, SnmpValue> | undefined => {
    const known = all(access.version);
    return oids.every((oid) => known.has(oid)) ? new Map(oids.map((oid) => [oid, known.get(oid) as SnmpValue])) : undefined;
  };
  return {
    async get(target, oids) {
      const exchange = answers("snmp", getAskName(target.access, oids));
      const others = exchange === undefined ? pieced(target, oids) : undefined;
      if (others !== undefined) return ok(others);
      return answered("snmp", exchange, (values) => new Map(oids.map((oid) => [oid, plainOf(values[oid])])));
    },
    walk: async (target, root) =>
      answered("snmp", answers("snmp", walkAskName(target.access, root)), (rows) =>
        Object.entries(rows).map(([oid, value]) => ({ oid, value: plainOf(value) })),
      ),
    close: async () => undefined,
  };
}

/** Lines were found by their shape when they were recorded: a driver that looks for another shape does not find them. */
async function replaySession<T>(
  door: "ssh" | "telnet",
  answers: Answers,
  run: (shell: Shell, signal: AbortSignal) => Promise<Result<T>>,
  signal: AbortSignal,
): Promise<Result<T>> {
  const opened = answered(door, answers(door, SESSION_ASK), ({ hostFingerprint }) => hostFingerprint);
  if (!opened.ok) return opened;
  const ask: Shell["ask"] = async (command, shape) => {
    const said = answered(door, answers(door, commandAskName(command)), ({ lines }) => (lines ?? []) as readonly string[]);
    if (!said.ok || said.value.every((line) => shape.line.test(line))) return said;
    return fail({ kind: "overBudget", via: door, budget: "time", limit: 0 });
  };
  return run({ ask, ...(typeof opened.value === "string" ? { hostFingerprint: opened.value } : {}) }, signal);
}
