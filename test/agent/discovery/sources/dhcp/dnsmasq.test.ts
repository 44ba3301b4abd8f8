import { expect, test } from "vitest";
import { heardBefore, readDnsmasqLeases } from "../../../../../agent/discovery/sources/dhcp/dnsmasq.ts";

test("readDnsmasqLeases(): a line a lease; 0 never ends, * is no name, other networks' hardware is nobody's", () => {
  const text = [
    "1795381200 64:16:7f:00:00:01 10.20.0.5 Polycom_5 01:64:16:7f:00:00:01",
    "0 01-64:16:7f:00:00:02 10.20.0.6 * *",
    "1795381200 06-02:01:06:81:00 10.20.0.7 * *",
    "",
  ].join("\n");
  expect(readDnsmasqLeases(text)).toEqual({
    recognised: true,
    unreadable: 0,
    words: [
      { address: "10.20.0.5", lease: { address: "10.20.0.5", mac: "64167f000001", endsMs: 1_795_381_200_000, hostName: "Polycom_5" } },
      { address: "10.20.0.6", lease: { address: "10.20.0.6", mac: "64167f000002" } },
    ],
  });
});

test("readDnsmasqLeases(): DHCPv6 after the server's DUID is not read", () => {
  const text = "0 64:16:7f:00:00:02 10.20.0.6 * *\nduid 00:01:00:01:2a\n1795381200 8388609 2001:db8::5 x 00:01:00\n";
  expect(readDnsmasqLeases(text)).toMatchObject({ unreadable: 0, words: [{ address: "10.20.0.6" }] });
});

test("readDnsmasqLeases(): a torn last line is none, a spoilt one is counted, another file is not one", () => {
  const line = "0 64:16:7f:00:00:02 10.20.0.6 * *";
  expect(readDnsmasqLeases(`${line}\nsoon 64:16\n0 64:16:7f:00:00:03 10.20.0.7 *`)).toMatchObject({
    unreadable: 1,
    words: [{ address: "10.20.0.6" }],
  });
  expect(readDnsmasqLeases("").recognised).toBe(true);
  expect(readDnsmasqLeases("address,hwaddr\n1,2\n").recognised).toBe(false);
});

test("heardBefore(): who renewed last was heard when the file was written, the others by as much earlier as they end earlier", () => {
  const file = { writtenMs: 1_000, lastEndMs: 5_000 };
  expect([heardBefore(5_000, file), heardBefore(4_400, file), heardBefore(undefined, file)]).toEqual([1_000, 400, 1_000]);
  expect(heardBefore(undefined, { writtenMs: 1_000, lastEndMs: undefined })).toBe(1_000);
});
