/**
 * Clients that write down every ask and its answer. They change nothing of a visit but its clock, which stands still, so
 * that what is computed from moments comes out the same when the recording is visited.
 */
import { STANDARD_PORTS } from "../../protocols/core/device.ts";
import type { Result } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { FamilyIo } from "../../protocols/families/family.ts";
import type { PeerCertificate } from "../../protocols/http/certificate.ts";
import type { HttpAnswer, HttpClient, HttpTarget } from "../../protocols/http/client.ts";
import type { Shell } from "../../protocols/shell/shell.ts";
import type { SipClient, SipOptions } from "../../protocols/sip/probe.ts";
import type { SnmpClient } from "../../protocols/snmp/client.ts";
import type { SshClient } from "../../protocols/ssh/client.ts";
import type { TelnetClient } from "../../protocols/telnet/client.ts";
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
} from "./asks.ts";
import type { DoorRecord, Exchange, Plain, PlainObject, RecordedCertificate, RecordedDoor, Recording } from "./format.ts";
import { KEPT_HEADERS, KEPT_SIP_HEADERS, plainBody, plainSnmp } from "./values.ts";

/** A visit asks some dozens of questions; a driver that never ends must not fill the memory. */
export const EXCHANGES_MAX = 2_000;

export interface Recorder {
  readonly io: FamilyIo;
  /** What was written down so far. */
  doors(): Recording["doors"];
  /** Asks answered so far, faults included. */
  count(): number;
  /** True where more was asked than is kept. */
  overflowed(): boolean;
}

interface Notes {
  readonly startMs: Ms;
  readonly secrets: readonly string[];
  note(door: RecordedDoor, exchange: Exchange): void;
  showed(door: RecordedDoor, certificate: RecordedCertificate): void;
}

/** @param secrets values that mark a request body as a log-in */
export function createRecorder(io: FamilyIo, secrets: readonly string[]): Recorder {
  const exchanges = new Map<RecordedDoor, Exchange[]>();
  const certificates = new Map<RecordedDoor, RecordedCertificate>();
  let count = 0;
  const startMs = io.clock.nowMs();
  const notes: Notes = {
    startMs,
    secrets,
    note(door, exchange) {
      if (++count > EXCHANGES_MAX) return;
      const known = exchanges.get(door) ?? [];
      exchanges.set(door, known);
      known.push(exchange);
    },
    showed: (door, certificate) => void certificates.set(door, certificate),
  };
  return {
    io: {
      ...io,
      clock: { ...io.clock, nowMs: () => startMs },
      http: recordHttp(io.http, notes),
      snmp: recordSnmp(io.snmp, notes),
      ssh: recordSsh(io.ssh, notes),
      telnet: recordTelnet(io.telnet, notes),
      sip: recordSip(io.sip, notes),
    },
    doors() {
      const doors = [...exchanges].map(([door, list]): [RecordedDoor, DoorRecord] => {
        const certificate = certificates.get(door);
        return [door, { exchanges: list, ...(certificate === undefined ? {} : { certificate }) }];
      });
      return Object.fromEntries(doors);
    },
    count: () => count,
    overflowed: () => count > EXCHANGES_MAX,
  };
}

/** Runs an ask and notes how it ended. */
async function noted<T>(
  place: { readonly door: RecordedDoor; readonly ask: PlainObject; readonly notes: Notes },
  asking: Promise<Result<T>>,
  plain: (value: T) => Plain,
): Promise<Result<T>> {
  const result = await asking;
  const { door, ask, notes } = place;
  notes.note(door, result.ok ? { ask, answer: plain(result.value) } : { ask, fault: result.fault });
  return result;
}

function recordHttp(http: HttpClient, notes: Notes): HttpClient {
  const doorOf = (target: HttpTarget): RecordedDoor => (target.secure ? "https" : "http");
  const show = (door: RecordedDoor, certificate: PeerCertificate | undefined): void => {
    if (certificate === undefined) return;
    const { notAfterMs, ...shown } = certificate;
    const end = notAfterMs === undefined ? {} : { notAfterSeconds: Math.round((notAfterMs - notes.startMs) / 1000) };
    notes.showed(door, { ...shown, ...end });
  };
  return {
    ask(target, ask, signal) {
      const door = doorOf(target);
      return noted({ door, ask: httpAskName(ask, notes.secrets), notes }, http.ask(target, ask, signal), (answer) => {
        show(door, answer.certificate);
        return plainAnswer(answer);
      });
    },
    certificate(target, signal) {
      const door = doorOf(target);
      return noted({ door, ask: CERTIFICATE_ASK, notes }, http.certificate(target, signal), (certificate) => {
        show(door, certificate);
        return true;
      });
    },
    alone: (address, visit) => http.alone(address, visit),
    close: () => http.close(),
  };
}

function plainAnswer({ status, headers, body }: HttpAnswer): PlainObject {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { status, ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }), ...plainBody(body) };
}

function recordSnmp(snmp: SnmpClient, notes: Notes): SnmpClient {
  return {
    get: (target, oids, signal) =>
      noted({ door: "snmp", ask: getAskName(target.access, oids), notes }, snmp.get(target, oids, signal), (values) =>
        Object.fromEntries([...values].map(([oid, value]) => [oid, plainSnmp(oid, value)])),
      ),
    walk: (target, root, signal) =>
      noted({ door: "snmp", ask: walkAskName(target.access, root), notes }, snmp.walk(target, root, signal), (rows) =>
        Object.fromEntries(rows.map(({ oid, value }) => [oid, plainSnmp(oid, value)])),
      ),
    close: () => snmp.close(),
  };
}

type Open = (run: (shell: Shell, signal: AbortSignal) => Promise<Result<unknown>>) => Promise<Result<unknown>>;

/** A session's own fault is noted only where it never came to a command: what a command brought is its own line. */
async function recordSession<T>(
  place: { readonly door: "ssh" | "telnet"; readonly ask: PlainObject; readonly notes: Notes },
  open: Open,
  run: (shell: Shell, signal: AbortSignal) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { door, ask, notes } = place;
  let opened = false;
  const result = await open((shell, signal) => {
    opened = true;
    const { hostFingerprint } = shell;
    notes.note(door, { ask, answer: hostFingerprint === undefined ? {} : { hostFingerprint } });
    const asking: Shell["ask"] = (command, shape) =>
      noted({ door, ask: commandAskName(command), notes }, shell.ask(command, shape), (lines) => ({ lines }));
    return run({ ...shell, ask: asking }, signal);
  });
  if (!opened && !result.ok) notes.note(door, { ask, fault: result.fault });
  // What `run` returned is what the client hands on.
  return result as Result<T>;
}

function recordSsh(ssh: SshClient, notes: Notes): SshClient {
  return {
    ...ssh,
    banner: (target, signal) => noted({ door: "ssh", ask: BANNER_ASK, notes }, ssh.banner(target, signal), ({ banner }) => ({ banner })),
    offer: (target, signal) =>
      noted({ door: "ssh", ask: OFFER_ASK, notes }, ssh.offer(target, signal), (offer) => ({ ...offer }) as unknown as PlainObject),
    session: (target, login, run, signal) =>
      recordSession({ door: "ssh", ask: SESSION_ASK, notes }, (inside) => ssh.session(target, login, inside, signal), run),
  };
}

function recordTelnet(telnet: TelnetClient, notes: Notes): TelnetClient {
  return {
    ...telnet,
    session: (target, login, run, signal) =>
      recordSession({ door: "telnet", ask: SESSION_ASK, notes }, (inside) => telnet.session(target, login, inside, signal), run),
  };
}

function recordSip(sip: SipClient, notes: Notes): SipClient {
  return {
    options: (target, signal) =>
      noted({ door: "sip", ask: OPTIONS_ASK, notes }, sip.options(target, signal), (answer) => plainOptions(answer, target.port)),
    notify: (target, event, signal) =>
      noted({ door: "sip", ask: notifyAskName(event), notes }, sip.notify(target, event, signal), (answer) => ({ ...answer })),
    close: () => sip.close(),
  };
}

/** Which port it was asked at says nothing of the device: its Contact is written down as if it were the usual one. */
function plainOptions({ headers, ...answer }: SipOptions, port: number): PlainObject {
  const usual = (text: string): string => text.replaceAll(`:${port}`, `:${STANDARD_PORTS.sip}`);
  const kept = KEPT_SIP_HEADERS.flatMap((name) => {
    const values = headers?.get(name);
    return values === undefined ? [] : [[name, usual(values.join(", "))] as const];
  });
  return { ...answer, ...(kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }) };
}
