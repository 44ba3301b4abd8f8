/** A store with phones, the lists over it, and what the feed is told of coverage. */
import { listsOf } from "../../../agent/coverage/decide.ts";
import { judgeAll, todayIn } from "../../../agent/coverage/judge.ts";
import { type Line, lineSchema } from "../../../agent/coverage/list.ts";
import { type NewList, type Taken, takeList } from "../../../agent/coverage/take.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { Store } from "../../../store/store.ts";
import { device, deviceId, T0, temporaryStore, waitingIn } from "../../store/temporary.ts";

export const ZONE = "Europe/Zurich";
export const SITE = "contoso-zh" as SiteId;

export function phone(number: number, changes: Partial<DeviceRow> = {}): DeviceRow {
  return device(number, {
    family: "uc-phone",
    model: "VVX 450",
    partNumber: "3111-48450-001",
    serial: `8L${number}`,
    firstSeenMs: T0 - 10_000 + number,
    ...changes,
  });
}

export const line = (changes: object = {}): Line => lineSchema.parse({ serial: "8L1", contract: "C-1", ...changes });

export interface CoverageKit {
  readonly store: Store;
  readonly clock: ManualClock;
  judge(): ReturnType<typeof judgeAll>;
  take(lines: readonly Line[], changes?: Partial<NewList>): Taken;
  /** The payloads of this type's events, in order. */
  told(type: string): readonly Record<string, unknown>[];
  state(number: number): string | undefined;
}

export function coverageKit(numbers: readonly number[] = [1, 2, 3], store: Store = temporaryStore(), nowMs = T0): CoverageKit {
  const clock = manualClock(nowMs);
  const teller = createTeller({ store, site: SITE, nowMs: clock.nowMs, wake: () => undefined });
  for (const number of numbers) {
    store.devices.save(phone(number));
    const evidence = [{ via: "lldp" as const, what: "neighbour of ge-0/0/7", atMs: T0 }];
    store.sightings.add(deviceId(number), { source: "lldp", atMs: T0, facts: {}, evidence });
  }
  const lists = () => listsOf(store.entitlements.list(), store.entitlements.newest().length > 0);
  return {
    store,
    clock,
    judge: () => judgeAll({ store, teller, lists, nowMs: clock.nowMs, zone: ZONE }, new AbortController().signal),
    take: (lines, changes = {}) =>
      takeList(
        { source: "csv", name: "list.csv", actor: "local", lines, ...changes },
        { store, nowMs: clock.nowMs(), today: todayIn(ZONE, clock.nowMs()) },
      ),
    told: (type) =>
      waitingIn(store).flatMap(({ topic, payload }) => (topic.endsWith(`/event/${type}`) ? [JSON.parse(payload.toString()).data] : [])),
    state: (number) => store.coverage.load(deviceId(number))?.state,
  };
}
