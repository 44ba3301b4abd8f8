/** First voices: what one person asked for, and a second one has to ask for too. */
import type { Ms } from "../protocols/core/time.ts";
import { decoder, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface VoiceRow {
  readonly verb: string;
  /** What the command is about: one spelling, whatever the person wrote. */
  readonly subject: string;
  readonly person: string;
  readonly kid: string;
  readonly atMs: Ms;
}

export interface Voices {
  /** A person's newer voice takes the place of the older one. */
  raise(voice: VoiceRow): void;
  /** Oldest first. */
  of(verb: string, subject: string): readonly VoiceRow[];
  /** Forgets all of them: it was done, and the next time needs two again. */
  settle(verb: string, subject: string): void;
  /** Forgets those raised before this. */
  prune(beforeMs: Ms): void;
}

const readVoice = decoder(
  "voices",
  "subject",
  (row: Row): VoiceRow => ({
    verb: text(row, "verb"),
    subject: text(row, "subject"),
    person: text(row, "person"),
    kid: text(row, "kid"),
    atMs: whole(row, "at_ms"),
  }),
);

export function voicesIn(sql: Sql): Voices {
  return {
    raise: (voice) =>
      void sql.run(
        `insert into voices (verb, subject, person, kid, at_ms) values (@verb, @subject, @person, @kid, @atMs)
          on conflict (verb, subject, person) do update set kid = excluded.kid, at_ms = excluded.at_ms`,
        { ...voice },
      ),
    of: (verb, subject) =>
      sql.all("select * from voices where verb = @verb and subject = @subject order by at_ms, person", { verb, subject }).map(readVoice),
    settle: (verb, subject) => void sql.run("delete from voices where verb = @verb and subject = @subject", { verb, subject }),
    prune: (beforeMs) => void sql.run("delete from voices where at_ms < @beforeMs", { beforeMs }),
  };
}
