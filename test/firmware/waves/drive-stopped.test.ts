import { expect, test } from "vitest";
import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, NOW } from "./builders.ts";
import { fakeDrive } from "./fake-drive.ts";

const attempt = { number: 1, token: "token-old", leg: 0 };
const rollback = "c-0123456789" as CampaignId;

test.each<CampaignState>([
  { at: "closed", atMs: NOW, by: "doe", why: "left as it is" },
  { at: "rollingBack", sinceMs: NOW, rollback },
  { at: "rolledBack", atMs: NOW, rollback },
])("drive: I9, I17 in a campaign that is $at whoever flashes is watched to the end, and nobody else is touched", async (state) => {
  const fake = fakeDrive([candidate(1), candidate(2)]);
  fake.set(deviceOf(1), { at: "rebooting", attempt, deadlineMs: NOW + MINUTE });
  fake.device(deviceOf(1)).running = undefined;
  fake.campaignIs(state);
  await fake.run(5 * MINUTE);
  expect(fake.state(deviceOf(1)).at).toBe("lost");
  expect(fake.state(deviceOf(2)).at).toBe("planned");
  expect(fake.count(/trigger|offer/)).toBe(0);
});
