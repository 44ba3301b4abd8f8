import { expect, test } from "vitest";
import { refusalOfSweep } from "../../../agent/discovery/sweep-limits.ts";
import { type Network, parseNetwork } from "../../../protocols/core/networks.ts";

const nets = (...texts: readonly string[]): Network[] =>
  texts.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new Error(text);
    return network;
  });

test.each([
  [["10.0.0.0/15"], undefined],
  [["10.0.0.0/15", "10.9.0.0/32"], "tooLarge"],
  [["10.0.0.0/14"], "tooLarge"],
  [["10.0.0.0-10.2.0.0"], "tooLarge"],
  [["203.0.113.0/24"], "public"],
  [["10.255.255.255-11.0.0.1"], "public"],
  [["224.0.0.0/24"], "nobody"],
  [["255.255.255.255"], "nobody"],
  [["fd00::/64"], "six"],
  [["fd00::7"], undefined],
  [["2001:db8::7"], "public"],
  [["127.0.0.0/16", "192.168.1.0/24", "169.254.0.0/16"], "tooLarge"],
] as const)("refusalOfSweep(): %j is %s", (texts, why) => {
  expect(refusalOfSweep(nets(...texts), { public: false })?.why).toBe(why);
});

test("refusalOfSweep(): public ones where a person says they are theirs, never more than a /15", () => {
  expect(refusalOfSweep(nets("203.0.113.0/24"), { public: true })).toBeUndefined();
  expect(refusalOfSweep(nets("20.0.0.0/8"), { public: true })?.why).toBe("tooLarge");
});
