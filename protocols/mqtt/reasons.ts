/**
 * What a broker's codes mean to us. Source: MQTT 5, 2.4 (reason codes, 128 and up) and MQTT 3.1.1, table 3.1 (1 to 5).
 * A code that stands in no list is refused by its number.
 */
import type { Fault } from "../core/fault.ts";

const WORDS: Readonly<Record<number, string>> = {
  1: "unacceptable protocol version",
  2: "client identifier rejected",
  3: "server unavailable",
  4: "bad user name or password",
  5: "not authorized",
  128: "unspecified error",
  129: "malformed packet",
  130: "protocol error",
  131: "implementation specific error",
  132: "unsupported protocol version",
  133: "client identifier not valid",
  134: "bad user name or password",
  135: "not authorized",
  136: "server unavailable",
  137: "server busy",
  138: "banned",
  139: "server shutting down",
  140: "bad authentication method",
  141: "keep alive timeout",
  142: "another client came with our client identifier",
  143: "topic filter invalid",
  144: "topic name invalid",
  147: "receive maximum exceeded",
  148: "topic alias invalid",
  149: "packet too large",
  150: "message rate too high",
  151: "quota exceeded",
  152: "administrative action",
  153: "payload format invalid",
  154: "retain not supported",
  155: "QoS not supported",
  156: "use another server",
  157: "server moved",
  158: "shared subscriptions not supported",
  159: "connection rate exceeded",
  160: "maximum connect time",
};

/** Who we are was turned away. */
const DENIED = [2, 4, 5, 133, 134, 135, 138, 140];
/** Later it may be taken: busy, receive maximum, rate, quota. */
const PATIENCE = [137, 147, 150, 151, 159];
/** It is away or going, and says nothing of us. */
const AWAY = [3, 136, 139, 141, 152, 160];

/** Should the next try speak 3.1.1? */
export function refusesProtocol(code: number): boolean {
  return code === 1 || code === 132;
}

export function reasonText(code: number): string {
  return `${WORDS[code] ?? "reason"} (${code})`;
}

/** CONNACK and DISCONNECT: what the connection ended with. */
export function endFault(code: number): Fault {
  if (DENIED.includes(code)) return { kind: "denied", via: "mqtt", detail: reasonText(code) };
  if (PATIENCE.includes(code)) return { kind: "busy", via: "mqtt" };
  if (AWAY.includes(code) || code < 128) return { kind: "unreachable", via: "mqtt", detail: reasonText(code) };
  return { kind: "refused", via: "mqtt", reason: reasonText(code) };
}

/** PUBACK: what became of one message. Not authorised is about its topic, so it is refused for good. */
export function publishFault(code: number): Fault {
  return PATIENCE.includes(code) ? { kind: "busy", via: "mqtt" } : { kind: "refused", via: "mqtt", reason: reasonText(code) };
}
