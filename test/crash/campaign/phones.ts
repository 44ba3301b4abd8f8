/**
 * The site of the kill matrix: phones in virtual time that outlive every life of the agent, and count by themselves what
 * reached them. They know nothing of the agent; they are looked at, told things, and ask the image server when they restart.
 */
import type { Random } from "../../../protocols/core/random.ts";
import { MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import type { Look } from "../../../protocols/families/family.ts";
import type { DeviceRow } from "../../../store/devices.ts";

/** `losesLines`: no line comes up on the first image it flashes; on the next they do again. */
export type Habit = "ignoresOnce" | "ignoresAlways" | "neverReturns" | "refusesImage" | "losesLines";

/** An image on offer to one phone, in the agent that runs now. */
export interface Offered {
  readonly token: string;
  readonly version: Version;
}

/** The image server as the phones see it; `undefined` while the agent is dead. */
export interface Server {
  offerTo(mac: string): Offered | undefined;
  started(token: string): void;
  delivered(token: string): void;
}

export interface Phone {
  readonly row: DeviceRow;
  readonly mac: string;
  version: Version;
  isUp: boolean;
  /** Answers nobody, whatever it does. */
  isDark: boolean;
  isBusy: boolean;
  registered: number;
  bootedAtMs: Ms;
  habit: Habit | undefined;
  /** The token on offer to it when each command came; `none` without any. */
  readonly commands: string[];
  /** Every image it took whole, and every one it flashed. */
  readonly taken: Offered[];
  readonly flashed: Version[];
}

export interface Site {
  readonly phones: ReadonlyMap<string, Phone>;
  server: Server | undefined;
  nowMs(): Ms;
  after(lengthMs: Ms, act: () => void): void;
  /** Everything that is due until then happens, in order. */
  pass(lengthMs: Ms): void;
  look(phone: Phone): Look;
  /** A command arrives. @returns false where the phone is not there */
  command(phone: Phone): boolean;
}

/** It tries a broken transfer again so often. */
const TRIES = 3;

export function createSite(rows: readonly DeviceRow[], startMs: Ms, random: Random): Site {
  let nowMs = startMs;
  let order = 0;
  const due: { atMs: Ms; order: number; act: () => void }[] = [];
  const after = (lengthMs: Ms, act: () => void): void => void due.push({ atMs: nowMs + lengthMs, order: order++, act });
  const between = (from: number, to: number): Ms => Math.round((from + random.next() * (to - from)) * SECOND);
  const site: Site = {
    phones: new Map(
      rows.map((row) => [
        row.id,
        {
          ...{
            row,
            mac: row.mac ?? "",
            version: row.running as Version,
            isUp: true,
            isDark: false,
            isBusy: false,
            registered: row.lines.length,
          },
          ...{ bootedAtMs: startMs - 60 * MINUTE, habit: undefined, commands: [], taken: [], flashed: [] },
        },
      ]),
    ),
    server: undefined,
    nowMs: () => nowMs,
    after,
    pass(lengthMs) {
      const untilMs = nowMs + lengthMs;
      for (;;) {
        const next = due.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
        if (next === undefined || next.atMs > untilMs) break;
        due.splice(due.indexOf(next), 1);
        nowMs = Math.max(nowMs, next.atMs);
        next.act();
      }
      nowMs = untilMs;
    },
    look(phone) {
      if (!phone.isUp || phone.isDark)
        return { facts: {}, inUse: { state: "unknown", reason: "no answer" }, faults: [{ kind: "unreachable", via: "https" }] };
      return {
        facts: { mac: phone.row.mac as never, running: { application: phone.version, updater: phone.version }, managedBy: "none" },
        inUse: phone.isBusy ? { state: "busy", reason: "in a call" } : { state: "idle" },
        lines: { registered: phone.registered, configured: phone.row.lines.length },
        uptimeSeconds: Math.floor((nowMs - phone.bootedAtMs) / SECOND),
        faults: [],
      };
    },
    command(phone) {
      if (!phone.isUp || phone.isDark) return false;
      phone.commands.push(site.server?.offerTo(phone.mac)?.token ?? "none");
      const { habit } = phone;
      if (habit === "ignoresAlways") return true;
      if (habit === "ignoresOnce") {
        phone.habit = undefined;
        return true;
      }
      after(between(4, 15), () => ask(phone, TRIES));
      return true;
    },
  };

  /** It asks for its files when nobody speaks, and takes what is named there where it is not what it runs. */
  const ask = (phone: Phone, tries: number): void => {
    if (phone.isBusy) {
      after(10 * SECOND, () => ask(phone, tries));
      return;
    }
    const offered = site.server?.offerTo(phone.mac);
    if (offered === undefined || offered.version === phone.version) {
      if (tries <= 1) restart(phone, between(15, 25));
      else after(between(10, 20), () => ask(phone, tries - 1));
      return;
    }
    site.server?.started(offered.token);
    after(between(8, 25), () => {
      // The agent may have died, or ended the offer, while bytes were on their way.
      if (site.server?.offerTo(phone.mac)?.token !== offered.token) return ask(phone, tries);
      phone.taken.push(offered);
      // It may die of the news: the phone has its image all the same.
      after(between(1, 5), () => flash(phone, offered));
      site.server.delivered(offered.token);
    });
  };

  const flash = (phone: Phone, { version }: Offered): void => {
    if (phone.habit === "neverReturns") {
      phone.isUp = false;
      return;
    }
    if (phone.habit !== "refusesImage") {
      phone.flashed.push(version);
      phone.version = version;
    }
    restart(phone, between(25, 45));
  };

  const restart = (phone: Phone, lengthMs: Ms): void => {
    Object.assign(phone, { isUp: false, registered: 0 });
    after(lengthMs, () => {
      Object.assign(phone, { isUp: true, bootedAtMs: nowMs });
      if (phone.habit === "losesLines" && phone.flashed.length === 1) return;
      after(between(3, 12), () => void Object.assign(phone, { registered: phone.row.lines.length }));
    });
  };
  return site;
}
