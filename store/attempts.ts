/** What happened in each attempt, by its token: the evidence that lets a restart know whether a command ever left. */

import type { MeasuredStep } from "../firmware/waves/forecast-measured.ts";
import type { Baseline } from "../firmware/waves/situation.ts";
import type { TaskId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, keptJson, maybeText, maybeWhole, present, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface AttemptRow {
  readonly task: TaskId;
  readonly number: number;
  readonly token: string;
  readonly reservedAtMs: Ms;
  readonly commandId?: string;
  /** On disk before the command is sent. */
  readonly intendedAtMs?: Ms;
  readonly acceptedAtMs?: Ms;
  readonly imageStartedAtMs?: Ms;
  readonly imageDeliveredAtMs?: Ms;
  readonly sentBytes: number;
  readonly endedAtMs?: Ms;
  readonly outcome?: string;
  /** The look before the command. */
  readonly baseline?: Baseline;
}

/** Fields to set; the others stay. */
export type AttemptPatch = Partial<Omit<AttemptRow, "task" | "number" | "token" | "reservedAtMs" | "sentBytes">>;

export interface Attempts {
  open(attempt: Pick<AttemptRow, "task" | "number" | "token" | "reservedAtMs" | "baseline">): void;
  /** @returns `false`, with nothing changed, where the token is unknown or its attempt has ended: late news of an old attempt changes nothing */
  note(token: string, patch: AttemptPatch): boolean;
  /** So many bytes of its image more were sent to its device, also after its end. Of a transfer that a kill cut off nothing is known. */
  sent(token: string, bytes: number): void;
  byToken(token: string): AttemptRow | undefined;
  /** Among so many of the newest that got where their leg leads: how long they took, from command to lines back, where nobody's call came between. */
  measured(limit: number): readonly MeasuredStep[];
  /** In order. */
  ofTask(task: TaskId): readonly AttemptRow[];
}

const baselineOf = keptJson("baseline", shape<Baseline>({ atMs: "number", version: "string" }));

const readAttempt = decoder(
  "attempts",
  "token",
  (row: Row): AttemptRow =>
    present({
      task: text(row, "task") as TaskId,
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
      baseline: row["baseline"] === null ? undefined : baselineOf(row),
    }),
);

const readMeasured = decoder(
  "attempts",
  "token",
  (row: Row): MeasuredStep => ({
    model: text(row, "model"),
    from: text(row, "from_version"),
    to: text(row, "to_version"),
    lengthMs: whole(row, "done_at_ms") - whole(row, "intended_at_ms"),
  }),
);

const KIND = "json_extract(h.event, '$.kind')";
const INSIDE = "h.task = a.task and h.at_ms between a.intended_at_ms and a.ended_at_ms";
/** One that ends a leg is staged for the next. A device that waited for its user, and one that was looked for after a restart of the agent, say nothing of the step. */
const MEASURED = `
  with done as (
    select a.token, a.ended_at_ms, a.intended_at_ms, d.model, json_extract(a.baseline, '$.version') as from_version,
      (select json_extract(h.event, '$.version') from task_history h where ${INSIDE} and ${KIND} = 'answered' order by h.seq limit 1)
        as to_version,
      (select min(h.at_ms) from task_history h where ${INSIDE} and ${KIND} in ('checksPassed', 'legDone')) as done_at_ms
    from (
      select * from attempts where outcome in ('succeeded', 'staged') and intended_at_ms is not null order by ended_at_ms desc, token limit @limit
    ) a join tasks t on t.id = a.task join devices d on d.id = t.device
    where not exists (select 1 from task_history h where ${INSIDE} and ${KIND} in ('waitsForUser', 'agentRestarted'))
  )
  select * from done where model is not null and from_version is not null and to_version is not null and done_at_ms is not null
  order by ended_at_ms desc, token`;

export function attemptsIn(sql: Sql): Attempts {
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
          ended_at_ms = coalesce(@endedAtMs, ended_at_ms),
          outcome = coalesce(@outcome, outcome), baseline = coalesce(@baseline, baseline)
          where token = @token and ended_at_ms is null`,
        { ...NOTHING, ...patch, token, baseline: toJson(baseline) },
      ).changes > 0,
    sent(token, bytes) {
      sql.run("update attempts set sent_bytes = sent_bytes + @bytes where token = @token", { token, bytes });
    },
    byToken(token) {
      const row = sql.one("select * from attempts where token = @token", { token });
      return row === undefined ? undefined : readAttempt(row);
    },
    measured: (limit) => sql.all(MEASURED, { limit }).map(readMeasured),
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
  endedAtMs: null,
  outcome: null,
};
