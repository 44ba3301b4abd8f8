import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceIdOf, parseCampaignId, parseDeviceId, parseSiteId, type SiteId } from "../../../protocols/core/ids.ts";
import * as topics from "../../../protocols/mqtt/topics.ts";

const site = parseSiteId("site-1") as SiteId;

/** Anything a device or client may call itself, hostile characters included. */
const text = fc.oneof(
  fc.string({ maxLength: 90 }),
  fc.string({ unit: fc.constantFrom("a", "/", "+", "#", ".", "-", "\0", "é"), maxLength: 90 }),
);

test("topics: each is spelled as the contract says", () => {
  const device = parseDeviceId("d-64167faabbcc");
  const campaign = parseCampaignId("c-abcd");
  if (device === undefined || campaign === undefined) throw new Error("ids");
  expect([
    topics.stateTopic(site),
    topics.infoTopic(site),
    topics.deviceTopic(site, device),
    topics.healthTopic(site),
    topics.eventTopic(site, "device.found"),
    topics.campaignTopic(site, campaign),
    topics.ticketTopic(site, "ABCD.1"),
    topics.commandTopic(site),
    topics.replyTopic(site, "desk", "01J"),
    topics.replyFilter(site, "desk"),
    topics.everythingFilter(site),
    topics.everythingFilter(),
  ]).toEqual([
    "groundswell/v1/site-1/state",
    "groundswell/v1/site-1/info",
    "groundswell/v1/site-1/device/d-64167faabbcc",
    "groundswell/v1/site-1/feed/health",
    "groundswell/v1/site-1/event/device.found",
    "groundswell/v1/site-1/campaign/c-abcd",
    "groundswell/v1/site-1/ticket/ABCD.1",
    "groundswell/v1/site-1/cmd",
    "groundswell/v1/site-1/reply/desk/01J",
    "groundswell/v1/site-1/reply/desk/+",
    "groundswell/v1/site-1/#",
    "groundswell/v1/#",
  ]);
});

test("deviceTopic(): whatever serial or address a device states, it is one level of plain characters", () => {
  fc.assert(
    fc.property(text, text, (serial, address) => {
      const id = deviceIdOf({ serial, address });
      if (id !== undefined) expect(topics.deviceTopic(site, id)).toMatch(/^groundswell\/v1\/site-1\/device\/[a-z0-9-]+$/);
    }),
  );
});

test("replyTopic(): any client and id give a topic we may answer on, or none", () => {
  fc.assert(
    fc.property(text, text, (client, id) => {
      const topic = topics.replyTopic(site, client, id);
      expect(topic !== undefined).toBe(topics.isTopicPart(client) && topics.isTopicPart(id));
      if (topic === undefined) return;
      expect(topic).toMatch(/^groundswell\/v1\/site-1\/reply\/[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/);
      expect(topics.isReplyTopic(site, topic)).toBe(true);
    }),
  );
});

test.each(["", "a/b", "a+", "#", "-a", ".a", "a b", "ä", "a\n", "a\0", "x".repeat(81)])(
  "isTopicPart(): %j is not safe in a topic",
  (part) => {
    expect(topics.isTopicPart(part)).toBe(false);
    expect(topics.replyFilter(site, part)).toBeUndefined();
  },
);

test("isTopicPart(): 80 characters are the most", () => {
  expect([topics.isTopicPart("x".repeat(80)), topics.isTopicPart("Desk_1.a-b")]).toEqual([true, true]);
});

test.each([
  "groundswell/v1/site-2/reply/desk/1",
  "groundswell/v1/site-1/cmd",
  "groundswell/v1/site-1/reply/desk",
  "groundswell/v1/site-1/reply/desk/1/2",
  "groundswell/v1/site-1/reply/desk/+",
  "groundswell/v1/site-1/reply/../1",
  "groundswell/v1/site-1/reply//1",
  "x/groundswell/v1/site-1/reply/desk/1",
])("isReplyTopic(): %j is none of ours to answer on", (topic) => {
  expect(topics.isReplyTopic(site, topic)).toBe(false);
});

test.each<[string, boolean]>([
  ["groundswell/v1/site-1/state", true],
  ["groundswell/v1/site-1/reply/desk/1", true],
  ["groundswell/v1/site-1/cmd", false],
  ["groundswell/v1/site-2/state", false],
  ["groundswell/v1/site-10/state", false],
  ["groundswell/v1/site-1/+", false],
  ["groundswell/v1/site-1/#", false],
  ["other", false],
])("siteMayPublish(): %s is %s", (topic, allowed) => {
  expect(topics.siteMayPublish(site, topic)).toBe(allowed);
});

test.each<[string, boolean]>([
  ["groundswell/v1/site-1/cmd", true],
  ["groundswell/v1/site-2/cmd", false],
  ["groundswell/v1/+/cmd", false],
  ["groundswell/v1/site-1/#", false],
  ["#", false],
])("siteMaySubscribe(): %s is %s", (filter, allowed) => {
  expect(topics.siteMaySubscribe(site, filter)).toBe(allowed);
});

test.each<[string, boolean]>([
  ["groundswell/v1/site-1/cmd", true],
  ["groundswell/v1/site-1/state", false],
  ["groundswell/v1/site-1/cmd/more", false],
  ["groundswell/v1/+/cmd", false],
  ["groundswell/v1/Site/cmd", false],
])("deskMayPublish(): %s is %s", (topic, allowed) => {
  expect(topics.deskMayPublish(topic)).toBe(allowed);
});

test.each<[string, boolean]>([
  ["groundswell/v1/#", true],
  ["groundswell/v1/site-1/reply/desk/+", true],
  ["groundswell/#", false],
  ["#", false],
  ["$SYS/#", false],
])("deskMaySubscribe(): %s is %s", (filter, allowed) => {
  expect(topics.deskMaySubscribe(filter)).toBe(allowed);
});
