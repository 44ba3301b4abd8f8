/**
 * How much of us the senders of requests may use.
 */

export interface EndpointLimits {
  /** Over all ports together. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Of one connection, sent without waiting for an answer. */
  readonly requestsAtOnce: number;
  /** Real milliseconds from the connection to the last header. */
  readonly headersMs: number;
  /** Real milliseconds without a byte either way. */
  readonly idleMs: number;
  /** Real milliseconds for a whole request, its body included. */
  readonly requestMs: number;
  /** Of images, over all connections, by the clock; without it no cap. */
  readonly totalBytesPerSecond?: number;
  /** Of images, over the connections of one subnet, by the clock; without it no cap. */
  readonly subnetBytesPerSecond?: number;
  /** Of images, for each connection; without it no cap. */
  readonly connectionBytesPerSecond?: number;
}

/** A phone uses one or two connections; 500 phones at once are expected. Times: security.md 2. */
export const ENDPOINT_LIMITS: EndpointLimits = {
  connections: 2_000,
  connectionsPerAddress: 16,
  // Phones wait for each answer; what waits its turn holds a file open. Judgement.
  requestsAtOnce: 4,
  headersMs: 10_000,
  idleMs: 30_000,
  requestMs: 60_000,
};
