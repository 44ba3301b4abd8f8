import { expect, test } from "vitest";
import { endFault, publishFault, reasonText, refusesProtocol } from "../../../protocols/mqtt/reasons.ts";

test("refusesProtocol(): what older brokers say to MQTT 5, and nothing else", () => {
  const codes = Array.from({ length: 256 }, (_, code) => code).filter(refusesProtocol);
  expect(codes).toEqual([1, 132]);
});

test.each([
  ["denied", [2, 4, 5, 133, 134, 135, 138, 140]],
  ["busy", [137, 147, 150, 151, 159]],
  ["unreachable", [3, 136, 139, 141, 152, 160]],
  ["refused", [128, 129, 130, 131, 142, 144, 149, 153, 154, 155, 156, 157, 162, 200]],
])("endFault(): %s", (kind, codes) => {
  for (const code of codes) expect([code, endFault(code)]).toMatchObject([code, { kind, via: "mqtt" }]);
});

test("publishFault(): one message is taken later, or never", () => {
  const kinds = Array.from({ length: 128 }, (_, at) => publishFault(128 + at).kind);
  expect(kinds.filter((kind) => kind === "busy")).toHaveLength(5);
  expect(new Set(kinds)).toEqual(new Set(["busy", "refused"]));
  expect(publishFault(135)).toEqual({ kind: "refused", via: "mqtt", reason: "not authorized (135)" });
});

test("reasonText(): a code nobody has named is told by its number", () => {
  expect([reasonText(149), reasonText(250)]).toEqual(["packet too large (149)", "reason (250)"]);
});
