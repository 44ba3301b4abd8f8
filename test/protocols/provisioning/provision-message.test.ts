import fc from "fast-check";
import { expect, test } from "vitest";
import { parseProvisionMessage, readProvisionMessage } from "../../../protocols/provisioning/provision-message.ts";
import { openBench, phone } from "./kit.ts";

const DALVIK = "Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)";
const ELEMENTS = `<?xml version="1.0"?><p:ProvisionRequestMessage xmlns:p="http://polycom.com/polaris"><protocolVersion>1.0</protocolVersion>
  <device><deviceType>GROUPSERIES</deviceType><serialNumber>8213AAAABBCCCV</serialNumber><model>RealPresence Group 500</model>
  <pureVc2Device>true</pureVc2Device></device></p:ProvisionRequestMessage>`;
const STATED = { deviceType: "GROUPSERIES", serial: "8213AAAABBCCCV", model: "RealPresence Group 500" };

async function* pieces(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test("parseProvisionMessage(): what a Group says of itself, as elements or attributes, in any case [prov 11aa.1]", () => {
  expect(parseProvisionMessage(ELEMENTS)).toEqual(STATED);
  expect(
    parseProvisionMessage(
      '<provisionrequestmessage DeviceType="GROUPSERIES" serialNumber="8213AAAABBCCCV" model="RealPresence Group 500"/>',
    ),
  ).toEqual(STATED);
  expect(parseProvisionMessage("<ProvisionRequestMessage/>")).toEqual({});
});

test.each([
  "",
  "x",
  "<ProvisionResponseMessage/>",
  "<ProvisionRequestMessage>",
  `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ProvisionRequestMessage>&e;</ProvisionRequestMessage>`,
])("parseProvisionMessage(): %j is none", (text) => {
  expect(parseProvisionMessage(text)).toBeUndefined();
});

test("parseProvisionMessage(): texts that are no serial number, model or type are left out; nothing is thrown, whatever comes", () => {
  const odd = ELEMENTS.replace("8213AAAABBCCCV", "../../etc")
    .replace("RealPresence Group 500", "x".repeat(65))
    .replace("GROUPSERIES", "a b");
  expect(parseProvisionMessage(odd)).toEqual({});
  fc.assert(fc.property(fc.string(), fc.nat(ELEMENTS.length), (text, at) => void parseProvisionMessage(ELEMENTS.slice(0, at) + text)));
});

test("readProvisionMessage(): pieces are put together; more than a message has, or half of one, is none", async () => {
  expect(await readProvisionMessage(pieces(ELEMENTS.slice(0, 50), ELEMENTS.slice(50)))).toEqual(STATED);
  expect(await readProvisionMessage(pieces(ELEMENTS, " ".repeat(20_000)))).toBeUndefined();
  async function* cut(): AsyncGenerator<Buffer> {
    yield Buffer.from(ELEMENTS);
    throw new Error("reset");
  }
  expect(await readProvisionMessage(cut())).toBeUndefined();
});

test("endpoint: a Group that asks for dynamic management is told as a check-in, and gets no such thing [prov 11aa.1]", async () => {
  const bench = await openBench();
  const headers = [`User-Agent: ${DALVIK}`, "Authorization: NTLM TlRMTVNTUAABAAAA"];
  expect((await phone(bench, "/provision/service", { method: "POST", headers, body: ELEMENTS })).status).toBe(501);
  expect(bench.events).toMatchObject([
    { kind: "checkIn", asked: "dynamic", method: "POST", request: { agent: { family: "group" }, message: STATED } },
  ]);
  expect(JSON.stringify(bench.events)).not.toContain("TlRMTVNTUAABAAAA");
});

test("endpoint: any other POST is not allowed, and an endless one is cut off", async () => {
  const bench = await openBench();
  expect((await phone(bench, "/provision/service", { method: "POST", body: "<x/>" })).status).toBe(405);
  await phone(bench, "/provision/service", { method: "POST", body: ELEMENTS + " ".repeat(60_000) });
  expect(bench.events.filter(({ kind }) => kind !== "refused")).toEqual([]);
});
