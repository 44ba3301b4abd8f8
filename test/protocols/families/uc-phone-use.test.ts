import { expect, test } from "vitest";
import { parsePlainJson } from "../../../protocols/families/json.ts";
import { appOfProfile, decodeCalls, decodePollState, decodeSessionStats, mayRunAnApp } from "../../../protocols/families/uc-phone-use.ts";

function plain(value: unknown): unknown {
  const parsed = parsePlainJson(Buffer.from(JSON.stringify(value)));
  if (!parsed.ok) throw new Error("not JSON");
  return parsed.value;
}

const call = (state: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  CallHandle: "0x7b3b5e0",
  Type: "Incoming",
  Protocol: "SIP",
  CallState: state,
  RemotePartyName: "Somebody Private",
  RemotePartyNumber: "+4915112345678",
  ...more,
});

test("decodeCalls(): an empty list is idle [uc 4.11] [uc 4.3.1]", () => {
  expect(decodeCalls([])).toEqual({ ok: true, value: { state: "idle" } });
});

test("decodeCalls(): anything listed is busy, ringing and held and states nobody has documented [uc 4.3.2]", () => {
  for (const state of [
    "Dialtone",
    "Setup",
    "Proceeding",
    "RingBack",
    "Offering",
    "Connected",
    "CallHold",
    "Hold",
    "CallConference",
    "NewState",
  ]) {
    expect(decodeCalls(plain([call(state)]))).toMatchObject({ ok: true, value: { state: "busy", reason: expect.stringContaining(state) } });
  }
});

test("decodeCalls(): paging is busy, several calls are counted, the one object of version 1 is a call [uc 4.3.4]", () => {
  expect(decodeCalls(plain([{ Protocol: "PTT", Channel: "1" }]))).toEqual({ ok: true, value: { state: "busy", reason: "paging" } });
  expect(decodeCalls(plain([call("Connected"), call("CallHold")]))).toMatchObject({
    value: { state: "busy", reason: expect.stringContaining("1 more") },
  });
  expect(decodeCalls(plain(call("Connected")))).toMatchObject({ ok: true, value: { state: "busy" } });
});

test("decodeCalls(): the other party is repeated nowhere", () => {
  expect(JSON.stringify(decodeCalls(plain([call("Connected")])))).not.toMatch(/Private|4915112345678/);
});

test("decodeCalls(): a list of something else is garbled, so never idle", () => {
  for (const data of [undefined, null, "", {}, [{}], ["call"], [[]], { calls: [] }]) {
    expect([data, decodeCalls(data)]).toMatchObject([data, { ok: false, fault: { kind: "garbled" } }]);
  }
});

test("decodePollState(): idle, active and starting; any other word is garbled [uc 4.12] [uc 4.3.6]", () => {
  const stateOf = (State: unknown): unknown => decodePollState(plain({ State }));
  expect(stateOf("Idle")).toEqual({ ok: true, value: { state: "idle" } });
  expect(stateOf("Active")).toMatchObject({ ok: true, value: { state: "busy" } });
  expect(stateOf("Error")).toMatchObject({ ok: true, value: { state: "unknown" } });
  for (const State of ["", "Sleeping", {}, null]) expect(stateOf(State)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("decodeCalls(): of several calls the one in the foreground is named, by the star of its appearance [uc 4.3.3]", () => {
  const list = [call("CallHold", { UIAppearanceIndex: "1" }), call("Connected", { UIAppearanceIndex: "2*" })];
  expect(decodeCalls(plain(list))).toEqual({ ok: true, value: { state: "busy", reason: "call Connected and 1 more" } });
});

test("decodeCalls(): a call that rings says so; numbers are text", () => {
  expect(decodeCalls(plain([call("Offering", { Ringing: "1" })]))).toMatchObject({ value: { reason: "call Offering, ringing" } });
  expect(decodeCalls(plain([call("Offering", { Ringing: "0" })]))).toMatchObject({ value: { reason: "call Offering" } });
});

test("decodePollState(): applications that are not ready yet are a start, not a call [uc 4.3.6]", () => {
  const starting = plain({ State: "Error", Text: "All Phone applications are not ready." });
  expect(decodePollState(starting)).toEqual({ ok: true, value: { state: "unknown", reason: "the phone is still starting" } });
});

test("mayRunAnApp(): CCX and Trio may run somebody else's application, a model nobody knows may, other phones do not [uc 4.3.8]", () => {
  expect(["CCX 600", "Trio 8800", "Trio C60", "VVX 411", "Edge E350", undefined].map(mayRunAnApp)).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
  ]);
});

test("appOfProfile(): a profile names the application whose calls the phone does not list; a SIP phone's names none", () => {
  expect(["MSTeams", "Microsoft Teams", "ZoomPhone", "Kiosk"].map(appOfProfile)).toEqual([
    "Microsoft Teams",
    "Microsoft Teams",
    "Zoom",
    "Kiosk",
  ]);
  for (const profile of [undefined, "", "NULL", "Generic", "Lync", "SkypeUSB"])
    expect([profile, appOfProfile(profile)]).toEqual([profile, undefined]);
});

test("decodeSessionStats(): the worst stream of the live call, jitter in seconds, loss as a ratio [uc 4.15]", () => {
  const streams = [
    { Category: "Audio", Codec: "G722", MaxJitter: "12", PacketsLost: "1", PacketsReceived: "99" },
    { Category: "Video", MaxJitter: 30, PacketsLost: 0, PacketsReceived: 500 },
  ];
  expect(decodeSessionStats(plain([{ Ref: "0x1", Streams: streams }]))).toEqual({ jitterSeconds: 0.03, packetLossRatio: 0.01 });
});

test("decodeSessionStats(): what is missing, unreadable or impossible is absent", () => {
  const stream = (values: object): unknown => decodeSessionStats(plain([{ Streams: [values] }]));
  for (const data of [[], [{}], {}, "none", [{ Streams: "two" }]]) expect([data, decodeSessionStats(plain(data))]).toEqual([data, {}]);
  for (const values of [{}, { MaxJitter: "-1" }, { PacketsLost: 0, PacketsReceived: 0 }, { PacketsLost: "5" }])
    expect(stream(values)).toEqual({});
});
