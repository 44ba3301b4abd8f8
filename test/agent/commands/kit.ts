import type { CommandAnswer, VerbOutcome } from "../../../agent/commands/answer.ts";
import type { Circumstances } from "../../../agent/commands/authorise.ts";
import { VERBS } from "../../../agent/commands/catalogue.ts";
import { type CommandHandler, type CommandIo, createCommandHandler, type Verbs } from "../../../agent/commands/handle.ts";
import { COMMAND_TYPE, signJws } from "../../../agent/commands/jws.ts";
import { makeKey, type SigningKey } from "../../../agent/commands/keys.ts";
import { type Roster, type RosterText, signRoster, verifyRoster } from "../../../agent/commands/roster.ts";
import { createLog } from "../../../agent/log.ts";
import { DAY, isoOf, type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import type { AuditEntry } from "../../../store/audit.ts";
import type { CommandRow } from "../../../store/commands.ts";
import { StoreError } from "../../../store/sql.ts";

export const SITE = "zug-01";
export const NOW = Date.UTC(2026, 10, 22, 12);
export const SECONDS = NOW / 1_000;

export interface Keys {
  readonly roots: readonly SigningKey[];
  readonly viewer: SigningKey;
  readonly technician: SigningKey;
  readonly approver: SigningKey;
  readonly revoked: SigningKey;
  readonly old: SigningKey;
  readonly stranger: SigningKey;
}

export async function makeKeys(): Promise<Keys> {
  const [r1, r2, r3, viewer, technician, approver, revoked, old, stranger] = await Promise.all(Array.from({ length: 9 }, makeKey));
  const roots = [r1, r2, r3] as SigningKey[];
  return { roots, viewer, technician, approver, revoked, old, stranger } as Keys;
}

export function rosterText(keys: Keys, change: Partial<RosterText> = {}): RosterText {
  const entry = (key: SigningKey) => ({ kid: key.kid, publicKey: key.publicKey });
  return {
    schema: "groundswell.roster/1",
    sites: [SITE],
    version: 1,
    issuedAt: isoOf(NOW - DAY),
    expiresAt: isoOf(NOW + 60 * DAY),
    people: [
      { id: "vera", name: "Vera", role: "viewer", keys: [entry(keys.viewer)] },
      {
        id: "tom",
        name: "Tom",
        role: "technician",
        keys: [entry(keys.technician), { ...entry(keys.revoked), revoked: true }, { ...entry(keys.old), notAfter: isoOf(NOW - 1_000) }],
      },
      { id: "anna", name: "Anna", role: "approver", keys: [entry(keys.approver)] },
    ],
    ...change,
  };
}

export async function rosterOf(keys: Keys, change: Partial<RosterText> = {}): Promise<Roster> {
  const text = signRoster(rosterText(keys, change), keys.roots.slice(0, 2));
  const answer = await verifyRoster(text, { roots: keys.roots, site: SITE, nowMs: NOW });
  if (!answer.ok) throw new Error(answer.detail);
  return answer.roster;
}

let counter = 0;
export function freshId(): string {
  return `01JD${String(++counter).padStart(22, "0")}`;
}

export function claimsOf(key: SigningKey, name: string, args: unknown = {}, change: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: key.kid, aud: SITE, iat: SECONDS - 5, exp: SECONDS + 300, jti: freshId(), cmd: { name, args }, ...change };
}

export function tokenOf(key: SigningKey, name: string, args: unknown = {}, change: Record<string, unknown> = {}): Promise<string> {
  return signJws(claimsOf(key, name, args, change), key, COMMAND_TYPE);
}

export interface Bench {
  readonly handler: CommandHandler;
  readonly clock: ManualClock;
  readonly audit: AuditEntry[];
  readonly rows: Map<string, CommandRow>;
  /** What verbs were run with. */
  readonly ran: { readonly verb: string; readonly args: unknown; readonly person: string }[];
  readonly sent: CommandAnswer[];
  readonly set: {
    roster: Roster | undefined;
    synchronised: boolean;
    highestSeenMs: number;
    circumstances: Circumstances | undefined;
    diskFull: boolean;
    outcome: (verb: string) => Promise<VerbOutcome>;
  };
  give(token: string, more?: { retained?: boolean }): Promise<CommandAnswer | undefined>;
}

/** Through JSON, as the database keeps it. */
function asRow(row: object): CommandRow {
  return JSON.parse(JSON.stringify(row));
}

export function bench(roster: Roster | undefined, io: Partial<CommandIo> = {}): Bench {
  const clock = manualClock(NOW);
  const audit: AuditEntry[] = [];
  const rows = new Map<string, CommandRow>();
  const ran: Bench["ran"] = [];
  const sent: CommandAnswer[] = [];
  const set: Bench["set"] = {
    roster,
    synchronised: true,
    highestSeenMs: NOW,
    circumstances: undefined,
    diskFull: false,
    outcome: async () => ({ ok: true }),
  };
  const verbs = Object.fromEntries(
    VERBS.map((verb) => [
      verb,
      async (args: unknown, subject: { person: string }) => {
        ran.push({ verb, args, person: subject.person });
        return await set.outcome(verb);
      },
    ]),
  ) as unknown as Verbs;
  const handler = createCommandHandler({
    site: SITE,
    clock,
    verbs,
    log: createLog({ level: "silent", pretty: false, write: () => {} }),
    roster: () => set.roster,
    clockState: () => ({ synchronised: set.synchronised, highestSeenMs: set.highestSeenMs }),
    circumstances: () => set.circumstances,
    store: {
      transaction(run) {
        if (set.diskFull) throw new StoreError("full", "disk full");
        return run();
      },
      commands: {
        load: (jti) => rows.get(jti),
        record(row) {
          rows.set(row.jti, asRow(row));
          return { repeated: false };
        },
        finish(jti, status, answer) {
          rows.set(jti, asRow({ ...(rows.get(jti) as CommandRow), status, answer }));
          return true;
        },
        unfinished: () => [...rows.values()].filter((row) => row.status === "accepted"),
      },
      audit: {
        append(entry) {
          const kept: AuditEntry = JSON.parse(JSON.stringify(entry));
          audit.push(kept);
          return { ...kept, seq: audit.length, prevHash: "", hash: "" };
        },
      },
    },
    ...io,
  });
  const sink = async (answer: CommandAnswer) => () => void sent.push(answer);
  const give: Bench["give"] = (token, more = {}) => handler.handle({ kind: "signed", token, ...more }, "mqtt", sink);
  return { handler, clock, audit, rows, ran, sent, set, give };
}
