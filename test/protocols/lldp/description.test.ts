import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLldpDescription } from "../../../protocols/lldp/description.ts";
import { PHONE } from "./switch.ts";

test.each<[string, object]>([
  [
    PHONE,
    {
      vendor: "Polycom",
      family: "uc-phone",
      model: "VVX 311",
      partNumber: "3111-48350-001",
      revision: "1",
      running: { application: "5.6.0.18519", updater: "5.8.0.23953" },
    },
  ],
  [
    "Polycom;VVX-VVX_311;;SIP/5.6.0.18519/x;",
    { vendor: "Polycom", family: "uc-phone", model: "VVX 311", running: { application: "5.6.0.18519" } },
  ],
  ["Polycom;VVX-VVX_311", { vendor: "Polycom", family: "uc-phone", model: "VVX 311" }],
  ["Polycom;VVX-VVX_311;3111-48350-001;BR/5.8.0.1/x", { partNumber: "3111-48350-001", running: { updater: "5.8.0.1" } }],
  ["Polycom;New-Thing_9;SIP/9.0.0.1/x;", { vendor: "Polycom", model: "Thing 9", running: { application: "9.0.0.1" } }],
  [
    "Polycom VVX 250|Updater:6.4.6.2681|App:6.4.6.2681",
    { model: "VVX 250", running: { application: "6.4.6.2681", updater: "6.4.6.2681" } },
  ],
  ["Polycom VVX 250|App:6.4.6.2681", { model: "VVX 250", running: { application: "6.4.6.2681" } }],
  ["Polycom SoundPoint IP 550", { family: "soundpoint", model: "SoundPoint IP 550" }],
  ["Polycom VVX 311", { family: "uc-phone", model: "VVX 311" }],
])("parseLldpDescription(): %s", (input, wanted) => {
  expect(parseLldpDescription(input)).toMatchObject(wanted);
});

test("parseLldpDescription(): CDP's version text alone is versions and no model", () => {
  const running = { application: "5.4.5.6840", updater: "5.6.5.6003" };
  expect(parseLldpDescription("Updater: 5.6.5.6003, App: 5.4.5.6840")).toEqual({ running });
});

test("parseLldpDescription(): a Lync phone has a model and no family: it is not UC Software [snmp 5.1.16]", () => {
  expect(parseLldpDescription("Lync Phone Edition - POLYCOM_CX600_Rev-5")).toEqual({ vendor: "Polycom", model: "CX600", revision: "5" });
});

test.each([
  "",
  ";",
  ";;;;",
  "192.0.2.1",
  "Cisco IOS Software, C2960 Software, Version 15.0(2)SE",
  "Linux switch 5.4.0; SIP/1.2.3/x",
  "Aruba JL253A;3111-48350-001;",
  "a Polycom phone is mentioned in this long prose about App: 1.2.3.4",
])("parseLldpDescription(): %j is not one of ours", (input) => {
  expect(parseLldpDescription(input)).toEqual({});
});

test("parseLldpDescription(): any text gives facts or nothing, and nothing is thrown", () => {
  const piece = fc.constantFrom(
    "Polycom",
    ";",
    "VVX-VVX_311",
    "SIP/",
    "UP/",
    "5.6.0",
    "/",
    "3111-48350-001",
    ",",
    "App:",
    "|",
    " ",
    "x",
    "\0",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 600 }),
        fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")),
      ),
      (input) => {
        const { partNumber, revision } = parseLldpDescription(input);
        if (partNumber !== undefined) expect(partNumber).toMatch(/^\d{4}-\d{5}-\d{3}$/);
        if (revision !== undefined) expect(revision).toMatch(/^\w{1,8}$/);
      },
    ),
    { numRuns: 500 },
  );
});

test("parseLldpDescription(): nothing past 512 characters is read", () => {
  expect(parseLldpDescription(`${" ".repeat(511)};Polycom;VVX-VVX_311`)).toEqual({});
});
