/** What happened in each attempt, by its token: the evidence that lets a restart know whether a command ever left. */

import { decoder, maybeJson, maybeText, maybeWhole, present, shape, text, toJson, whole } from "./row.ts";

/** Fields to set; the others stay. */

const baselineCheck = shape          ({ atMs: "number", version: "string" });

const readAttempt = decoder(
  "attempts",
  "token",
  (row     )             =>
    present({
      task: text(row, "task")          ,
      number: whole(row, "number"),
      token: text(row, "token"),
      reservedAtMs: whole(row, "reserved_at_ms"),
      commandId: maybeText(row, "command_id"),
      intendedAtMs: maybeWhole(row, "intended_at_ms"),
      acceptedAtMs: maybeWhole(row, "accepted_at_ms"),
      imageStartedAtMs: maybeWhole(row, "image_started_at_ms"),
      imageDeliveredAtMs: maybeWhole(row, "image_delivered_at_ms"),
      sentBytes: whole(row, "sent_bytes"),
      endedAtMs: maybeWhole(row, "ended_at_ms"),
      outcome: maybeText(row, "outcome"),
      baseline: maybeJson(row, "baseline", baselineCheck),
    }),
);

export function attemptsIn(sql     )           {
  return {
    open({ task, number, token, reservedAtMs, baseline }) {
      sql.run(
        `insert into attempts (token, task, number, reserved_at_ms, baseline)
          values (@token, @task, @number, @reservedAtMs, @baseline)`,
        { token, task, number, reservedAtMs, baseline: toJson(baseline) },
      );
    },
    note: (token, { baseline, ...patch }) =>
      sql.run(
        `update attempts set command_id = coalesce(@commandId, command_id), intended_at_ms = coalesce(@intendedAtMs, intended_at_ms),
          accepted_at_ms = coalesce(@acceptedAtMs, accepted_at_ms),
          image_started_at_ms = coalesce(@imageStartedAtMs, image_started_at_ms),
          image_delivered_at_ms = coalesce(@imageDeliveredAtMs, image_delivered_at_ms),
          sent_bytes = coalesce(@sentBytes, sent_bytes), ended_at_ms = coalesce(@endedAtMs, ended_at_ms),
          outcome = coalesce(@outcome, outcome), baseline = coalesce(@baseline, baseline)
          where token = @token and ended_at_ms is null`,
        { ...NOTHING, ...patch, token, baseline: toJson(baseline) },
      ).changes > 0,
    byToken(token) {
      const row = sql.one("select * from attempts where token = @token", { token });
      return row === undefined ? undefined : readAttempt(row);
    },
    ofTask: (task) => sql.all("select * from attempts where task = @task order by number, reserved_at_ms", { task }).map(readAttempt),
  };
}

/** A named parameter must be given. */
const NOTHING = {
  commandId: null,
  intendedAtMs: null,
  acceptedAtMs: null,
  imageStartedAtMs: null,
  imageDeliveredAtMs: null,
  sentBytes: null,
  endedAtMs: null,
  outcome: null,
};

