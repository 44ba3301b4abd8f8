/** Which image a phone is told of, and who a request without a token is from. */
import { expect, test } from "vitest";
import { createOffers, type Offer } from "../../../protocols/provisioning/offers.ts";
import { holdAll, imageByToken, imageFor, imageOfPhone, isPast, standInstead } from "../../../protocols/provisioning/standing.ts";
import { MAC, OTHER_MAC, openBench, PART, phone } from "./kit.ts";

const offer = (more: Partial<Offer> = {}): Offer => ({
  ...{ token: "attempt-1", mac: MAC, imageName: "sip.ld", partNumbers: [PART], imagePath: "/x", sizeBytes: 1, sha256: "0f" as never },
  ...more,
});
const images = () => ({ offers: createOffers(), standing: createOffers() });

test("imageFor(): the open attempt's, else the one that stands, else none", () => {
  const both = images();
  expect(imageFor(both, MAC)).toBeUndefined();
  standInstead(both.standing, MAC, offer({ token: "standing-1" }));
  expect(imageFor(both, MAC)?.token).toBe("standing-1");
  both.offers.add(offer());
  expect([imageFor(both, MAC)?.token, imageByToken(both, "standing-1")?.offer.token]).toEqual(["attempt-1", "standing-1"]);
  both.offers.withdraw("attempt-1");
  expect(imageFor(both, MAC)?.token).toBe("standing-1");
});

test.each<[string, string | undefined, string | undefined, boolean]>([
  ["what it ran when it was looked at", "application", "6.4.6.2494", true],
  ["what it is to run", "application", "6.4.7.3102", true],
  ["something newer, by others", "application", "6.4.8.1191", false],
  ["nothing that can be put in order", "application", "latest", true],
  ["a number of the Updater", "updater", "9.9.9.9999", true],
  ["a number of nobody knows what", undefined, "9.9.9.9999", true],
  ["nothing", "application", undefined, true],
])("imageFor(): I14 a phone that says %s", (_, type, version, isNamed) => {
  const both = images();
  both.offers.add(offer({ notAbove: "6.4.7.3102" }));
  const agent = { ...(type === undefined ? {} : { type: type as "application" }), ...(version === undefined ? {} : { version }) };
  expect(imageFor(both, MAC, agent) !== undefined).toBe(isNamed);
  expect(isPast(offer(), agent)).toBe(false);
});

test("endpoint: I14 who runs something newer by now is neither named the image nor given it", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer({ notAbove: "6.4.7.3102" }));
  const ask = (path: string, version: string) =>
    phone(bench, path, { headers: [`User-Agent: FileTransport PolycomVVX-VVX_450-UA/${version} Type/Application`] });
  const image = `/fw/attempt-1/${PART}.sip.ld`;
  const [named, given] = [await ask(`/${MAC}.cfg`, "6.4.6.2494"), await ask(image, "6.4.6.2494")];
  expect([named.body.includes("attempt-1"), given.status]).toEqual([true, 200]);
  const [unnamed, refused] = [await ask(`/${MAC}.cfg`, "6.4.8.1191"), await ask(image, "6.4.8.1191")];
  expect([unnamed.status, unnamed.body.includes("attempt-1"), refused.status]).toEqual([200, false, 404]);
});

test("standInstead(): the same again leaves its transfers alone, anything else ends them", () => {
  const { standing } = images();
  standInstead(standing, MAC, offer());
  const first = standing.byMac(MAC);
  standInstead(standing, MAC, offer());
  expect([standing.byMac(MAC), first?.ended.aborted]).toEqual([first, false]);
  standInstead(standing, MAC, offer({ held: true }));
  expect([first?.ended.aborted, standing.byMac(MAC)?.offer.held]).toEqual([true, true]);
  standInstead(standing, MAC, undefined);
  expect(standing.standing).toEqual([]);
});

test("holdAll(): every name stays, no byte is given", () => {
  const { standing } = images();
  standInstead(standing, MAC, offer());
  standInstead(standing, OTHER_MAC, offer({ token: "attempt-2", mac: OTHER_MAC }));
  holdAll(standing);
  expect(standing.standing.map(({ token, held }) => [token, held])).toEqual([
    ["attempt-1", true],
    ["attempt-2", true],
  ]);
});

test("imageOfPhone(): by the MAC it says, else by where it was last seen, and nobody where two were seen there", () => {
  const both = images();
  both.offers.add(offer({ seenAt: "10.0.0.1" }));
  const of = (address: string, read: object = {}) => imageOfPhone(both, { address, read } as never)?.offer.token;
  expect([of("10.0.0.1"), of("10.0.0.2"), of("10.0.0.2", { mac: MAC }), of("10.0.0.2", { forwardedFor: "10.0.0.1" })]).toEqual([
    "attempt-1",
    undefined,
    "attempt-1",
    undefined,
  ]);
  expect(of("10.0.0.1", { mac: OTHER_MAC })).toBeUndefined();
  both.offers.add(offer({ token: "attempt-2", mac: OTHER_MAC, seenAt: "10.0.0.1" }));
  expect(of("10.0.0.1")).toBeUndefined();
});

test("own: a phone whose image stands is told its name and given it; one whose image is held is told none", async () => {
  const bench = await openBench();
  const told = async () => /APP_FILE_PATH="([^"]*)"/.exec((await phone(bench, `/${MAC}.cfg`)).body.toString())?.[1];
  bench.endpoint.stand(MAC, bench.offer({ token: "standing-1" }));
  expect(await told()).toBe("fw/standing-1/sip.ld");
  expect((await phone(bench, `/fw/standing-1/${PART}.sip.ld`)).body.equals(bench.image)).toBe(true);
  bench.endpoint.stand(MAC, bench.offer({ token: "standing-1", held: true }));
  expect(await told()).toBe("");
  expect((await phone(bench, `/fw/standing-1/${PART}.sip.ld`)).status).toBe(404);
  expect(bench.told()).toEqual([]);
});
