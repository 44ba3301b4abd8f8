import { expect, test } from "vitest";
import { readKeaLeases } from "../../../../../agent/discovery/sources/dhcp/kea.ts";

const HEAD = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";
const row = (cells: Readonly<Record<string, string>>): string => {
  const usual: Readonly<Record<string, string>> = {
    address: "10.20.0.5",
    hwaddr: "64:16:7f:00:00:01",
    client_id: "01:64:16:7f:00:00:01",
    valid_lifetime: "3600",
    expire: "1795381200",
    subnet_id: "1",
    fqdn_fwd: "0",
    fqdn_rev: "0",
    hostname: "",
    state: "0",
    user_context: "",
    pool_id: "0",
  };
  return HEAD.split(",")
    .map((name) => cells[name] ?? usual[name])
    .join(",");
};
const read = (...rows: readonly string[]) => readKeaLeases(`${[HEAD, ...rows].join("\n")}\n`);
const escaped = (text: string): string => text.replaceAll(",", "&#x2c");
const classOf = (context: string): string | undefined => read(row({ user_context: escaped(context) })).words[0]?.lease?.vendorClass;

test("readKeaLeases(): a lease with its moment of last contact, in any order of columns", () => {
  const wanted = {
    address: "10.20.0.5",
    mac: "64167f000001",
    endsMs: 1_795_381_200_000,
    heardMs: 1_795_377_600_000,
    hostName: "polycom,5",
  };
  expect(read(row({ hostname: "polycom&#x2c5." }))).toEqual({
    recognised: true,
    unreadable: 0,
    words: [{ address: "10.20.0.5", lease: wanted }],
  });
  const turned = "hostname,state,expire,valid_lifetime,hwaddr,address\npolycom&#x2c5,0,1795381200,3600,64:16:7f:00:00:01,10.20.0.5\n";
  expect(readKeaLeases(turned).words[0]?.lease).toEqual(wanted);
});

test("readKeaLeases(): files of the first schema have no state: what is there is assigned", () => {
  const text =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname\n10.20.0.5,64:16:7f:00:00:01,,3600,1795381200,1,0,0,\n";
  expect(readKeaLeases(text).words[0]?.lease?.mac).toBe("64167f000001");
});

test.each([
  ["declined", { state: "1" }],
  ["expired and reclaimed", { state: "2" }],
  ["released", { state: "3" }],
  ["taken out", { valid_lifetime: "0" }],
])("readKeaLeases(): a lease that is %s is nobody's", (_name, cells) => {
  expect(read(row(cells)).words).toEqual([{ address: "10.20.0.5", lease: undefined }]);
});

test("readKeaLeases(): a lifetime of all ones never ends", () => {
  expect(read(row({ valid_lifetime: "4294967295", expire: "6090344895" })).words[0]?.lease).toEqual({
    address: "10.20.0.5",
    mac: "64167f000001",
    heardMs: 1_795_377_600_000,
  });
});

test.each<[string, string, string | undefined]>([
  ["the class Kea gives by itself", '{"ISC":{"client-classes":["ALL","VENDOR_CLASS_Polycom-VVX411"]}}', "Polycom-VVX411"],
  ["text a hook keeps", '{"vendor-class-identifier":"Polycom-VVX411"}', "Polycom-VVX411"],
  ["bytes a hook keeps", '{"option60":"0x0000363d00"}', "0000363d00"],
  ["a class with bytes", '{"c":"VENDOR_CLASS_\\u0000\\u00006="}', "0000363d"],
  ["something else", '{"ISC":{"relay-agent-info":{"sub-options":"0x0104"}}}', undefined],
  ["no JSON", "{broken", undefined],
  ["too deep", `${'{"a":'.repeat(30)}"VENDOR_CLASS_x"${"}".repeat(30)}`, undefined],
])("readKeaLeases(): option 60 in the user context: %s", (_name, context, wanted) => {
  expect(classOf(context)).toBe(wanted);
});

test("readKeaLeases(): rows that do not decode are counted, and the others read", () => {
  const bad = ["10.20.0.6,xx", row({ address: "nowhere" }), row({ hwaddr: "" }), row({ expire: "soon" }), row({ address: "2001:db8::1" })];
  expect(read(...bad, row({}))).toMatchObject({ unreadable: 5, words: [{ address: "10.20.0.5" }] });
});

test("readKeaLeases(): the last line without its end is still being written", () => {
  const text = `${HEAD}\n${row({})}\n${row({ address: "10.20.0.6" })}`;
  expect(readKeaLeases(text)).toMatchObject({ unreadable: 0, words: [{ address: "10.20.0.5" }] });
});

test("readKeaLeases(): an empty file is one of the format, one without its header is not", () => {
  expect([readKeaLeases("").recognised, readKeaLeases(`${HEAD}\n`).recognised, readKeaLeases("lease 10.0.0.1 {\n}\n").recognised]).toEqual([
    true,
    true,
    false,
  ]);
});
