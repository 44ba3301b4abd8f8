/**
 * Where each phone has its files on the customer's server, by its own requests that were answered well there: who only says that it
 * is the phone can add what is there, and nothing else.
 */
import type { Mac } from "../core/ids.ts";

export type OverrideName = "phone" | "web";

export interface Habit {
  /** As it names itself. */
  readonly userAgent?: string;
  /** Each from slash to slash: where its master file is; the one asked last comes last. */
  readonly folders: readonly string[];
  /** Whole paths. */
  readonly overrides: { readonly [which in OverrideName]?: string };
  /** It logged in, and was told that there is none. */
  readonly absent: { readonly [which in OverrideName]?: boolean };
}

export interface PhoneHabits {
  of(mac: Mac): Habit | undefined;
  /** A master file was there. */
  booted(mac: Mac, asked: { readonly url: string; readonly userAgent?: string | undefined }): void;
  /** An override file was there, or was or may have been taken. */
  hasOverride(mac: Mac, which: OverrideName, url: string): void;
  /** Of one that logged in. */
  hasNone(mac: Mac, which: OverrideName): void;
}

/** Phones remembered; the one that was silent longest is forgotten. */
const PHONES_MAX = 20_000;
/** Of one phone. Who says that it is the phone can add to them, and must not push out where it really boots too soon. */
const FOLDERS_MAX = 4;
const NOTHING: Habit = { folders: [], overrides: {}, absent: {} };

export function createPhoneHabits(): PhoneHabits {
  const known = new Map<Mac, Habit>();
  const note = (mac: Mac, change: (habit: Habit) => Habit): void => {
    const habit = change(known.get(mac) ?? NOTHING);
    known.delete(mac);
    if (known.size >= PHONES_MAX) known.delete(known.keys().next().value as Mac);
    known.set(mac, habit);
  };
  return {
    of: (mac) => known.get(mac),
    booted(mac, { url, userAgent }) {
      const path = pathOf(url);
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const named = userAgent === undefined ? {} : { userAgent };
      note(mac, (habit) => ({
        ...habit,
        folders: [...habit.folders.filter((one) => one !== folder), folder].slice(-FOLDERS_MAX),
        ...named,
      }));
    },
    hasOverride(mac, which, url) {
      note(mac, (habit) => ({
        ...habit,
        overrides: { ...habit.overrides, [which]: pathOf(url) },
        absent: { ...habit.absent, [which]: false },
      }));
    },
    hasNone(mac, which) {
      note(mac, (habit) => ({ ...habit, absent: { ...habit.absent, [which]: true } }));
    },
  };
}

const pathOf = (url: string): string => url.split("?", 1)[0] ?? "/";
