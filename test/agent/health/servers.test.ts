import { expect, test } from "vitest";
import { createServerNotes, serverOf, serversIn } from "../../../agent/health/servers.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import { deviceId, T0 } from "../../store/temporary.ts";

test.each([
  ["1001@pbx.example", "pbx.example"],
  ["sip:1001@PBX.Example:5061;transport=tls", "pbx.example"],
  ["1001@10.0.0.5", "10.0.0.5"],
  ["1001@[2001:db8::1]:5060", "2001:db8::1"],
  ["1001@pbx", "pbx"],
  ["registrar.example.com", "registrar.example.com"],
  ["10.1.1.1", "10.1.1.1"],
  ["1001", undefined],
  ["Reception", undefined],
  ["", undefined],
])("serverOf(): %s registers with %s", (address, server) => {
  expect(serverOf(address)).toBe(server);
});

test("serversIn(): no lines told this time leave those of before; no server at all is news", () => {
  const lines = [{ address: "1001@pbx.example", registered: true }];
  expect(serversIn({ lines, servers: { app: [] } })).toEqual({ app: [], sip: ["pbx.example"] });
  expect(serversIn({ lines: [], servers: { dhcp: ["10.0.0.1"] } })).toEqual({ dhcp: ["10.0.0.1"] });
  expect(serversIn({ lines: [{ address: "1001", registered: false }] })).toEqual({ sip: [] });
});

test("createServerNotes(): writes what is new, and looks into the file only then", () => {
  const said: unknown[] = [];
  const note = createServerNotes({
    say(device, roles) {
      said.push([device, roles]);
      return true;
    },
  });
  const read = (host: string) => ({ lines: [{ address: `1@${host}`, registered: true }] }) as unknown as DeviceRead;
  expect([note(deviceId(1), read("a.example"), T0), note(deviceId(1), read("a.example"), T0)]).toEqual([true, false]);
  expect([note(deviceId(2), read("a.example"), T0), note(deviceId(1), read("b.example"), T0)]).toEqual([true, true]);
  expect(note(deviceId(3), { lines: [] } as unknown as DeviceRead, T0)).toBe(false);
  expect(said).toHaveLength(3);
});
