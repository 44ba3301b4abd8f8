/**
 * How an ask is named: recorder and replay use the same names, so that one finds what the other wrote down. What proves who
 * we are is never part of a name. Pure.
 */
import type { HttpAsk } from "../../protocols/http/client.ts";
import type { SipEvent } from "../../protocols/sip/notify.ts";
import type { SnmpAccess } from "../../protocols/snmp/client.ts";
import type { PlainObject } from "./format.ts";
import { plainBody } from "./values.ts";

/** A password by the name of its field, in JSON or in a form. */
const LOGIN_FIELD = /(?:^|[&?{,\s])"?\w{0,20}(?:password|passwd|pwd)\w{0,20}"?\s*[:=]/i;

/** Stands for every log-in: what it holds is never written down. */
const LOGIN_BODY: PlainObject = { login: true };

/** `secrets`: values that mark a body as a log-in whatever its fields are called. */
export function httpAskName(ask: HttpAsk, secrets: readonly string[]): PlainObject {
  const { method, path, body, login } = ask;
  const isLogin = body !== undefined && (LOGIN_FIELD.test(body) || secrets.some((secret) => secret !== "" && body.includes(secret)));
  return {
    path,
    method,
    ...(login === undefined ? {} : { login: true }),
    ...(body === undefined || body === "" ? {} : { body: isLogin ? LOGIN_BODY : plainBody(Buffer.from(body)) }),
  };
}

export const CERTIFICATE_ASK: PlainObject = { certificate: true };

export function getAskName(access: SnmpAccess, oids: readonly string[]): PlainObject {
  return { version: access.version, get: oids.toSorted() };
}

export function walkAskName(access: SnmpAccess, root: string): PlainObject {
  return { version: access.version, walk: root };
}

export const BANNER_ASK: PlainObject = { banner: true };
export const OFFER_ASK: PlainObject = { offer: true };

/** Opening a command line; what algorithms it was opened with is the client's affair. */
export const SESSION_ASK: PlainObject = { session: true };

export function commandAskName(command: string): PlainObject {
  return { command };
}

export const OPTIONS_ASK: PlainObject = { method: "OPTIONS" };

export function notifyAskName({ event, body }: SipEvent): PlainObject {
  return { method: "NOTIFY", event, ...(body === undefined ? {} : { body: plainBody(Buffer.from(body.text)) }) };
}
