import fc from "fast-check";
import { expect, test } from "vitest";
import { parseOption60 } from "../../../protocols/dhcp/option60.ts";

const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");
const sub = (code: number, text: string): string =>
  Buffer.concat([Buffer.from([code, text.length]), Buffer.from(text, "latin1")]).toString("hex");
const binary = (...options: string[]): string => {
  const body = options.join("");
  return `0000363d${(body.length / 2).toString(16).padStart(2, "0")}${body}`;
};

/** The shape of the guide's sample. */
const SOUNDPOINT = [
  sub(1, "Polycom"),
  sub(2, "SoundPointIP-SPIP_601"),
  sub(3, "2345-11605-001,2"),
  sub(4, "SIP/2.2.0.0047/08-Jun-07 10:44"),
  sub(5, "BR/3.1.0.0131/28-Apr-05 13:30"),
];
const READ = {
  vendor: "Polycom",
  family: "soundpoint",
  model: "SoundPoint IP 601",
  partNumber: "2345-11605-001",
  revision: "2",
  running: { application: "2.2.0.0047", updater: "3.1.0.0131" },
};

test.each([
  ["Polycom-VVX411", { vendor: "Polycom", family: "uc-phone", model: "VVX 411" }],
  ["Polycom-SSIP6000", { vendor: "Polycom", family: "soundpoint", model: "SoundStation IP 6000" }],
  ["Poly-VVX-D230", { vendor: "Poly", family: "uc-phone", model: "VVX D230" }],
])("parseOption60(): the ASCII string %s, as hex and as a log prints it [prov 2a.2]", (text, facts) => {
  expect(parseOption60(hex(text))).toEqual(facts);
  expect(parseOption60(text)).toEqual(facts);
});

test("parseOption60(): the binary form states model, part number, revision and both programs [prov 2a.1] [prov 2a.8]", () => {
  expect(parseOption60(binary(...SOUNDPOINT))).toEqual(READ);
});

test("parseOption60(): with and without the option's code and length, and with DHCP's end after it [prov 2a.9]", () => {
  const option = binary(...SOUNDPOINT);
  const length = (option.length / 2).toString(16).padStart(2, "0");
  for (const text of [`3c${length}${option}`, `3c${length}${option}ff`, `${option}ff`, (option.match(/../g) ?? []).join(":").toUpperCase()])
    expect(parseOption60(text)).toEqual(READ);
  expect(parseOption60(`3c0e${hex("Polycom-VVX411")}`)).toMatchObject({ model: "VVX 411" });
});

test("parseOption60(): an end inside the declared length ends the list, and is not needed [prov 2a.9]", () => {
  expect(parseOption60(binary(...SOUNDPOINT.slice(0, 2), "ff"))).toEqual({
    vendor: "Polycom",
    family: "soundpoint",
    model: "SoundPoint IP 601",
  });
});

test("parseOption60(): while the BootROM runs nothing is known of the application", () => {
  const same = "BR/4.2.2.0710/01-Jan-10 10:00";
  expect(parseOption60(binary(sub(1, "Polycom"), sub(2, "SoundPointIP-SPIP_550"), sub(4, same), sub(5, same)))["running"]).toEqual({
    updater: "4.2.2.0710",
  });
  expect(parseOption60(binary(sub(5, "UP/5.9.6.1234/01-Jan-20 10:00"))).running).toEqual({ updater: "5.9.6.1234" });
});

test.each([
  "",
  "zz",
  "MSFT 5.0",
  "Cisco Systems, Inc. IP Phone CP-7960G",
  hex("MSFT 5.0"),
  "0000363d",
  "0000000900",
  "3cff00",
  "ff".repeat(400),
])("parseOption60(): %j is not ours", (text) => {
  expect(parseOption60(text)).toEqual({});
});

test("parseOption60(): never throws, whatever the bytes and wherever they are cut", () => {
  const whole = Buffer.from(binary(...SOUNDPOINT), "hex");
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (cut, at, value) => {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      parseOption60(bytes.subarray(0, cut).toString("hex"));
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.string(), (text) => void parseOption60(text)));
});
