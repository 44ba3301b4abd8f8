import { expect, test } from "vitest";
import { siteCause } from "../../../../agent/health/causes/single.ts";
import { HOUR } from "../../../../protocols/core/time.ts";
import { assigned, causesOf, condition, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const site = siteWith([phone("a")]);

test("what is about reach is one cause of a device, its hardware and its settings are others", () => {
  const list = ["deviceOffline", "jitterHigh", "partMissing", "certificateEnds", "crashes"].map((kind) => condition("a", kind));
  expect(assigned(pictureWith(site, list), T0 + HOUR)).toEqual({
    "a deviceOffline": "device:d-a:reach",
    "a jitterHigh": "device:d-a:reach",
    "a partMissing": "device:d-a:hardware",
    "a certificateEnds": "device:d-a:configuration",
    "a crashes": "device:d-a:software",
  });
});

test("kinds without words of ours are shown by their name", () => {
  const [cause] = causesOf(pictureWith(site, [condition("a", "voiceQualityPoor")]), T0 + HOUR);
  expect(cause?.words(1).title).toBe('a has "voice quality poor"');
});

test("a device the site does not have yet is named by its id", () => {
  expect(causesOf(pictureWith(site, [condition("new")]), T0 + HOUR)[0]?.words(1).title).toBe("d-new does not answer");
});

test("siteCause(): one for each kind", () => {
  const { deviceId: _none, ...one } = condition("a", "brokerAway");
  expect(siteCause(one)).toMatchObject({ key: "site:brokerAway", kind: "site", total: 0 });
});
