/** What the responder and those who sweep it agree on. All of it is loopback. */
export const COMMUNITY = "bench";
export const TIMEOUT_MS = 1_000;
/** Hosts of a /16. */
export const HOSTS = 65_534;

export const networkOf = (base: number): string => `127.${base}.0.0/16`;

/** One of its hosts, by a number from 1 to `HOSTS`. */
export const addressOf = (base: number, host: number): string => `127.${base}.${host >> 8}.${host & 255}`;
