/**
 * Why images are not on the site yet, in words for people. Pure.
 */
import { showFault, unreachable } from "../../protocols/core/fault.ts";
import { MINUTE, type Ms, showDuration } from "../../protocols/core/time.ts";
import type { CampaignState } from "./campaign-state.ts";
import type { ImageStanding } from "./images.ts";

export interface ImageReason {
  readonly why: string;
  readonly endedBy: string;
  readonly untilMs?: Ms;
}

/** The one a person can do something about comes first. */
const FIRST: Readonly<Record<ImageStanding["at"], number>> = { gone: 0, withdrawn: 1, stopped: 2, again: 3, due: 4, coming: 5, here: 6 };

export interface ImageMoment {
  readonly campaign: CampaignState;
  /** Of the site. */
  readonly zone: string;
  readonly nowMs: Ms;
}

/** Of all these images; `undefined` where every one is here. */
export function imageReason(standings: readonly ImageStanding[], moment: ImageMoment): ImageReason | undefined {
  const missing = standings.filter(({ at }) => at !== "here").toSorted((a, b) => FIRST[a.at] - FIRST[b.at]);
  const [worst] = missing;
  if (worst === undefined) return undefined;
  const { says, ...rest } = reasonOf(worst, moment);
  return { why: missing.length === 1 ? `its image ${says}` : `${missing.length} of its images are not here yet: one ${says}`, ...rest };
}

function reasonOf(standing: ImageStanding, moment: ImageMoment): Omit<ImageReason, "why"> & { readonly says: string } {
  const { zone, nowMs, campaign } = moment;
  switch (standing.at) {
    case "here":
      return { says: "is here", endedBy: "its turn" };
    case "coming":
      return { says: `is on its way${progressWords(standing)}`, endedBy: "its last byte" };
    case "again": {
      const when = nowMs >= standing.nextMs ? "it is tried again now" : `next try ${clockTime(standing.nextMs, zone)}`;
      const next = standing.isAsked || campaign.at === "running" ? when : "not tried again while the campaign does not run";
      return {
        says: `could not be fetched: ${showFault(standing.fault)}; ${next}`,
        endedBy: "the next try, or a person who mends its source",
        untilMs: standing.nextMs,
      };
    }
    case "stopped":
      return {
        says: `is not fetched: the staging of release "${standing.release}" is paused`,
        endedBy: `groundswell firmware resume ${standing.release}`,
      };
    case "gone":
      return {
        says: `cannot be fetched: no source states release "${standing.release}" with this image any more`,
        endedBy: "a person who reads the sources again (groundswell firmware sync) or makes a new plan",
      };
    case "withdrawn":
      return { says: `is not fetched: release "${standing.release}" is revoked`, endedBy: "a person who makes a new plan" };
    case "due":
      return dueReason(campaign);
    default:
      return unreachable(standing);
  }
}

function dueReason(campaign: CampaignState): Omit<ImageReason, "why"> & { readonly says: string } {
  switch (campaign.at) {
    case "running":
      return { says: "is not here yet: it is asked for next", endedBy: "its last byte" };
    case "paused":
      return { says: "is not here yet: nothing is fetched while the campaign is paused", endedBy: "a person who resumes the campaign" };
    default:
      return { says: "is not here yet: it is fetched once the campaign is started", endedBy: "the start of the campaign" };
  }
}

function progressWords({ doneBytes, totalBytes, leftMs }: ImageStanding & { at: "coming" }): string {
  if (doneBytes === undefined || totalBytes === undefined || totalBytes === 0) return "";
  const left = leftMs === undefined ? "" : `, about ${leftWords(leftMs)} left`;
  return `: ${Math.min(99, Math.floor((100 * doneBytes) / totalBytes))} %${left}`;
}

/** A minute more or less is not known. */
const leftWords = (leftMs: Ms): string => showDuration(leftMs < MINUTE ? leftMs : Math.ceil(leftMs / MINUTE) * MINUTE);

function clockTime(atMs: Ms, zone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(Math.ceil(atMs)).toZonedDateTimeISO(zone);
  return local.toPlainTime().toString({ smallestUnit: "minute", roundingMode: "ceil" });
}
