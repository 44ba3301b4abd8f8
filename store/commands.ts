/** Commands taken, by their id: a repeated id gets the stored answer and does nothing. */

import { DAY, type Ms } from "../protocols/core/time.ts";
import { decoder, type JsonObject, jsonObject, maybeJson, oneOf, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** `accepted` is under way; the others are final. */
export type CommandStatus = "accepted" | "rejected" | "done" | "failed";

export interface CommandRow {
  /** The command's id, made by who sent it. */
  readonly jti: string;
  readonly expMs: Ms;
  readonly receivedAtMs: Ms;
  readonly verb: string;
  readonly subject: string;
  readonly status: CommandStatus;
  readonly answer?: JsonObject;
}

export type NewCommand = CommandRow;

export interface Commands {
  /** Writes it down, or gives back the row that has this id already. */
  record(command: NewCommand): { readonly repeated: false } | { readonly repeated: true; readonly first: CommandRow };
  /** False where it is unknown or final. */
  finish(jti: string, status: Exclude<CommandStatus, "accepted">, answer: JsonObject): boolean;
  load(jti: string): CommandRow | undefined;
  /** Oldest first. */
  unfinished(): readonly CommandRow[];
  /** Forgets final ones `REPLAY_KEPT_MS` after their expiry, never the newest `REPLAY_KEPT_LEAST`. @returns rows removed */
  prune(nowMs: Ms): number;
}

/** How long an id is remembered after its expiry. Source: security.md 3. */
export const REPLAY_KEPT_MS: Ms = DAY;

/** A clock that is far ahead for a while makes every id look old; once it is right again the newest could be sent again. More than any day brings. */
export const REPLAY_KEPT_LEAST = 1_000;

const STATUSES = { accepted: true, rejected: true, done: true, failed: true } satisfies { [status in CommandStatus]: true };

const readCommand = decoder(
  "commands",
  "jti",
  (row: Row): CommandRow =>
    present({
      jti: text(row, "jti"),
      expMs: whole(row, "exp_ms"),
      receivedAtMs: whole(row, "received_at_ms"),
      verb: text(row, "verb"),
      subject: text(row, "subject"),
      status: oneOf<CommandStatus>(row, "status", STATUSES),
      answer: maybeJson(row, "answer", jsonObject),
    }),
);

export function commandsIn(sql: Sql): Commands {
  const load = (jti: string): CommandRow | undefined => {
    const row = sql.one("select * from commands where jti = @jti", { jti });
    return row === undefined ? undefined : readCommand(row);
  };
  return {
    record: (command) =>
      sql.transaction(() => {
        const first = load(command.jti);
        if (first !== undefined) return { repeated: true, first } as const;
        const { jti, expMs, receivedAtMs, verb, subject, status, answer } = command;
        sql.run(
          `insert into commands (jti, exp_ms, received_at_ms, verb, subject, status, answer)
            values (@jti, @expMs, @receivedAtMs, @verb, @subject, @status, @answer)`,
          { jti, expMs, receivedAtMs, verb, subject, status, answer: toJson(answer) },
        );
        return { repeated: false } as const;
      }),
    finish: (jti, status, answer) =>
      sql.run("update commands set status = @status, answer = @answer where jti = @jti and status = 'accepted'", {
        jti,
        status,
        answer: toJson(answer),
      }).changes > 0,
    load,
    unfinished: () => sql.all("select * from commands where status = 'accepted' order by received_at_ms, jti").map(readCommand),
    prune: (nowMs) =>
      sql.run(
        `delete from commands where exp_ms < @beforeMs and status <> 'accepted'
          and jti not in (select jti from commands order by exp_ms desc limit @least)`,
        { beforeMs: nowMs - REPLAY_KEPT_MS, least: REPLAY_KEPT_LEAST },
      ).changes,
  };
}
