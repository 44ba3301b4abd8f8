import { expect, test } from "vitest";
import { childOf, parseXml } from "../../../protocols/core/xml.ts";
import { isoSeconds, renderProvisionResponse } from "../../../protocols/provisioning/provision-response.ts";
import { openBench, phone } from "./kit.ts";

const REQUEST = `<?xml version="1.0" encoding="UTF-8"?><ProvisionRequestMessage xmlns:xs="http://www.w3.org/2001/XMLSchema-instance">
<protocolVersion>1.0</protocolVersion><deviceType>GROUPSERIES</deviceType><serialNumber>8213AAAABBCCCV</serialNumber>
<model>RealPresence Group 500</model><pureVc2Device>TRUE</pureVc2Device></ProvisionRequestMessage>`;

test("renderProvisionResponse(): status OK, general intervals as ISO durations, a closed window, no software [prov 11aa.2]", () => {
  const text = renderProvisionResponse();
  expect(text).toContain('"http://polycom.com/polaris"');
  const read = parseXml(text, "provisioning");
  if (!read.ok) throw new Error("no document");
  const root = read.value;
  expect([root.name, childOf(root, "status")?.text]).toEqual(["ProvisionResponseMessage", "OK"]);
  const general = childOf(childOf(childOf(root, "provItems"), "CONFIG"), "generalConfig");
  const told = general?.children.map(({ name, text: value }) => [name, value]);
  expect(told).toEqual([
    ["softwareUpdateCheckInterval", "PT86400S"],
    ["profileUpdateCheckInterval", "PT900S"],
    ["heartbeatPostInterval", "PT3600S"],
    ["maintWindow", ""],
  ]);
  expect(childOf(childOf(general, "maintWindow"), "maintWindowEnabled")?.text).toBe("FALSE");
  expect(text).not.toMatch(/https?:\/\/(?!polycom\.com\/polaris)/);
});

test("isoSeconds(): as recorded, seconds alone", () => {
  expect([0, 1_000, 900_000, 86_400_000].map((lengthMs) => isoSeconds(lengthMs))).toEqual(["PT0S", "PT1S", "PT900S", "PT86400S"]);
});

test.each([
  [undefined, REQUEST, 501],
  [false, REQUEST, 501],
  [true, REQUEST, 200],
  [true, REQUEST.replace("GROUPSERIES", "HDX"), 501],
  [true, "<x/>", 405],
])("endpoint: with dynamic management %s a Group is answered %#, and told as a check-in", async (groupManagement, body, status) => {
  const bench = await openBench(groupManagement === undefined ? {} : { groupManagement });
  const answer = await phone(bench, "/", { method: "POST", body });
  expect([answer.status, answer.body.toString()]).toEqual([status, status === 200 ? renderProvisionResponse() : ""]);
  expect(bench.events.some(({ kind }) => kind === "checkIn")).toBe(status !== 405);
});
