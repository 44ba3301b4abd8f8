/** What the engines and those who ask them agree on. */
export const USER = "bench";
export const AUTH_PASSPHRASE = "bench-authentication";
export const PRIV_PASSPHRASE = "bench-privacy-words";
/** Twenty values, as one round of a health poll has (design: health). */
export const OIDS = [
  ...[1, 2, 3, 5, 6].map((n) => `1.3.6.1.2.1.1.${n}.0`),
  ...["1.3.1", "1.3.11.1", "1.3.12.1", "1.5.1"].map((tail) => `1.3.6.1.4.1.13885.101.${tail}.0`),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => `1.3.6.1.4.1.13885.101.1.3.5.2.1.3.${n}`),
];
/** Devices asked at the same time. */
export const LANES = 32;

/** 250 to a network: first and last addresses stay free. */
export const addressOf = (index: number): string => `127.77.${Math.floor(index / 250)}.${(index % 250) + 1}`;

export interface Timed {
  readonly firstUs: number;
  readonly laterUs: number;
  readonly stallMs: number;
}

/** Runs `ask` for every index, `LANES` at a time. */
export async function inLanes(from: number, to: number, ask: (index: number) => Promise<void>): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < to) await ask(next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Processor time of `work` in microseconds per ask. */
export async function cpuPer(asks: number, work: () => Promise<void>): Promise<number> {
  const before = cpuUs();
  await work();
  return (cpuUs() - before) / asks;
}
