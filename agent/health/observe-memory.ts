/**
 * What the observer remembers of each device, mirrored from rows and written back: conditions at once, running times of rules
 * and usual values with the next batch. A kill loses the last second of those, never a condition.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Flaps } from "./availability.ts";
import type { RuleState } from "./judge.ts";
import { type Memory, type Usual, withoutTime } from "./judge-device.ts";
import type { Rule } from "./rules-schema.ts";

/** One device. The maps change only after what they tell of is on disk. */
export interface Kept extends Memory {
  states: Map<string, RuleState>;
  usual: Map<string, Usual>;
  flaps: Flaps | undefined;
  open: Set<string>;
  openReadAtMs: Ms;
  misses: number;
  /** What it said when it was last taken into the inventory, and when. */
  noted: { readonly words: string; readonly atMs: Ms } | undefined;
  /** When rules last judged it. */
  judgedAtMs: Ms | undefined;
  /** Its conditions wait for the end of something greater since its last judgement. */
  paused: boolean;
}

export interface ObserverMemory {
  of(device: DeviceId, nowMs: Ms): Kept;
  forget(device: DeviceId): void;
  /** This rule's memory of the device has changed: the next batch writes it. */
  touch(device: DeviceId, rule: string): void;
  /** Writes what was touched. */
  flush(): void;
}

/**
 * Others end conditions too (a device is retired, two become one): the mirror is read again after so long. Until then an end
 * elsewhere may be missed, which delays the next beginning by as much.
 */
const OPEN_READ_AGAIN_MS: Ms = 5 * MINUTE;

/** @param restartedAfterMs how long nobody watched before this start: it counts for no rule */
export function createMemory(
  store: Pick<Store, "conditions" | "health" | "history">,
  rules: readonly Rule[],
  restartedAfterMs: Ms,
): ObserverMemory {
  const kept = new Map<DeviceId, Kept>();
  let touched = new Map<DeviceId, Set<string>>();
  return {
    of(device, nowMs) {
      let one = kept.get(device);
      if (one === undefined) {
        one = load(device, store, rules, { restartedAfterMs, nowMs });
        kept.set(device, one);
      } else if (nowMs - one.openReadAtMs >= OPEN_READ_AGAIN_MS) {
        one.open = openKinds(device, store);
        one.openReadAtMs = nowMs;
      }
      return one;
    },
    forget: (device) => void kept.delete(device),
    touch(device, rule) {
      const names = touched.get(device) ?? new Set();
      touched.set(device, names.add(rule));
    },
    flush() {
      if (touched.size === 0) return;
      const rows = [...touched].flatMap(([device, names]) =>
        [...names].map((rule) => {
          const [state, usual] = [kept.get(device)?.states.get(rule), kept.get(device)?.usual.get(rule)];
          return { device, rule, ...(state === undefined ? {} : { state }), ...(usual === undefined ? {} : { usual }) };
        }),
      );
      store.health.remember(rows.filter(({ device }) => kept.has(device)));
      touched = new Map();
    },
  };
}

function openKinds(device: DeviceId, { conditions }: Pick<Store, "conditions">): Set<string> {
  return new Set(conditions.openOf(device).map(({ kind }) => kind));
}

function load(
  device: DeviceId,
  store: Pick<Store, "conditions" | "health" | "history">,
  rules: readonly Rule[],
  { restartedAfterMs, nowMs }: { readonly restartedAfterMs: Ms; readonly nowMs: Ms },
): Kept {
  const { flaps, rules: rows } = store.health.ofDevice(device);
  const states = new Map(rows.flatMap(({ rule, state }) => (state === undefined ? [] : [[rule, state] as const])));
  const usual = new Map(rows.flatMap(({ rule, usual: most }) => (most === undefined ? [] : [[rule, most] as const])));
  const open = openKinds(device, store);
  seedUsual(device, usual, open, store, rules);
  return {
    states: withoutTime({ states, flaps: undefined }, restartedAfterMs).states,
    // Its penalty goes down while nobody watches: calm is what was not seen to be otherwise.
    flaps,
    usual,
    open,
    openReadAtMs: nowMs,
    misses: 0,
    noted: undefined,
    judgedAtMs: undefined,
    paused: false,
  };
}

/** Where nothing is remembered yet: what it had last. A loss that is open already was of one at least. */
function seedUsual(
  device: DeviceId,
  usual: Map<string, Usual>,
  open: ReadonlySet<string>,
  { history }: Pick<Store, "history">,
  rules: readonly Rule[],
): void {
  const wanted = rules.filter(({ id, when }) => (when.kind === "fallen" || when.kind === "missing") && !usual.has(id));
  if (wanted.length === 0) return;
  const last = history.latest(device);
  if (last === undefined) return;
  for (const { id, when } of wanted) {
    const value = "reading" in when ? last.reading[when.reading] : undefined;
    if (value !== undefined) usual.set(id, { most: value + (open.has(id) && when.kind === "fallen" ? when.by : 0), fromMs: last.atMs });
  }
}
