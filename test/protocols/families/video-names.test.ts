import { expect, test } from "vitest";
import { factsOfEpid, factsOfFactoryName } from "../../../protocols/families/video-names.ts";

test("factsOfEpid(): the From header of an HDX names its serial number, which holds its MAC [video 1.3]", () => {
  expect(factsOfEpid("From: <sip:room@example.com>;tag=1-2;epid=8203aaAABBCCCV")).toEqual({
    serial: "8203AAAABBCCCV",
    mac: "00e0dbaabbcc",
  });
  for (const header of [
    "From: <sip:a@b>;epid=0004f2aabbcc",
    "From: <sip:a@b>;epid=8203AAAABBCCCVX",
    "From: <sip:epid=8203AAAABBCCCV@b>",
    "",
  ]) {
    expect(factsOfEpid(header)).toBeUndefined();
  }
});

test("factsOfFactoryName(): model and half a serial number; a name somebody gave is none [video 1.4]", () => {
  expect(factsOfFactoryName("StudioX30-AABBCCFD")).toEqual({ model: "Studio X30", mac: "00e0dbaabbcc" });
  for (const name of ["Board room", "StudioX30", "StudioX30-Lobby", "VVX411-AABBCCFD", "StudioX30-GGBBCCFD"]) {
    expect(factsOfFactoryName(name)).toBeUndefined();
  }
});
