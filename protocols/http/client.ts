/**
 * HTTP to devices, bounded in time and bytes. The only user of undici.
 */
import { isIPv6,             } from "node:net";
import { Client,                 } from "undici";
import { faultOfAbort } from "../core/abort.ts";
import {              budgetSignal, HTTP_BUDGET, overBudget } from "../core/budget.ts";
import {             fail, ok,                             } from "../core/fault.ts";

import { oneAtATimePerKey } from "../core/limit.ts";

import { loginFault,                      } from "./certificate.ts";
import { connectChecked, FaultError, secureContexts } from "./connect.ts";
import { basicAuthorization,                 digestAuthorization, parseChallenges, strongest } from "./digest.ts";
import { faultOf, HEADER_BYTES, isClosed } from "./failure.ts";

/** Long enough for the next ask of the same visit, short enough to leave the device's connections free. A guess. */
const KEEP_CONNECTION_MS = 2_000;

export function createHttpClient(io                    )             {
  const contexts = secureContexts();
  const doors = new Map              ();
  const perAddress = oneAtATimePerKey();
  const visits = oneAtATimePerKey();

  function openDoor(target            , signal             )       {
    const key = doorKey(target);
    const known = doors.get(key);
    if (known !== undefined && !known.client.destroyed) {
      known.users++;
      known.signal = signal;
      return known;
    }
    const host = isIPv6(target.address) ? `[${target.address}]` : target.address;
    const client = new Client(`${target.secure ? "https" : "http"}://${host}:${target.port}`, {
      maxHeaderSize: HEADER_BYTES,
      // The wall-clock signal of each ask bounds both; undici's own are idle time-outs.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_CONNECTION_MS,
      keepAliveMaxTimeout: KEEP_CONNECTION_MS,
      pipelining: 1,
      allowH2: false,
      connect: (_options, callback) => {
        const context = target.oldTls === true ? contexts.old : contexts.modern;
        connectChecked({ address: target.address, port: target.port, proof: target, context, signal: door.signal }).then(
          ({ socket, certificate }) => {
            door.socket = socket;
            door.heardBefore = socket.bytesRead;
            if (certificate !== undefined) door.certificate = certificate;
            callback(null, socket);
          },
          (error       ) => callback(error, null),
        );
      },
    });
    const door       = { client, target, users: 1, signal, heardBefore: 0 };
    client.on("disconnect", () => forget(key, door));
    doors.set(key, door);
    return door;
  }

  function forget(key        , door      )       {
    if (door.users > 0 || doors.get(key) !== door) return;
    doors.delete(key);
    void door.client.destroy();
  }

  async function askNow(target            , ask         , parent             )                              {
    const budget = ask.budget ?? HTTP_BUDGET;
    const whole = budgetSignal(budget, parent);
    const door = openDoor(target, whole);
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
      if (!addressForm.test(target.address)) return fail({ kind: "unreachable", via: viaOf(target), detail: "not an address" });
      return abortable(signal, target, () => perAddress.run(target.address, () => askNow(target, ask, signal), signal));
    },
    async certificate(target, signal) {
      const whole = budgetSignal(HTTP_BUDGET, signal);
      const context = target.oldTls === true ? contexts.old : contexts.modern;
      const connect = async ()                                   => {
        try {
          const to = { address: target.address, port: target.port, proof: { ...target, secure: true }, context, signal: whole };
          const { socket, certificate } = await connectChecked(to);
          socket.destroy();
          return certificate === undefined ? fail({ kind: "off", via: "tls" }) : ok(certificate);
        } catch (error) {
          return fail(faultOf(error, { via: "tls", parent: signal, whole, budget: HTTP_BUDGET, heard: false }));
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

/** IP addresses and host names; anything else would become part of a URL. */
const addressForm = /^[A-Za-z0-9.:%_-]{1,253}$/;

const viaOf = (target            )            => (target.secure ? "https" : "http");

function doorKey(target            )         {
  const { address, port, secure, expectMac, trust, tlsFingerprint, oldTls } = target;
  return JSON.stringify([address, port, secure, expectMac, trust, tlsFingerprint, oldTls === true]);
}

/** An abort while waiting for the turn rejects; here it becomes a fault like every other end. */
async function abortable   (signal             , target            , run                          )                     {
  try {
    return await run();
  } catch (error) {
    if (!signal.aborted) throw error;
    return fail(faultOfAbort(viaOf(target), { parent: signal, budget: HTTP_BUDGET, heard: false }));
  }
}

/** Sends with what is known to work, answers one challenge, and once more a stale nonce. Never the same refused answer twice. */
async function askWithLogin(door      , send      , random        )                              {
  const { login } = send.ask;
  if (login === undefined) return exchange(door, send, undefined);
  const reused = door.known?.loginId === login.id;
  const first = await exchange(door, send, reused ? authorization(door, send.ask, random) : undefined);
  if (!first.ok || first.value.status !== 401) return first;
  const challenge = challengeIn(first.value);
  if (challenge === undefined) return fail(denied(door, login, "no challenge we can answer"));
  // A reused Basic answer that is refused now is a changed password; a reused nonce may just have run out.
  if (reused && challenge.scheme === "basic") return fail(denied(door, login, undefined));
  door.known = { loginId: login.id, challenge, count: 0 };
  const second = await exchange(door, send, authorization(door, send.ask, random));
  if (!second.ok || second.value.status !== 401) return second;
  const again = challengeIn(second.value);
  if (again?.scheme !== "digest" || !again.stale) return fail(denied(door, login, undefined));
  door.known = { loginId: login.id, challenge: again, count: 0 };
  const third = await exchange(door, send, authorization(door, send.ask, random));
  return third.ok && third.value.status === 401 ? fail(denied(door, login, undefined)) : third;
}

function challengeIn(answer            )                        {
  return strongest(parseChallenges(answer.headers.get("www-authenticate") ?? ""));
}

function denied(door      , login           , detail                    )        {
  delete door.known;
  return { kind: "denied", via: viaOf(door.target), credentialId: login.id, ...(detail === undefined ? {} : { detail }) };
}

function authorization(door      , ask         , random        )                     {
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
async function exchange(door      , send      , authorize                    )                              {
  const { ask, budget, whole, parent } = send;
  const kept = door.socket !== undefined && !door.socket.destroyed;
  for (let again = kept && ask.method === "GET"; ; again = false) {
    door.heardBefore = door.socket?.bytesRead ?? 0;
    try {
      const answer = await door.client.request({
        method: ask.method,
        path: ask.path,
        headers: { ...ask.headers, ...(authorize === undefined ? {} : { authorization: authorize }) },
        body: ask.body ?? null,
        signal: whole,
      });
      const body = await readBody(answer, budget.bytes, viaOf(door.target));
      const { certificate } = door;
      return ok({
        status: answer.statusCode,
        headers: plainHeaders(answer.headers),
        body,
        ...(certificate === undefined ? {} : { certificate }),
      });
    } catch (error) {
      const heard = (door.socket?.bytesRead ?? 0) > door.heardBefore;
      if (again && !heard && !whole.aborted && isClosed(error)) continue;
      return fail(faultOf(error, { via: viaOf(door.target), parent, whole, budget, heard }));
    }
  }
}

async function readBody(answer                         , limitBytes        , via           )                  {
  const chunks           = [];
  let size = 0;
  for await (const chunk of answer.body) {
    const bytes = chunk          ;
    size += bytes.length;
    // Leaving the loop by a throw destroys the body, and with it the connection.
    if (size > limitBytes) throw new FaultError(overBudget(via, "bytes", limitBytes));
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function plainHeaders(headers                                    )                              {
  const plain = new Map                ();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const lower = name.toLowerCase();
    plain.set(lower, Array.isArray(value) ? value.join(lower === "set-cookie" ? "\n" : ", ") : value);
  }
  return plain;
}

