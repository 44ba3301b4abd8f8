/** Commands taken, by their id: a repeated id gets the stored answer and does nothing. */

import { DAY } from "../protocols/core/time.ts";
import { decoder,                  jsonObject, maybeJson, oneOf, present, text, toJson, whole } from "./row.ts";

/** How long an id is remembered after its expiry. Source: security.md 3. */
export const REPLAY_KEPT_MS     = DAY;

const STATUSES = { accepted: true, rejected: true, done: true, failed: true }                                              ;

const readCommand = decoder(
  "commands",
  "jti",
  (row     )             =>
    present({
      jti: text(row, "jti"),
      expMs: whole(row, "exp_ms"),
      receivedAtMs: whole(row, "received_at_ms"),
      verb: text(row, "verb"),
      subject: text(row, "subject"),
      status: oneOf               (row, "status", STATUSES),
      answer: maybeJson(row, "answer", jsonObject),
    }),
);

export function commandsIn(sql     )           {
  const load = (jti        )                         => {
    const row = sql.one("select * from commands where jti = @jti", { jti });
    return row === undefined ? undefined : readCommand(row);
  };
  return {
    record: (command) =>
      sql.transaction(() => {
        const first = load(command.jti);
        if (first !== undefined) return { repeated: true, first }         ;
        const { jti, expMs, receivedAtMs, verb, subject, status, answer } = command;
        sql.run(
          `insert into commands (jti, exp_ms, received_at_ms, verb, subject, status, answer)
            values (@jti, @expMs, @receivedAtMs, @verb, @subject, @status, @answer)`,
          { jti, expMs, receivedAtMs, verb, subject, status, answer: toJson(answer) },
        );
        return { repeated: false }         ;
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
      sql.run("delete from commands where exp_ms < @beforeMs and status <> 'accepted'", { beforeMs: nowMs - REPLAY_KEPT_MS }).changes,
  };
}

