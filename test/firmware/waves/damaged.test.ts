import { expect, test } from "vitest";
import { createDrive } from "../../../firmware/waves/drive.ts";
import type { DamagedCampaign } from "../../../firmware/waves/ports.ts";
import { Bug } from "../../../protocols/core/fault.ts";
import { CAMPAIGN, candidate, deviceOf, NOW } from "./builders.ts";
import { fakeDrive } from "./fake-drive.ts";

const attempt = { number: 1, token: "token-old", leg: 0 };
const TOLD = `campaign ${CAMPAIGN} starts nothing any more`;
const commanded = { at: "commanded", attempt, accepted: true, commandedAtMs: NOW, deadlineMs: NOW } as const;

function damagedDrive(about: (fake: ReturnType<typeof fakeDrive>) => DamagedCampaign) {
  const fake = fakeDrive([candidate(1), candidate(2)]);
  const goesOn = (): boolean => fake.campaign.state.at === "running";
  const store = {
    ...fake.store,
    campaigns: () => (goesOn() ? [] : fake.store.campaigns()),
    damaged: () => (goesOn() ? [about(fake)] : []),
  };
  return { fake, drive: createDrive({ ...fake.io, store }, () => undefined) };
}

test("damageStop(): the campaign is halted by the agent, told once, and what it offers is withdrawn", async () => {
  const { fake, drive } = damagedDrive(({ campaign }) => ({ id: CAMPAIGN, why: "its plan was changed", row: campaign }));
  fake.set(deviceOf(1), commanded);
  fake.offers.add("token-old");
  await drive.turn(new AbortController().signal);
  await drive.turn(new AbortController().signal);
  await drive.idle();
  expect(fake.campaign.state).toMatchObject({ at: "halted", cause: { by: "agent", why: "its plan was changed" } });
  expect(fake.bugs).toEqual([[TOLD, new Bug("its plan was changed")]]);
  expect([...fake.offers]).toEqual([]);
  expect(fake.count(/trigger|offer/)).toBe(0);
});

test("damageStop(): after a restart it is halted before anything is offered again", async () => {
  const { fake, drive } = damagedDrive(({ campaign }) => ({ id: CAMPAIGN, why: "its plan was changed", row: campaign }));
  fake.set(deviceOf(1), commanded);
  await drive.recover();
  expect(fake.campaign.state.at).toBe("halted");
  expect([fake.state(deviceOf(1)).at, [...fake.offers]]).toEqual(["unknown", []]);
});

test("damageStop(): one whose plan cannot be read is told once in a life, and moves nobody", async () => {
  const { fake, drive } = damagedDrive(() => ({ id: CAMPAIGN, why: "it cannot be read" }));
  for (let turn = 0; turn < 3; turn++) await drive.turn(new AbortController().signal);
  expect(fake.bugs).toEqual([[TOLD, new Bug("it cannot be read")]]);
  expect(fake.log).toEqual([]);
});
