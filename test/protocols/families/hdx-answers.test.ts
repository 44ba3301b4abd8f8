import { expect, test } from "vitest";
import { decodeApiCommands, decodeDump, decodeSystemStatus, hdxInUse } from "../../../protocols/families/hdx-answers.ts";
import { DUMP, STATUS } from "./hdx-kit.ts";

const bytes = (text: string): Buffer => Buffer.from(text);
const answer = (...results: readonly (readonly [status: string, result: string])[]): Buffer =>
  bytes(
    `<apicommands>${results.map(([status, result]) => `<apicommand><command status="${status}"/><result>${result}</result></apicommand>`).join("")}</apicommands>`,
  );

test("decodeSystemStatus(): in a call or not, and what is down; off is not set up [video 5.2]", () => {
  expect(decodeSystemStatus(bytes(STATUS("on")))).toEqual({ ok: true, value: { inCall: true, down: ["microphones"] } });
  expect(decodeSystemStatus(bytes(STATUS("off")))).toMatchObject({ ok: true, value: { inCall: false } });
  expect(decodeSystemStatus(bytes("<SYSTEMSTATUS/>"))).toEqual({ ok: true, value: { down: [] } });
});

test.each(["", "<html><body>Log in</body></html>", "<SYSTEMSTATUS>", "{}"])("decodeSystemStatus(): %j is garbled, never idle", (text) => {
  expect(decodeSystemStatus(bytes(text))).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("decodeApiCommands(): one result per command, in their order; a failed one and one of another shape are absent [video 5.1]", () => {
  const commands = ["callinfo all", "version", "serialnum", "systemname get"] as const;
  const body = answer(
    ["success", "system is not in a call"],
    ["success", 'version "Release - 3.1.14-56008"'],
    ["error", "serialnum 8203AAAABBCCCV"],
    ["success", "Hi, my name is : HDX"],
  );
  expect(decodeApiCommands(body, commands)).toEqual({
    ok: true,
    value: { "callinfo all": ["system is not in a call"], version: ['version "Release - 3.1.14-56008"'] },
  });
});

test("decodeApiCommands(): the end of a call list may follow the last call on the same line [video 5.4]", () => {
  const call = "callinfo:36:192.168.1.102:256:connected:notmuted:outgoing:videocall";
  const read = decodeApiCommands(answer(["success", `callinfo begin\n${call} callinfo end`]), ["callinfo all"]);
  expect(read).toMatchObject({ ok: true, value: { "callinfo all": [call] } });
});

test("decodeApiCommands(): fewer or more answers than commands cannot be told apart: garbled", () => {
  expect(decodeApiCommands(answer(["success", "serialnum 8203AAAABBCCCV"]), ["version", "serialnum"])).toMatchObject({ ok: false });
  expect(decodeApiCommands(bytes("<apicommands/>"), ["version"])).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("decodeDump(): five of its keys, and never a software key [video 5.2]", () => {
  const dump = decodeDump(bytes(DUMP));
  expect(dump).toEqual({
    ok: true,
    value: {
      facts: { model: "HDX 9006", serial: "8203AAAABBCCCV", mac: "00e0dbaabbcc", running: { application: "3.1.14-56008" } },
      inCall: false,
    },
  });
  expect(JSON.stringify(dump)).not.toContain("KA2E");
  expect(decodeDump(bytes("<html>"))).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("hdxInUse(): any sign of a call is busy; nobody's word is unknown", () => {
  expect(hdxInUse({ state: "idle" }, [true])).toMatchObject({ state: "busy" });
  expect(hdxInUse({ state: "busy", reason: "call ringing" }, [false])).toEqual({ state: "busy", reason: "call ringing" });
  expect(hdxInUse(undefined, [undefined, false])).toEqual({ state: "idle" });
  expect(hdxInUse(undefined, [undefined])).toMatchObject({ state: "unknown" });
});
