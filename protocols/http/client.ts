/**
 * HTTP to devices and to the cloud that knows them, bounded in time and bytes. The only user of undici.
 */
import { Client } from "undici";
import { faultOfAbort } from "../core/abort.ts";
import { type Budget, budgetSignal, HTTP_BUDGET } from "../core/budget.ts";
import { type Fault, fail, ok, type Result, type Transport } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import { oneAtATimePerKey } from "../core/limit.ts";
import type { Random } from "../core/random.ts";
import type { Login } from "../core/secret.ts";
import { plainHeaders, readBody } from "./answer.ts";
import { certificateReader, loginFault, type PeerCertificate } from "./certificate.ts";
import { connectChecked, FaultError, type Meeting, notBegun, originOf, type Progress, secureContexts } from "./connect.ts";
import { basicAuthorization, type Challenge, digestAuthorization, parseChallenges, strongest } from "./digest.ts";
import { faultOf, HEADER_BYTES, isClosed } from "./failure.ts";
import { createSpoiltPeers, heardBehind, heardSince, hearOut, type Mark, markEnd, unaskedFault } from "./quiet.ts";

/** Long enough for the next ask of the same visit, short enough to leave the device's connections free. A guess. */
const KEEP_CONNECTION_MS = 2_000;

/** Whom to ask (an IP address or host name), and what must be proved before a log-in is sent. */
export interface HttpTarget extends Meeting {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** Must be the common name of the certificate, else the ask ends as `impostor`. */
  readonly expectMac?: Mac;
  /** `pin`: the certificate must have `tlsFingerprint` (SHA-256, hex); `roots`: its chain and name are proved; `any`: all is taken. */
  readonly trust: "any" | "pin" | "roots";
  readonly tlsFingerprint?: string;
}

/** `path` begins with a slash; without a `budget` it is `HTTP_BUDGET`. */
export interface HttpAsk {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only ever the answer to a challenge. */
  readonly login?: Login;
  /** Never answers with the password itself: for plain HTTP, where anybody may ask for it. */
  readonly digestOnly?: boolean;
  readonly budget?: Budget;
}

/** `certificate` is what the device showed; absent over plain HTTP. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; repeated headers are joined with a comma, cookies with a line break. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly certificate?: PeerCertificate;
}

export interface HttpClient {
  /**
   * Sends one request; asks of one address come one after the other. Answers a challenge (Basic or Digest) only after the
   * certificate's subject was checked. Any status is an answer, but 401 where there is a log-in.
   *
   * @returns `denied` for a refused log-in or, with a log-in, a challenge we cannot answer; `impostor` for a wrong certificate;
   *   `unreachable`, `garbled`, `overBudget` or `cancelled` for what the network, the device or the caller did
   */
  ask(target: HttpTarget, ask: HttpAsk, signal: AbortSignal): Promise<Result<HttpAnswer>>;
  /** The certificate alone: a handshake with the same checks and no request. */
  certificate(target: HttpTarget, signal: AbortSignal): Promise<Result<PeerCertificate>>;
  /** One visit of several asks at a time per address; `visit` may call `ask`. */
  alone<T>(address: string, visit: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connections to one target, kept for the asks of one visit: who uses it, how far it was read, which challenge works. */
interface Door extends Mark {
  readonly client: Client;
  readonly target: HttpTarget;
  users: number;
  signal: AbortSignal; // of the ask that opens the next connection
  readonly progress: Progress; // of its last connection
  spoilt: boolean; // something came on it that nobody asked for, and no ask was told yet
  broke?: Error; // what the socket said first: undici keeps its last word, "closed"
  certificate?: PeerCertificate;
  known?: { readonly loginId: string; readonly challenge: Challenge; count: number };
}

type Send = { readonly ask: HttpAsk; readonly budget: Budget; readonly whole: AbortSignal; readonly parent: AbortSignal };

export function createHttpClient(io: { random: Random }): HttpClient {
  const [contexts, read] = [secureContexts(), certificateReader()];
  const doors = new Map<string, Door>();
  const spoiltPeers = createSpoiltPeers(KEEP_CONNECTION_MS);
  const perAddress = oneAtATimePerKey();
  const visits = oneAtATimePerKey();

  function openDoor(target: HttpTarget, origin: string, signal: AbortSignal): Door {
    const key = doorKey(target);
    const known = doors.get(key);
    if (known !== undefined && !known.client.destroyed) {
      known.users++;
      known.signal = signal;
      return known;
    }
    const client = new Client(origin, {
      maxHeaderSize: HEADER_BYTES,
      // The wall-clock signal of each ask bounds both; undici's own are idle time-outs.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_CONNECTION_MS,
      keepAliveMaxTimeout: KEEP_CONNECTION_MS,
      pipelining: 1,
      allowH2: false,
      connect: (_options, callback) => {
        const { signal, progress } = door;
        const to = { address: target.address, port: target.port, proof: target, context: contexts(target), signal, progress, read };
        delete door.broke;
        // The ask that waits for this connection is the one that found the last one spoilt.
        const spoilt = tellSpoilt(door);
        const connected = spoilt === undefined ? connectChecked(to) : Promise.reject(new FaultError(spoilt));
        connected.then(
          ({ socket, certificate }) => {
            door.socket = socket;
            markEnd(door);
            socket.once("error", (error: Error) => {
              door.broke = error;
            });
            if (certificate !== undefined) door.certificate = certificate;
            callback(null, socket);
          },
          (error: Error) => callback(error, null),
        );
      },
    });
    const spoilt = spoiltPeers.take(peerKey(target));
    const door: Door = { client, target, users: 1, signal, readBytes: 0, spoilt, progress: notBegun() };
    client.on("disconnect", () => forget(key, door));
    doors.set(key, door);
    return door;
  }

  function forget(key: string, door: Door): void {
    if (door.users > 0 || doors.get(key) !== door) return;
    doors.delete(key);
    if (tellSpoilt(door) !== undefined) spoiltPeers.add(peerKey(door.target));
    void door.client.destroy();
  }

  async function askNow(target: HttpTarget, ask: HttpAsk, parent: AbortSignal): Promise<Result<HttpAnswer>> {
    const origin = originOf(target);
    if (origin === undefined) return fail({ kind: "unreachable", via: viaOf(target), detail: "not an address" });
    const budget = ask.budget ?? HTTP_BUDGET;
    const whole = budgetSignal(budget, parent);
    const door = openDoor(target, origin, whole);
    try {
      return await askWithLogin(door, { ask, budget, whole, parent }, io.random);
    } finally {
      door.users--;
      if (door.client.stats.connected !== true || whole.aborted) forget(doorKey(target), door);
    }
  }

  return {
    async ask(target, ask, signal) {
      const fault = ask.login === undefined ? undefined : loginFault(target);
      if (fault !== undefined) return fail(fault);
      return abortable(signal, target, () => perAddress.run(target.address, () => askNow(target, ask, signal), signal));
    },
    async certificate(target, signal) {
      const whole = budgetSignal(HTTP_BUDGET, signal);
      const progress = notBegun();
      const connect = async (): Promise<Result<PeerCertificate>> => {
        try {
          const proof = { ...target, secure: true };
          const to = { address: target.address, port: target.port, proof, context: contexts(target), signal: whole, progress, read };
          const { socket, certificate } = await connectChecked(to);
          socket.destroy();
          return certificate === undefined ? fail({ kind: "off", via: "tls" }) : ok(certificate);
        } catch (error) {
          return fail(faultOf(error, { via: "tls", parent: signal, whole, budget: HTTP_BUDGET, heard: progress.heardBytes() > 0 }));
        }
      };
      return abortable(signal, target, () => perAddress.run(target.address, connect, signal));
    },
    alone: (address, visit) => visits.run(address, visit),
    async close() {
      const open = [...doors.values()];
      doors.clear();
      await Promise.all(open.map((door) => door.client.destroy()));
    },
  };
}

const peerKey = ({ address, port }: HttpTarget): string => `${address}|${port}`;

/** The fault of a door on which something came unasked, once; the connection is dropped. */
function tellSpoilt(door: Door): Fault | undefined {
  if (!door.spoilt && !heardSince(door)) return undefined;
  door.spoilt = false;
  door.socket?.destroy();
  delete door.socket;
  return unaskedFault(viaOf(door.target));
}

const viaOf = (target: HttpTarget): Transport => (target.secure ? "https" : "http");

function doorKey(target: HttpTarget): string {
  const { address, port, secure, expectMac, trust, tlsFingerprint, oldTls, roots, identity } = target;
  return JSON.stringify([address, port, secure, expectMac, trust, tlsFingerprint, oldTls === true, roots, identity?.certificate]);
}

/** An abort while waiting for the turn rejects; here it becomes a fault like every other end. */
async function abortable<T>(signal: AbortSignal, target: HttpTarget, run: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await run();
  } catch (error) {
    if (!signal.aborted) throw error;
    return fail(faultOfAbort(viaOf(target), { parent: signal, budget: HTTP_BUDGET, heard: false }));
  }
}

/** Sends with what is known to work, answers one challenge, and once more a stale nonce. Never the same refused answer twice. */
async function askWithLogin(door: Door, send: Send, random: Random): Promise<Result<HttpAnswer>> {
  const { login } = send.ask;
  if (login === undefined) return exchange(door, send, undefined);
  const reused = door.known?.loginId === login.id;
  const first = await exchange(door, send, reused ? authorization(door, send.ask, random) : undefined);
  if (!first.ok || first.value.status !== 401) return first;
  const challenge = challengeIn(first.value, send.ask);
  if (challenge === undefined) return fail(denied(door, login, "no challenge we can answer"));
  // A reused Basic answer that is refused now is a changed password; a reused nonce may just have run out.
  if (reused && challenge.scheme === "basic") return fail(denied(door, login, undefined));
  door.known = { loginId: login.id, challenge, count: 0 };
  const second = await exchange(door, send, authorization(door, send.ask, random));
  if (!second.ok || second.value.status !== 401) return second;
  const again = challengeIn(second.value, send.ask);
  if (again?.scheme !== "digest" || !again.stale) return fail(denied(door, login, undefined));
  door.known = { loginId: login.id, challenge: again, count: 0 };
  const third = await exchange(door, send, authorization(door, send.ask, random));
  return third.ok && third.value.status === 401 ? fail(denied(door, login, undefined)) : third;
}

function challengeIn(answer: HttpAnswer, ask: HttpAsk): Challenge | undefined {
  const challenges = parseChallenges(answer.headers.get("www-authenticate") ?? "");
  return strongest(challenges.filter(({ scheme }) => scheme === "digest" || ask.digestOnly !== true));
}

function denied(door: Door, login: Login, detail: string | undefined): Fault {
  delete door.known;
  return { kind: "denied", via: viaOf(door.target), credentialId: login.id, ...(detail === undefined ? {} : { detail }) };
}

function authorization(door: Door, ask: HttpAsk, random: Random): string | undefined {
  const { known } = door;
  const { login } = ask;
  if (known === undefined || login === undefined) return undefined;
  if (known.challenge.scheme === "basic") return basicAuthorization(login.user, login.password.reveal());
  return digestAuthorization(known.challenge, {
    user: login.user,
    password: login.password.reveal(),
    method: ask.method,
    uri: ask.path,
    cnonce: random.hex(8),
    count: ++known.count,
  });
}

/** One request and its answer. A GET on a kept connection that the device had just closed is sent once more. */
async function exchange(door: Door, send: Send, authorize: string | undefined): Promise<Result<HttpAnswer>> {
  const { ask, budget, whole, parent } = send;
  const kept = door.socket !== undefined && !door.socket.destroyed;
  if (kept) await hearOut();
  const spoilt = tellSpoilt(door);
  if (spoilt !== undefined) return fail(spoilt);
  for (let again = kept && ask.method === "GET"; ; again = false) {
    try {
      const answer = await door.client.request({
        method: ask.method,
        path: ask.path,
        headers: { ...ask.headers, ...(authorize === undefined ? {} : { authorization: authorize }) },
        body: ask.body ?? null,
        signal: whole,
      });
      const body = await readBody(answer.body, budget.bytes, viaOf(door.target));
      const { certificate } = door;
      door.spoilt ||= heardBehind(door);
      markEnd(door);
      return ok({
        status: answer.statusCode,
        headers: plainHeaders(answer.headers),
        body,
        ...(certificate === undefined ? {} : { certificate }),
      });
    } catch (error) {
      const heard = heardSince(door);
      markEnd(door);
      const { inHandshake, heardBytes } = door.progress;
      if (inHandshake) return fail(faultOf(error, { via: "tls", parent, whole, budget, heard: heardBytes() > 0 }));
      if (again && !heard && !whole.aborted && isClosed(error)) continue;
      return fail(faultOf(isClosed(error) ? (door.broke ?? error) : error, { via: viaOf(door.target), parent, whole, budget, heard }));
    }
  }
}
