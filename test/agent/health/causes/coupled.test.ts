import { expect, test } from "vitest";
import { MINUTE } from "../../../../protocols/core/time.ts";
import { assigned, causesOf, condition, id, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const site = siteWith([phone("codec", { family: "video-os" }), phone("panel", { codec: id("codec") })]);

test("a panel waits for its codec to be asked, and is dark with it", () => {
  const panel = condition("panel");
  expect(assigned(pictureWith(site, [panel]), T0)["panel deviceOffline"]).toBe("waits: waits for codec to be asked");
  const both = pictureWith(site, [panel, condition("codec")], { heard: { codec: T0 - MINUTE } });
  expect(assigned(both, T0)["panel deviceOffline"]).toBe("device:d-codec:reach");
  const words = causesOf(both, T0).map((cause) => [cause.kind, cause.words(1).title]);
  expect(words).toContainEqual(["coupled", "codec does not answer, and 1 of its 1 panels are dark with it"]);
});

test("a codec that answers and misses its panel tells of the same trouble", () => {
  const looks = [{ device: id("codec"), atMs: T0, outcome: "answers" }] as const;
  const picture = pictureWith(site, [condition("panel"), condition("codec", "partMissing")], { looks });
  expect(assigned(picture, T0)).toEqual({
    "panel deviceOffline": "device:d-codec:hardware",
    "codec partMissing": "device:d-codec:hardware",
  });
});
