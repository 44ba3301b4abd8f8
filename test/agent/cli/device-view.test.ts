import { expect, test } from "vitest";
import { deviceText, textOf } from "../../../agent/cli/device-view.ts";

const when = (iso: string | null | undefined): string => iso ?? "-";

test("deviceText(): a device of which little is known shows what is known, and no empty sections", () => {
  expect(deviceText({ device: { id: "d-1", availability: "offline" } }, when, false)).toBe(
    "d-1\n  state  ■ offline, seen -\n  wrong\n    nothing known\n",
  );
});

test("deviceText(): conditions say whether they last, lines whether they are registered, parts whether they are there", () => {
  const text = deviceText(
    {
      device: {
        id: "d-1",
        availability: "online",
        lineList: [{ address: "1001", registered: false }],
        parts: [{ model: "TC8", version: "1", connected: false }],
      },
      conditions: ["old words", { kind: "loss", severity: "error", since: "t1", until: "t2", what: "3 %" }],
      facts: [{ field: "model", value: { a: 1 }, source: "lldp", at: "t3" }],
      sightings: [{ source: "sip", at: "t4", address: "10.0.0.1", what: "OPTIONS" }],
    },
    when,
    false,
  );
  for (const part of [
    "0 of 1 registered",
    "1001  not registered",
    "TC8  1  not connected",
    "old words",
    "loss  error  over t2  3 %",
    'model  {"a":1}  by lldp t3',
    "t4  sip  10.0.0.1  OPTIONS",
  ])
    expect(text).toContain(part);
});

test("deviceText(): who is not in care is said to be ignored, waiting or retired; who is, is not", () => {
  const shown = (standing: string): string => deviceText({ device: { id: "d-1", availability: "unknown", standing } }, when, false);
  expect(shown("ignored")).toContain("standing  ignored");
  expect(shown("adopted")).not.toContain("standing");
});

test("textOf(): text as it is, documents as JSON, nothing for nothing", () => {
  expect([textOf("a"), textOf({ a: 1 }), textOf(0), textOf(null), textOf(undefined)]).toEqual(["a", '{"a":1}', "0", "", ""]);
});
