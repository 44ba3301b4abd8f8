import { expect, test } from "vitest";
import {
  ANSWERS,
  bannerFacts,
  callLines,
  callsElsewhere,
  callsOf,
  factsOfAnswers,
  offlineOf,
} from "../../../protocols/families/video-cli-answers.ts";
import { createReader } from "../../../protocols/shell/prompt.ts";

const VSX_BANNER = [
  "Hi, my name is : Board room",
  "Here is what I know about myself:",
  "Model: VSX 6000A",
  "Serial Number: 8203AAAABBCCCV",
  "Software Version: Release 9.0.6.2-103 - 04Sep2011 21:27",
  "Build Information: ecobuild01",
  "Contact Number: ",
  "MP Enabled: KA2E-1111-2222-0000-0001",
  "H323 Enabled: True",
  "SNMP Enabled: True",
];

test("callsOf(): the state is found from the right: names may be missing, numbers may hold colons [video 4.2.29]", () => {
  const tail = "256:connected:notmuted:outgoing:videocall";
  for (const head of ["callinfo:36:Room:192.168.1.102", "callinfo:36:192.168.1.102", "callinfo:36::a@b", "callinfo:36:Room:2001:db8::1"]) {
    expect([head, callsOf([`${head}:${tail}`])]).toEqual([head, { state: "busy", reason: "call connected" }]);
  }
});

test("callsOf(): the end on the same line as the last call is no part of it [video 5.4]", () => {
  const line = "callinfo:1:Room:10:512:ringing:notmuted:incoming:videocall callinfo end";
  expect(callsOf([line])).toEqual({ state: "busy", reason: "call ringing" });
});

test("callsOf(): any call line is busy, even one that says it is over [video 4.2.30]", () => {
  expect(callsOf(["callinfo:1:Room:10:512:disconnecting:notmuted:incoming:videocall", "system is not in a call"]).state).toBe("busy");
  expect(callsOf(["callinfo:"]).state).toBe("busy");
});

test("callsOf(): no call line and no word that there is none is unknown", () => {
  for (const lines of [[], ["callinfo begin", "callinfo end"], ["mute near off"]]) expect(callsOf(lines).state).toBe("unknown");
});

test("callsOf(): a whole list on one line is split on its words [video 5.4]", () => {
  const one = "callinfo:1:A:10:512:connected:notmuted:incoming:videocall";
  const two = "callinfo:2:B:11:512:ringing:notmuted:incoming:audiocall";
  expect(callLines(`callinfo begin ${one} ${two} callinfo end`)).toEqual(["callinfo begin", one, two, "callinfo end"]);
  expect(callsOf([`callinfo begin ${one} callinfo end`])).toEqual({ state: "busy", reason: "call connected" });
});

test("callsElsewhere(): getcallstate and the status list may say that there is a call, never that there is none [video 4.2.22] [video 4.2.20]", () => {
  expect(callsElsewhere({ getcallstate: ["cs: call[5] speed[1024] dialstr[10.0.0.9] state[connected]"] })).toEqual({
    state: "busy",
    reason: "call connected",
  });
  expect(callsElsewhere({ getcallstate: ["cs: call[1] inactive"] })).toBeUndefined();
  expect(callsElsewhere({ status: ["inacall online", "gatekeeper offline", "status end"] })).toMatchObject({ state: "busy" });
  expect(callsElsewhere({ status: ["inacall offline", "status end"] })).toBeUndefined();
});

test("ANSWERS: each documented answer has the shape of its command and of no other that ends at one line", () => {
  const documented = {
    version: 'version "Release - 6.2.2.8-670021"',
    serialnum: "serialnum 8213AAAABBCCCV",
    "systemsetting get model": 'systemsetting model "RealPresence Group 700"',
    "systemname get": "systemname TestHDX",
    "uptime get": "1 Hour, 10 Minutes",
    "callinfo all": "system is not in a call",
    getcallstate: "cs: call[1] inactive",
  } as const;
  for (const [command, line] of Object.entries(documented)) {
    for (const [other, shape] of Object.entries(ANSWERS)) {
      if (other === "whoami" || other === "status") continue;
      expect([command, other, shape.line.test(line)]).toEqual([command, other, command === other]);
    }
  }
});

test("ANSWERS: the status list ends with its own word, and tells who is offline [video 4.2.20]", () => {
  const text = "status\r\r\ninacall offline\r\r\nipnetwork online\r\r\ngatekeeper offline\r\r\nstatus end\r\r\n";
  const heard = createReader("status", ANSWERS.status).feed(text);
  const lines = ["inacall offline", "ipnetwork online", "gatekeeper offline"];
  expect(heard).toEqual({ at: "answer", lines });
  expect(offlineOf({ status: lines })).toEqual(["inacall", "gatekeeper"]);
});

test("ANSWERS: only commands that read, whole and in lower case, each fit to be sent twice [video 4.2.40] [video 4.2.8] [video 4.2.7]", () => {
  const reads = "whoami version serialnum systemsetting_get_model systemname_get status callinfo_all uptime_get getcallstate".split(" ");
  expect(Object.keys(ANSWERS).toSorted()).toEqual(reads.map((name) => name.replaceAll("_", " ")).toSorted());
  for (const shape of Object.values(ANSWERS)) expect(shape.repeatAfterMs).toBeGreaterThan(0);
});

test("bannerFacts(): a VSX says who it is in its banner: version and day apart, and no key of it is kept [video 4.2.18] [video 6.1] [video 4.1.3]", () => {
  const facts = bannerFacts(VSX_BANNER);
  expect(facts).toEqual({
    name: "Board room",
    model: "VSX 6000A",
    serial: "8203AAAABBCCCV",
    running: { application: "9.0.6.2-103" },
  });
  expect(JSON.stringify(factsOfAnswers({ whoami: VSX_BANNER }, "hdx"))).not.toContain("KA2E");
  expect(factsOfAnswers({ whoami: VSX_BANNER }, "hdx")).toMatchObject({ family: "hdx", model: "VSX 6000A", mac: "00e0dbaabbcc" });
});

test("bannerFacts(): a Group states its build apart", () => {
  expect(bannerFacts(["Software Version: 6.2.1", "Build Information: 540239"]).running).toEqual({ application: "6.2.1-540239" });
});

test("factsOfAnswers(): what a command told beats the banner; the model names the family [video 1.1]", () => {
  const facts = factsOfAnswers(
    { version: ['version "Release - 3.1.14-56008"'], "systemsetting get model": ['systemsetting model "HDX 9006"'], whoami: VSX_BANNER },
    "group",
  );
  expect(facts).toMatchObject({ family: "hdx", model: "HDX 9006", running: { application: "3.1.14-56008" }, name: "Board room" });
  expect(factsOfAnswers({}, "group")).toEqual({ family: "group" });
});

const NOTIFICATIONS: readonly (readonly [what: string, line: string])[] = [
  ["answers to notify [video 4.2.33]", "notify callstatus success"],
  ["answers to notify a second time [video 4.2.33]", "already active:callstatus"],
  ["callstatus [video 4.2.34]", "notification:callstatus:incoming:1:Room:10.0.0.9:connected:512:0:videocall"],
  ["linestatus [video 4.2.35]", "notification:linestatus:outgoing:32:0:0:disconnected"],
  ["mutestatus [video 4.2.36]", "notification:mutestatus:near:near:near:near:muted"],
  ["other events [video 4.2.37]", "notification:sysstatus:incall:on"],
  ["a register of calls [video 4.2.38]", "active: call[5] speed[512]"],
  ["a call's end in that register [video 4.2.38]", "cleared: call[5]"],
  ["one line per event [video 4.2.39]", "listen video ringing"],
];

test.each(NOTIFICATIONS)("ANSWERS: %s between question and answer say nothing of calls", (_what, line) => {
  const heard = createReader("callinfo all", ANSWERS["callinfo all"]).feed(`${line}\r\nsystem is not in a call\r\n`);
  expect(heard).toEqual({ at: "answer", lines: ["system is not in a call"] });
  expect(createReader("callinfo all", ANSWERS["callinfo all"]).feed(`${line}\r\n`)).toEqual({ at: "more" });
});
