/**
 * `firmware.pause|resume`: staging of one release stops and goes on by a person's word, over restarts.
 */
import { showFault } from "../../protocols/core/fault.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Verbs } from "../commands/handle.ts";
import type { Releases } from "./releases.ts";

export interface StagingVerbsIo {
  readonly store: Pick<Store, "releases">;
  readonly releases: Pick<Releases, "pause" | "resume" | "stage">;
}

const unknown = (id: string): VerbOutcome => ({
  ok: false,
  code: "notFound",
  message: `No release "${id}" is in the catalogue: "groundswell firmware list" shows them`,
});

export function stagingVerbs({ store, releases }: StagingVerbsIo): Pick<Verbs, "firmware.pause" | "firmware.resume"> {
  return {
    async "firmware.pause"({ release: id }) {
      const release = store.releases.find(id)?.release;
      if (release === undefined) return unknown(id);
      const stopped = releases.pause(release);
      const what = stopped ? "is stopped, what has come is kept" : "was not under way and will not begin";
      return { ok: true, result: { release: id, paused: true, stopped }, message: `Staging of "${id}" ${what}` };
    },
    async "firmware.resume"({ release: id }, _subject, signal) {
      const release = store.releases.find(id)?.release;
      if (release === undefined) return unknown(id);
      releases.resume(release);
      const staged = await releases.stage(release, signal);
      if (!staged.ok) return { ok: false, code: "faulted", message: `Release "${id}" is not staged: ${showFault(staged.fault)}` };
      const images = release.images.map(({ sha256, sizeBytes, target }) => {
        return { sha256, target, sizeBytes, state: store.releases.image(sha256)?.state ?? "known" };
      });
      return { ok: true, result: { release: id, images } };
    },
  };
}
