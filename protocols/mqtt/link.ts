/**
 * What the agent needs of MQTT: messages, states, and one connection (`Link`) that lives and dies once.
 */

/** A received payload above this is dropped and counted: a command is at most 8 KB, with its envelope far below this. */
export const MAX_RECEIVED_BYTES = 64 * 1024;
/** A received packet above this ends the connection before it is gathered in memory. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** A payload we send is at most this; brokers commonly refuse more. */
export const MAX_SENT_BYTES = 1024 * 1024;
/** Real milliseconds without any PUBACK while something waits for one: the link is dead whatever TCP says. */
export const ACK_TIMEOUT_MS = 30_000;
/** Real milliseconds from the first packet to CONNACK. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Publishes waiting for PUBACK at once, unless told otherwise or the broker allows less. Guessed: covers 50 ms of distance at 1,000 a second. */
export const DEFAULT_WINDOW = 50;

/** The only hosts that may be spoken to without TLS. */
export function isLoopback(host        )          {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** All we send is QoS 1. */

/** How a link ended. `newerProtocolRefused`: worth a try with MQTT 3.1.1 at once. */

/** One connection. Never reconnects; after `ended` every call is a fault. */

