import { expect, test } from "vitest";
import { HOUR, MINUTE } from "../../../../protocols/core/time.ts";
import { assigned, causesOf, condition, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
/** Forty phones, the first ten with another version. */
const fleet = (services: (index: number) => object = () => ({})) =>
  siteWith(range(40).map((index) => phone(`p${index}`, { running: index < 10 ? "6.4.8" : "6.4.6", services: services(index) })));
const failing = (numbers: readonly number[], kind = "crashes") => numbers.map((index) => condition(`p${index}`, kind));

test("a version whose devices fail alike, and the others do not, is suspected", () => {
  const picture = pictureWith(fleet(), failing(range(6)));
  expect(new Set(Object.values(assigned(picture, T0 + HOUR)))).toEqual(new Set(["release:VVX 411|6.4.8:crashes"]));
  const [cause] = causesOf(picture, T0 + HOUR);
  expect(cause).toMatchObject({ causeClass: "software", total: 10 });
  expect(cause?.words(6)).toMatchObject({
    title: "6 of 10 VVX 411 on 6.4.8 fail alike (crashes)",
    why: "6 of 10 with this version, and 0 of 30 others like them: chance explains that less than once in 1000",
  });
});

test("failures spread over all versions, two alone, or of different kinds, suspect none", () => {
  const single = (picture: Parameters<typeof assigned>[0]) =>
    Object.values(assigned(picture, T0 + HOUR)).every((key) => key.startsWith("device:"));
  expect(single(pictureWith(fleet(), failing([0, 1, 2, ...range(10).map((index) => index + 10)])))).toBe(true);
  expect(single(pictureWith(fleet(), failing([0, 1])))).toBe(true);
  expect(
    single(
      pictureWith(
        fleet(),
        [0, 1, 2, 3, 4, 5].map((index) => condition(`p${index}`, `kind${index % 3}`)),
      ),
    ),
  ).toBe(true);
});

test("a fleet of one version has nobody to be compared with", () => {
  const one = siteWith(range(20).map((index) => phone(`p${index}`)));
  expect(Object.values(assigned(pictureWith(one, failing(range(12))), T0 + HOUR)).every((key) => key.startsWith("device:"))).toBe(true);
});

test("phones that lost their lines are compared with phones of the same server, or its outage would be the release's", () => {
  const split = fleet((index) => ({ sip: [index < 10 ? "a.example.com" : "b.example.com"] }));
  const picture = pictureWith(split, failing(range(10), "registrationLost"));
  expect(new Set(Object.values(assigned(picture, T0 + HOUR)))).toEqual(new Set(["cloud:sip:a.example.com"]));
  const mixed = fleet(() => ({ sip: ["a.example.com"] }));
  expect(new Set(Object.values(assigned(pictureWith(mixed, failing(range(10), "registrationLost")), T0 + HOUR)))).toEqual(
    new Set(["release:VVX 411|6.4.8:registrationLost"]),
  );
});

test("until the others had time to fail too, nothing is suspected", () => {
  expect(Object.values(assigned(pictureWith(fleet(), failing(range(6))), T0 + 2 * MINUTE)).every((key) => key.startsWith("device:"))).toBe(
    true,
  );
});
