/**
 * Time as an argument. Moments are `Temporal.Instant`; hot paths and rows carry epoch milliseconds as `Ms`.
 */

declare const brand: unique symbol;
/** Milliseconds: an epoch moment or a length, by the name of the variable (`atMs`, `timeoutMs`). */
export type Ms = number & { readonly [brand]?: "Ms" };
export type Instant = Temporal.Instant;

export const SECOND: Ms = 1_000;
export const MINUTE: Ms = 60_000;
export const HOUR: Ms = 3_600_000;
export const DAY: Ms = 86_400_000;

/** The only way the rest of the code learns the time or waits. */
export interface Clock {
  /** Epoch milliseconds. May run faster than the wall (demo) or stand still (tests). */
  nowMs(): Ms;
  /** Waits that long on this clock. Rejects with the signal's reason when aborted. */
  sleep(lengthMs: Ms, signal?: AbortSignal): Promise<void>;
  /** A length on this clock as real milliseconds: for time-outs of real sockets. At least 1. */
  toRealMs(lengthMs: Ms): number;
}

export function instantOf(atMs: Ms): Instant {
  return Temporal.Instant.fromEpochMilliseconds(Math.round(atMs));
}

/** ISO 8601 in UTC with milliseconds. */
export function isoOf(atMs: Ms): string {
  return instantOf(atMs).toString({ fractionalSecondDigits: 3 });
}

export interface ScaledClockOptions {
  /** How many of its milliseconds pass in one real one; 1 is real time. 1 to 10,000. */
  readonly factor: number;
  /** What the clock shows at the real moment `realOriginMs`. Two processes with the same three numbers agree. */
  readonly originMs: Ms;
  readonly realOriginMs: Ms;
}

/** A clock that runs `factor` times as fast as the wall. The factor 1 with equal origins is the real clock. */
export function scaledClock(options: ScaledClockOptions): Clock {
  const { factor, originMs, realOriginMs } = options;
  return {
    // Whole milliseconds: moments become rows.
    nowMs: () => Math.round(originMs + (Date.now() - realOriginMs) * factor),
    toRealMs: (lengthMs) => Math.max(1, lengthMs / factor),
    sleep: (lengthMs, signal) => realSleep(Math.max(0, lengthMs / factor), signal),
  };
}

export function systemClock(): Clock {
  return scaledClock({ factor: 1, originMs: 0, realOriginMs: 0 });
}

/** The longest a Node timer may be set; longer waits are cut into pieces. */
const LONGEST_TIMER_MS = 2_000_000_000;

/** Waits real milliseconds whatever clock the agent runs on: pauses inside one ask of a real socket, nothing else. */
export function realSleep(lengthMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let timer: NodeJS.Timeout;
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const wait = (leftMs: number): void => {
      timer = setTimeout(
        () => {
          if (leftMs > LONGEST_TIMER_MS) return wait(leftMs - LONGEST_TIMER_MS);
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        Math.min(leftMs, LONGEST_TIMER_MS),
      );
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    wait(lengthMs);
  });
}

/** Real milliseconds since some moment: for the time between two packets, never for a date. */
export function realElapsedMs(): number {
  return performance.now();
}

/** Ends when everything that is ready to be read has had its turn. */
export function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs `due` once after real milliseconds unless the answer is called before: the time-out of one packet, where a promise would cost more than the packet. */
export function realAlarm(lengthMs: number, due: () => void): () => void {
  const timer = setTimeout(due, lengthMs);
  return () => clearTimeout(timer);
}

/** A clock that moves only when told: for tests and simulation. */
export interface ManualClock extends Clock {
  /** Moves forward, waking sleepers in order of their time; resolves when all woken code has had a turn. */
  advance(lengthMs: Ms): Promise<void>;
}

export function manualClock(startMs: Ms): ManualClock {
  let nowMs = startMs;
  let sequence = 0;
  const sleepers: { atMs: Ms; order: number; wake: () => void }[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    nowMs: () => nowMs,
    toRealMs: (lengthMs) => Math.max(1, lengthMs),
    sleep: (lengthMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { atMs: nowMs + lengthMs, order: sequence++, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener(
          "abort",
          () => {
            const at = sleepers.indexOf(sleeper);
            if (at >= 0) sleepers.splice(at, 1);
            reject(signal.reason);
          },
          { once: true },
        );
      }),
    async advance(lengthMs) {
      const untilMs = nowMs + lengthMs;
      for (;;) {
        await turn();
        sleepers.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
        const next = sleepers[0];
        if (next === undefined || next.atMs > untilMs) break;
        sleepers.shift();
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
      nowMs = untilMs;
      await turn();
    },
  };
}

const UNITS: Readonly<Record<string, Ms>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** Reads a length such as `90s`, `5m`, `1h30m`, `7d`, `250ms`; `undefined` for anything else. */
export function parseDuration(text: string): Ms | undefined {
  if (!/^(?:\d+(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) total += Number(count) * (UNITS[unit as string] as number);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** Reads `2026-11-22T08:00:00Z`, with any offset, or a day `2026-11-22`, which begins at midnight UTC; `undefined` for anything else. */
export function parseMoment(text: string): Ms | undefined {
  try {
    return Temporal.Instant.from(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00Z` : text).epochMilliseconds;
  } catch {
    return undefined; // the only thing that can be wrong is the text
  }
}

/** A length as people say it, two units at most: `4 min 10 s`, `2 h 05 min`, `3 d 4 h`. */
export function showDuration(lengthMs: Ms): string {
  const seconds = Math.round(lengthMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
