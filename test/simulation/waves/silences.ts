/**
 * Devices that are down by themselves, and the health rounds that find out: every device is asked in turn, and the inventory says who
 * is there as the agent's own rule has it. Drawn with dice of its own in two stories of five; the others keep no availability.
 */
import { type Availability, availabilityAfter } from "../../../agent/health/availability.ts";
import type { Phone } from "../../../fixtures/fleet/phone-shape.ts";
import type { Time } from "../../../fixtures/fleet/time.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { HOUR, MINUTE, type Ms } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";

export interface Silences {
  /** Between two asks of one device. */
  readonly everyMs: Ms;
  /** By number of the phone. */
  readonly spans: readonly { readonly number: number; readonly fromMs: Ms; readonly lengthMs: Ms }[];
}

const SHARE = { of: 5, have: 2 } as const;

export function drawSilences(
  seed: number,
  phones: readonly { readonly number: number }[],
  { startMs, endMs }: { readonly startMs: Ms; readonly endMs: Ms },
): Silences | undefined {
  const random = seededRandom(seed * 5_077 + 41);
  if (random.below(SHARE.of) >= SHARE.have) return undefined;
  const share = 0.05 + 0.25 * random.next();
  const spans = phones
    .filter(() => random.next() < share)
    .map(({ number }) => ({
      ...{ number, fromMs: startMs + Math.floor(random.next() * 0.7 * (endMs - startMs)) },
      lengthMs: Math.floor((0.2 + 6 * random.next()) * HOUR),
    }));
  return { everyMs: (2 + random.below(5)) * MINUTE, spans };
}

export interface RoundsIo {
  readonly time: Time;
  readonly random: Random;
  readonly store: Pick<Store, "devices">;
  readonly phones: ReadonlyMap<DeviceId, Phone>;
  /** Number of the agent's life; `undefined` while none is up, and nobody is asked. */
  readonly life: () => number | undefined;
}

export function startSilences({ everyMs, spans }: Silences, io: RoundsIo): void {
  const { time, random, phones } = io;
  const byNumber = new Map([...phones.values()].map((phone) => [phone.drawn.number, phone]));
  for (const { number, fromMs, lengthMs } of spans)
    time.at(fromMs, () => byNumber.get(number)?.goDown(lengthMs, "itself", () => undefined));
  for (const device of phones.keys()) {
    const asked: Asked = { life: undefined, misses: 0, seenMs: undefined };
    const ask = (): void => {
      askOnce(device, asked, io);
      time.after(everyMs, ask);
    };
    time.after(random.below(everyMs), ask);
  }
}

interface Asked {
  life: number | undefined;
  misses: number;
  seenMs: Ms | undefined;
}

/** Only what changes is written. A new life begins to count anew. */
function askOnce(device: DeviceId, asked: Asked, { time, store, phones, life }: RoundsIo): void {
  const now = life();
  if (now === undefined) return;
  if (asked.life !== now) Object.assign(asked, { life: now, misses: 0 });
  const answers = phones.get(device)?.answers() === true;
  asked.misses = answers ? 0 : asked.misses + 1;
  if (answers) asked.seenMs = time.agent.nowMs();
  const row = store.devices.load(device);
  const availability: Availability | undefined = row === undefined ? undefined : availabilityAfter(row.availability, asked.misses);
  if (row === undefined || availability === undefined || availability === row.availability) return;
  store.devices.save({ ...row, availability, lastSeenMs: asked.seenMs ?? row.lastSeenMs });
}
