import { expect, test } from "vitest";
import { modelKeys } from "../../../protocols/provisioning/model-keys.ts";

test.each([
  ["FileTransport PolycomVVX-VVX_411-UA/5.9.6.2327 Type/Application", undefined, ["VVX411"]],
  ["FileTransport PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047", "SoundPoint IP 550", ["SPIP550"]],
  ["FileTransport PolycomRealPresenceTrio-Trio_8800-UA/7.2.2.1094", "Trio 8800", ["Trio8800"]],
  ["FileTransport PolyEdge-Edge_E450-UA/8.0.0.15602", "Edge E450", ["EdgeE450"]],
  [undefined, "SoundStation IP 6000", ["SSIP6000"]],
  [undefined, "RealPresence Trio 8800", ["Trio8800"]],
  ["curl/8.0", "VVX 450", ["VVX450"]],
  ["curl/8.0", undefined, []],
])("modelKeys(): %s and %s are spelled %j", (userAgent, model, keys) => {
  expect(modelKeys({ userAgent, model })).toEqual(keys);
});
