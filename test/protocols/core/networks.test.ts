import fc from "fast-check";
import { expect, test } from "vitest";
import {
  contains,
  countAddresses,
  covers,
  edgesOf,
  expandAddresses,
  firstOf,
  hostsOf,
  isAddress,
  isLoopback,
  isNobody,
  isPublic,
  lastOf,
  type Network,
  networkFinder,
  parseCidr,
  parseNetwork,
} from "../../../protocols/core/networks.ts";
import { seededRandom } from "../../../protocols/core/random.ts";

const net = (text: string): Network => {
  const network = parseCidr(text);
  if (network === undefined) throw new Error(`bad test network ${text}`);
  return network;
};
const walk = (networks: string[], exclude: string[] = [], seed = 1): string[] => [
  ...expandAddresses({ networks: networks.map(net), exclude: exclude.map(net), random: seededRandom(seed) }),
];

test.each([
  ["10.20.3.4/16", "10.20.0.0/16", 65_536],
  ["10.20.3.4", "10.20.3.4/32", 1],
  [" 192.168.0.0/24 ", "192.168.0.0/24", 256],
  ["fd00::1/64", "fd00::/64", 2 ** 64],
  ["0.0.0.0/0", "0.0.0.0/0", 2 ** 32],
])("parseCidr(): %s is %s", (text, canonical, size) => {
  expect(parseCidr(text)).toMatchObject({ text: canonical, size });
});

test.each([
  "",
  "10.0.0",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/-1",
  "10.0.0.0/8/8",
  "010.0.0.1",
  "0x7f.1",
  "127.1",
  "10.0.0.256",
  "host",
  "fe80::1%eth0",
  "fd00::/129",
])("parseCidr(): %j is no network", (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

test("isLoopback(), isPublic(), isNobody(): go by the address, and what is no private address counts as public", () => {
  expect(["127.3.2.1", "::1", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
  expect(["128.0.0.1", "localhost", ""].some(isLoopback)).toBe(false);
  expect(["8.8.8.8", "2001:4860:4860::8888", "172.32.0.1", "localhost", ""].every(isPublic)).toBe(true);
  expect(["10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.1.1", "127.0.0.1", "fd00::1", "fe80::1"].some(isPublic)).toBe(
    false,
  );
  // Set aside for documentation and tests is not private use: nobody's devices are there.
  expect(
    ["192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "240.0.0.1", "224.0.0.1", "0.0.0.0", "2001:db8::1", "ff02::1", "::"].every(
      isPublic,
    ),
  ).toBe(true);
  expect(["224.0.0.1", "255.255.255.255", "0.0.0.0", "ff02::1"].every(isNobody)).toBe(true);
  expect(isAddress("10.0.0.1") && isAddress("fd00::1") && !isAddress("10.0.0.0/8")).toBe(true);
});

test("contains(), covers(), lastOf(): agree with arithmetic", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.nat(32), fc.nat(2 ** 32 - 1), (base, prefix, other) => {
      const dotted = (value: number): string => [24, 16, 8, 0].map((bits) => (value >>> bits) & 255).join(".");
      const size = 2 ** (32 - prefix);
      const first = Math.floor(base / size) * size;
      const network = net(`${dotted(base)}/${prefix}`);
      expect(contains(network, dotted(other))).toBe(other >= first && other < first + size);
      expect(lastOf(network)).toBe(dotted(first + size - 1));
      expect(covers(network, net(`${dotted(base)}/32`))).toBe(true);
    }),
  );
  expect(covers(net("10.0.0.0/24"), net("10.0.0.0/16"))).toBe(false);
  expect(contains(net("10.0.0.0/8"), "::ffff:10.1.1.1")).toBe(true);
  expect(contains(net("10.0.0.0/8"), "fd00::1") || contains(net("10.0.0.0/8"), "x")).toBe(false);
});

test("expandAddresses(): every host once, without network, broadcast and excluded addresses", () => {
  const found = walk(["127.1.2.0/24"], ["127.1.2.16/28", "127.1.2.200"]);
  expect(new Set(found).size).toBe(found.length);
  expect(found.length).toBe(254 - 16 - 1);
  expect(found).not.toContain("127.1.2.0");
  expect(found).not.toContain("127.1.2.255");
  expect(found.every((address) => contains(net("127.1.2.0/24"), address))).toBe(true);
});

test("expandAddresses(): overlapping networks give each address once, small ones all theirs", () => {
  // .3 is the broadcast address of the smaller one: nobody has it.
  expect(walk(["127.0.0.0/29", "127.0.0.0/30", "127.0.0.5"], ["127.0.0.4"]).sort()).toEqual([1, 2, 5, 6].map((n) => `127.0.0.${n}`));
  expect(walk(["127.0.0.6/31", "127.0.0.9/32"]).sort()).toEqual(["127.0.0.6", "127.0.0.7", "127.0.0.9"]);
  expect(walk(["fd00::/64"])).toEqual([]);
  expect(walk(["fd00::7", "127.0.0.9/32", "fd00::8", "fd00::7"], ["fd00::8"])).toEqual(["fd00::7", "127.0.0.9"]);
  expect(walk([])).toEqual([]);
});

test("expandAddresses(): the order is the seed's, and not the order of numbers", () => {
  const one = walk(["127.5.0.0/20"], [], 1);
  expect(walk(["127.5.0.0/20"], [], 1)).toEqual(one);
  expect(walk(["127.5.0.0/20"], [], 2)).not.toEqual(one);
  expect(one).not.toEqual(one.toSorted());
  // Neighbours in the walk are seldom neighbours in the network: a subnet is not hit in one burst.
  const sameSubnet = one.filter((address, i) => i > 0 && address.split(".")[2] === one[i - 1]?.split(".")[2]).length;
  expect(sameSubnet).toBeLessThan(one.length / 4);
});

test("expandAddresses(): a /16 is walked whole and lazily", () => {
  const random = seededRandom(3);
  const [first] = expandAddresses({ networks: [net("127.0.0.0/8")], exclude: [], random }).take(1);
  expect(isLoopback(first ?? "")).toBe(true);
  let count = 0;
  for (const _ of expandAddresses({ networks: [net("127.9.0.0/16")], exclude: [], random })) count++;
  expect(count).toBe(65_534);
  expect(hostsOf(net("127.9.0.0/16"))).toBe(65_534);
});

const range = (text: string) => {
  const network = parseNetwork(text);
  if (network === undefined) throw new Error(text);
  return network;
};

test("parseNetwork(): a range is its two ends and all between, and has no network or broadcast address", () => {
  const network = range("10.20.0.250 - 10.20.1.3");
  expect(network).toEqual({ text: "10.20.0.250-10.20.1.3", family: 4, prefix: 23, size: 10 });
  expect([firstOf(network), lastOf(network), hostsOf(network)]).toEqual(["10.20.0.250", "10.20.1.3", 10]);
  const found = [...expandAddresses({ networks: [network], exclude: [net("10.20.1.0/31")], random: seededRandom(1) })].sort();
  expect(found).toEqual([
    "10.20.0.250",
    "10.20.0.251",
    "10.20.0.252",
    "10.20.0.253",
    "10.20.0.254",
    "10.20.0.255",
    "10.20.1.2",
    "10.20.1.3",
  ]);
  expect(edgesOf(network)).toEqual([]);
  expect(["10.20.0.249", "10.20.1.4", "fd00::1", "x"].some((address) => contains(network, address))).toBe(false);
  expect(["10.20.0.250", "10.20.0.255", "10.20.1.3"].every((address) => contains(network, address))).toBe(true);
  expect([covers(net("10.20.0.0/23"), network), covers(network, net("10.20.0.252/30")), covers(network, net("10.20.0.0/24"))]).toEqual([
    true,
    true,
    false,
  ]);
});

test.each([
  "10.0.0.9-10.0.0.8",
  "10.0.0.1-10.0.0.2-10.0.0.3",
  "10.0.0.1-",
  "-10.0.0.1",
  "10.0.0.0/24-10.0.0.9",
  "10.0.0.1-9",
  "fd00::1-fd00::9",
])("parseNetwork(): %j is no network", (text) => expect(parseNetwork(text)).toBeUndefined());

test("expandAddresses(): the broadcast address of one network is not asked because a range holds it", () => {
  const networks = [net("10.0.0.0/24"), range("10.0.0.254-10.0.1.0")];
  const found = [...expandAddresses({ networks, exclude: [], random: seededRandom(4) })];
  expect([found.length, found.includes("10.0.0.255"), found.includes("10.0.1.0")]).toEqual([255, false, true]);
  expect(countAddresses({ networks, exclude: [] })).toBe(255);
});

test("networkFinder(): names the first network an address is in", () => {
  const find = networkFinder([net("10.0.0.0/24"), range("10.0.0.200-10.0.1.9"), net("fd00::/64")]);
  expect(["10.0.0.7", "10.0.0.201", "10.0.1.9", "fd00::9", "10.0.2.1", "x"].map(find)).toEqual([0, 0, 1, 2, -1, -1]);
});
