/**
 * Commands that two people must give alike: the first one's is refused and remembered, the second one's is done.
 */
import { HOUR, isoOf, type Ms } from "../../protocols/core/time.ts";
import type { Audit } from "../../store/audit.ts";
import type { Voices } from "../../store/voices.ts";
import { type Refusal, refusal } from "./answer.ts";
import type { Subject } from "./authorise.ts";
import type { Verb } from "./catalogue.ts";
import { actorOf } from "./check.ts";

/** Trust changes. Plans have their own approval; a brake never needs two. */
const NEEDS_TWO: ReadonlySet<Verb> = new Set<Verb>(["device.trust"]);
/** A first voice counts so long: time to call a colleague, short enough that both mean the same state of things. A guess. */
export const VOICE_COUNTS_FOR_MS: Ms = HOUR;

export interface SecondVoiceIo {
  readonly store: { transaction<T>(run: () => T): T; readonly voices: Voices; readonly audit: Pick<Audit, "append"> };
  readonly nowMs: () => Ms;
}

/**
 * `undefined` where one voice is enough, or where another person has asked for the same within the hour. Else the refusal;
 * the voice is then on disk.
 *
 * @param what.subject  what the command is about, in one spelling; `undefined` where it names nothing that exists
 */
export function askSecondVoice(
  what: { readonly verb: Verb; readonly subject: string | undefined },
  who: Subject,
  io: SecondVoiceIo,
): Refusal | undefined {
  const { verb, subject } = what;
  if (!NEEDS_TWO.has(verb) || subject === undefined) return undefined;
  const { store } = io;
  const atMs = io.nowMs();
  return store.transaction(() => {
    const first = store.voices
      .of(verb, subject)
      .find(({ person, kid, atMs: raisedMs }) => person !== who.person && kid !== who.kid && atMs - raisedMs <= VOICE_COUNTS_FOR_MS);
    if (first === undefined) {
      store.voices.raise({ verb, subject, person: who.person, kid: who.kid, atMs });
      const until = isoOf(atMs + VOICE_COUNTS_FOR_MS);
      return refusal("needsSecondPerson", `noted; it is done when another person with the role gives the same command before ${until}`);
    }
    store.voices.settle(verb, subject);
    store.audit.append({
      atMs,
      actor: actorOf(who),
      action: `${verb}:secondVoice`,
      subject,
      detail: { first: `${first.person}/${first.kid}` },
    });
    return undefined;
  });
}
