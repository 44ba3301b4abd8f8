import { expect, test } from "vitest";
import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import { imageReason } from "../../../firmware/waves/image-words.ts";
import type { ImageStanding } from "../../../firmware/waves/images.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { NOW } from "./builders.ts";

const RUNNING: CampaignState = { at: "running", approvals: [], wave: 1, startedBy: "doe" };
const PAUSED: CampaignState = { ...RUNNING, at: "paused", cause: { kind: "person", by: "doe" }, sinceMs: NOW };
const ARMED: CampaignState = { at: "armed", approvals: [] };
const about = (campaign: CampaignState = RUNNING) => ({ campaign, zone: "Europe/Zurich", nowMs: NOW });
const fault = { kind: "unreachable", via: "http", detail: "channel.example: status 503" } as const;
const again: ImageStanding = { at: "again", fault, nextMs: NOW + 5 * MINUTE, isAsked: false };

test.each([
  [{ at: "coming", doneBytes: 43, totalBytes: 100, leftMs: 2.2 * MINUTE }, "its image is on its way: 43 %, about 3 min left"],
  [{ at: "coming", doneBytes: 99_999, totalBytes: 100_000 }, "its image is on its way: 99 %"],
  [{ at: "coming" }, "its image is on its way"],
  [again, "its image could not be fetched: no answer by http: channel.example: status 503; next try 13:05"],
  [{ at: "due" }, "its image is not here yet: it is asked for next"],
  [{ at: "stopped", release: "r-1" }, 'its image is not fetched: the staging of release "r-1" is paused'],
  [{ at: "gone", release: "r-1" }, 'its image cannot be fetched: no source states release "r-1" with this image any more'],
  [{ at: "withdrawn", release: "r-1" }, 'its image is not fetched: release "r-1" is revoked'],
] satisfies [ImageStanding, string][])("imageReason(): %j", (standing, why) => {
  expect(imageReason([standing], about())).toMatchObject({ why, endedBy: expect.stringMatching(/./) });
});

test("imageReason(): of several, what a person can do something about; nothing where all are here", () => {
  expect(imageReason([{ at: "here" }], about())).toBeUndefined();
  expect(imageReason([{ at: "coming" }, { at: "here" }, again], about())).toMatchObject({
    why: expect.stringMatching(/^2 of its images are not here yet: one could not be fetched/),
    untilMs: NOW + 5 * MINUTE,
  });
});

test("imageReason(): a campaign that does not run fetches nothing and says so", () => {
  expect(imageReason([{ at: "due" }], about(PAUSED))?.why).toContain("nothing is fetched while the campaign is paused");
  expect(imageReason([{ at: "due" }], about(ARMED))?.why).toContain("it is fetched once the campaign is started");
  expect(imageReason([again], about(PAUSED))?.why).toContain("not tried again while the campaign does not run");
});
