/**
 * Keeps the newest roster that proves itself: from the database at start, from its file whenever that is newer.
 */
import type { Clock } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import { type PinnedRoot, type Roster, verifyRoster } from "./roster.ts";

export interface RosterKeeperIo {
  readonly store: Pick<Store, "transaction" | "roster" | "audit">;
  readonly site: string;
  readonly roots: readonly PinnedRoot[];
  readonly readFile: () => Promise<string | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RosterKeeper {
  readonly roster: Roster | undefined;
  /** Why there is none, or why the file's was not taken. */
  readonly trouble: string | undefined;
  /** Looks at the file again. */
  refresh(): Promise<void>;
}

export async function createRosterKeeper(io: RosterKeeperIo): Promise<RosterKeeper> {
  let current: { roster: Roster; digest: string } | undefined;
  let trouble: string | undefined =
    io.roots.length === 0 ? "no root keys are pinned: commands from afar are refused" : "no roster is installed";
  let lastText: string | undefined;

  const check = (text: string, nowMs: number) =>
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
      if (text === undefined || text === lastText) return;
      const answer = await check(text, io.clock.nowMs());
      // One that is only too early is good later, without a change to the file.
      if (answer.ok || answer.refusal !== "early") lastText = text;
      if (!answer.ok) {
        const words = `the roster file is refused: ${answer.detail}`;
        if (trouble !== words || lastText === text)
          io.log.warn("the roster file is refused", { refusal: answer.refusal, detail: answer.detail });
        trouble = words;
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
