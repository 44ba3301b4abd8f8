/** Reads the channel of a story as the agent does. Whoever reads it for the agent checks nothing here: what is older must be refused by the rows. */

import { createReleases, type Releases } from "../../../agent/firmware/releases.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Life } from "../../../agent/rehearsal/hands.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import type { Catalogue } from "../../../firmware/release.ts";
import type { Time } from "../../../fixtures/fleet/time.ts";
import { ok } from "../../../protocols/core/fault.ts";
import type { Random } from "../../../protocols/core/random.ts";
import { SECOND } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";

export interface ChannelIo {
  readonly life: Life;
  readonly time: Time;
  readonly random: Random;
  readonly store: Store;
  readonly offered: () => Catalogue;
  /** It was read. `taken`: as the agent says; `undefined` where the process died over it. */
  readonly onRead: (offered: Catalogue, taken: boolean | undefined) => void;
}

export async function readChannel(io: ChannelIo, signal: AbortSignal): ReturnType<Releases["sync"]> {
  const { life, time, random, store } = io;
  const offered = io.offered();
  const arrives = (): Promise<unknown> =>
    new Promise((resolve) => {
      time.after(random.below(30 * SECOND), () => !life.isDead && resolve(ok({ ...offered, refused: [] })));
    });
  const nobody = (): undefined => undefined;
  const releases = createReleases({
    ...{ store, clock: time.agent, log: SILENT, onCatalogue: nobody, onStaged: nobody, onRefused: nobody },
    depot: { ask: arrives } as unknown as Thread<DepotRequests>,
    noticing: (change) => store.transaction(change),
  });
  let taken: boolean | undefined;
  try {
    const read = await releases.sync(signal);
    taken = read.ok;
    return read;
  } finally {
    io.onRead(offered, taken);
  }
}
