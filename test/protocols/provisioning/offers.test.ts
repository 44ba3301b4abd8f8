import { expect, test } from "vitest";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { createOffers, type Offer } from "../../../protocols/provisioning/offers.ts";

const MAC = "64167faabbcc" as Mac;
const OTHER_MAC = "64167fddeeff" as Mac;
const offer = (more: Partial<Offer> = {}): Offer => ({
  token: "attempt-1",
  mac: MAC,
  imageName: "sip.ld",
  partNumbers: [],
  imagePath: "/nowhere",
  sizeBytes: 1,
  sha256: "00".repeat(32) as Sha256,
  ...more,
});

test("createOffers(): an offer is found by its token and by its device", () => {
  const offers = createOffers();
  expect(offers.add(offer())).toEqual({ ok: true, value: undefined });
  expect([offers.byToken("attempt-1")?.offer.mac, offers.byMac(MAC)?.offer.token]).toEqual([MAC, "attempt-1"]);
  expect([offers.byToken("attempt-2"), offers.byMac(OTHER_MAC)]).toEqual([undefined, undefined]);
});

test("createOffers(): a newer offer to a device ends the older one", () => {
  const offers = createOffers();
  offers.add(offer());
  const older = offers.byToken("attempt-1");
  offers.add(offer({ token: "attempt-2" }));
  expect([older?.ended.aborted, offers.byToken("attempt-1"), offers.byMac(MAC)?.offer.token]).toEqual([true, undefined, "attempt-2"]);
  expect(offers.standing).toHaveLength(1);
});

test("createOffers(): ending the older offer late does not touch the newer one", () => {
  const offers = createOffers();
  offers.add(offer());
  offers.add(offer({ token: "attempt-2" }));
  expect(offers.withdraw("attempt-1")).toBe(false);
  expect([offers.byMac(MAC)?.offer.token, offers.byToken("attempt-2")?.ended.aborted]).toEqual(["attempt-2", false]);
});

test("createOffers(): a withdrawn offer is gone by every way, once", () => {
  const offers = createOffers();
  offers.add(offer());
  const live = offers.byToken("attempt-1");
  expect([offers.withdraw("attempt-1"), offers.withdraw("attempt-1")]).toEqual([true, false]);
  expect([live?.ended.aborted, offers.byToken("attempt-1"), offers.byMac(MAC), offers.standing]).toEqual([true, undefined, undefined, []]);
});

test("createOffers(): withdrawAll() ends every one and says how many", () => {
  const offers = createOffers();
  offers.add(offer());
  offers.add(offer({ token: "attempt-2", mac: OTHER_MAC }));
  const lives = ["attempt-1", "attempt-2"].map((token) => offers.byToken(token));
  expect([offers.withdrawAll(), offers.withdrawAll(), offers.standing]).toEqual([2, 0, []]);
  expect(lives.map((live) => live?.ended.aborted)).toEqual([true, true]);
});

test("createOffers(): a token in use is refused, the standing offer stays", () => {
  const offers = createOffers();
  offers.add(offer());
  for (const mac of [MAC, OTHER_MAC]) {
    expect(offers.add(offer({ mac }))).toMatchObject({ ok: false, fault: { kind: "refused", via: "provisioning" } });
  }
  expect(offers.byToken("attempt-1")?.ended.aborted).toBe(false);
});

test.each(["", "short-1", "a".repeat(81), "attempt/1", "attempt 1", "../attempt", "attempt%2f", "attempt-1\n", "attémpt-1"])(
  "createOffers(): the token %j is unfit for an address",
  (token) => {
    expect(createOffers().add(offer({ token }))).toMatchObject({ ok: false, fault: { kind: "refused" } });
  },
);

test.each(["", ".ld", "../sip.ld", "a/sip.ld", "sip ld", "sip.ld\n", "a".repeat(82)])(
  "createOffers(): the image name %j is unfit for an address",
  (imageName) => {
    const offers = createOffers();
    expect(offers.add(offer({ imageName }))).toMatchObject({ ok: false, fault: { kind: "refused" } });
    expect(offers.standing).toEqual([]);
  },
);

test("createOffers(): an image name no request can name is refused: dots in a row read as a way out", () => {
  expect(createOffers().add(offer({ imageName: "sip..ld" }))).toMatchObject({ ok: false, fault: { kind: "refused" } });
});
