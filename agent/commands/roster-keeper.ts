/**
 * Keeps the newest roster that proves itself: from the database at start, from its file whenever that is newer.
 */

import { MAX_ROSTER_BYTES,                               verifyRoster } from "./roster.ts";

export async function createRosterKeeper(io                )                        {
  let current                                                ;
  let trouble                     =
    io.roots.length === 0 ? "no root keys are pinned: commands from afar are refused" : "no roster is installed";
  let lastText                    ;

  const check = (text        , nowMs        ) =>
    verifyRoster(text, {
      roots: io.roots,
      site: io.site,
      nowMs,
      ...(current === undefined ? {} : { newest: { version: current.roster.version, digest: current.digest } }),
    });

  const kept = io.store.roster.newest();
  if (kept !== undefined) {
    // Judged at the time it was taken: one that has run out since still names its people, and its expiry is checked per command.
    const answer = await check(kept.document, kept.atMs);
    if (answer.ok) current = answer;
    else io.log.error("the stored roster does not prove itself any more", { refusal: answer.refusal, detail: answer.detail });
    if (answer.ok) trouble = undefined;
  }

  return {
    get roster() {
      return current?.roster;
    },
    get trouble() {
      return trouble;
    },
    async refresh() {
      const text = await io.readFile();
      if (text === undefined || text === lastText || text.length > MAX_ROSTER_BYTES) return;
      lastText = text;
      const answer = await check(text, io.clock.nowMs());
      if (!answer.ok) {
        trouble = `the roster file is refused: ${answer.detail}`;
        io.log.warn("the roster file is refused", { refusal: answer.refusal, detail: answer.detail });
        return;
      }
      trouble = undefined;
      if (current?.digest === answer.digest) return;
      const atMs = io.clock.nowMs();
      const { version, people } = answer.roster;
      io.store.transaction(() => {
        io.store.roster.save({ version, document: text, atMs });
        io.store.audit.append({
          atMs,
          actor: "agent",
          action: "roster.taken",
          subject: `version ${version}`,
          detail: { people: people.length, digest: answer.digest },
        });
      });
      current = answer;
    },
  };
}

