/**
 * What the outside of the agent is made of: shared by its doors, its feed and its tickets.
 */
import type { DriveStore } from "../firmware/waves/ports.ts";
import type { CampaignImages } from "./campaigns/images.ts";
import type { OpenCoverage } from "./coverage/run.ts";
import type { Inside } from "./inside.ts";
import type { Loop } from "./loop.ts";
import type { Parts } from "./parts.ts";
import type { Thread } from "./threads/channel.ts";
import type { DepotRequests } from "./threads/depot-requests.ts";
import type { HistoryRequests } from "./threads/requests.ts";

export interface OutsideParts extends Parts, Omit<Inside, "threads"> {
  readonly driveStore: DriveStore;
  readonly images: CampaignImages;
  /** Images of what is under way, after they were withdrawn. */
  offerAgain(): Promise<void>;
  readonly coverage: OpenCoverage;
  readonly depot: Thread<DepotRequests>;
  readonly history: Thread<HistoryRequests>;
  readonly stopping: AbortSignal;
  /** Loops started outside join these, and end with them. */
  readonly loops: Loop[];
}
