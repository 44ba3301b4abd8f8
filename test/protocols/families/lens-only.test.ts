import { expect, test } from "vitest";
import { parseMac } from "../../../protocols/core/ids.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { lensOnly } from "../../../protocols/families/lens-only.ts";
import { createLens } from "../../../protocols/lens/inventory.ts";
import { familyIo, targetAt } from "../../support/family-io.ts";
import { data, fakeLens, page, type Reply, TRIO } from "../lens/kit.ts";
import { closeAfter, never } from "./kit.ts";

const ROOM = { ...TRIO, callStatus: "idle", provisioningEnabled: true, connections: [{ name: "TC10", macAddress: "00:e0:db:00:00:01" }] };
const HEADSET = { id: "usb-7", name: "Voyager", serialNumber: "S70001", usbVendorId: "047f", usbProductId: "431a", connected: true };

async function bench(nodes: readonly unknown[], calls: Reply = data({ activeCalls: { calls: [] } })): Promise<FamilyIo> {
  const fake = await fakeLens({ graphql: ({ query }) => (query.includes("activeCalls") ? calls : data(page(nodes))) });
  const io = familyIo();
  closeAfter(() => io.close());
  return { ...io, lens: createLens(fake) };
}
async function target(more: Partial<Target> = {}): Promise<Target> {
  const mac = parseMac(TRIO.id);
  return targetAt({}, { address: "", ...(mac === undefined ? {} : { expectMac: mac }), ...more });
}

test("lensOnly.read(): what Lens says of a device, found by its MAC: facts, use, linked panel; no door is knocked at", async () => {
  const read = await lensOnly.read(await target(), await bench([HEADSET, ROOM]), never);
  expect(read).toMatchObject({
    facts: { family: "lens-only", model: "Trio 8800", mac: TRIO.id, managedBy: "lens" },
    inUse: { state: "idle" },
    parts: [{ model: "TC10", mac: "00e0db000001" }],
    reading: { inCall: 0 },
    evidence: [{ via: "lens" }],
    faults: [],
  });
  expect(read).not.toHaveProperty("presence");
});

test("lensOnly.read(): a call Lens knows of is busy", async () => {
  const io = await bench([ROOM], data({ activeCalls: { calls: [{ id: "1", state: "CONNECTED" }] } }));
  expect(await lensOnly.read(await target(), io, never)).toMatchObject({
    inUse: { state: "busy", reason: "call CONNECTED" },
    reading: { inCall: 1 },
  });
});

test("lensOnly.read(): a device at a USB port is found by its serial number, and is never called idle", async () => {
  const { expectMac: _, ...byAddress } = await target();
  const read = await lensOnly.read({ ...byAddress, serial: "S70001" }, await bench([ROOM, HEADSET]), never);
  expect(read).toMatchObject({ facts: { serial: "S70001", model: "Voyager" }, inUse: { state: "unknown" } });
  expect(read.reading).not.toHaveProperty("inCall");
});

test("lensOnly.read(): not connected to Lens is not gone: its facts stay, nothing old is told as now [lens 4.6]", async () => {
  const read = await lensOnly.read(await target(), await bench([{ ...ROOM, connected: false }]), never);
  expect(read).toMatchObject({
    presence: "unknown",
    facts: { model: "Trio 8800" },
    inUse: { state: "unknown" },
    parts: [],
    reading: {},
    faults: [],
  });
});

test("lensOnly.read(): Lens that does not answer, an account without the device, no account at all: one fault, nothing claimed", async () => {
  const down = await fakeLens({ tokens: () => ({ status: 503, body: "" }) });
  const plain = familyIo();
  closeAfter(() => plain.close());
  const cases: [FamilyIo, string][] = [
    [{ ...plain, lens: createLens(down) }, "unreachable"],
    [await bench([HEADSET]), "unreachable"],
    [plain, "off"],
  ];
  for (const [io, kind] of cases) {
    const read = await lensOnly.read(await target(), io, never);
    expect(read).toMatchObject({
      facts: {},
      inUse: { state: "unknown" },
      reading: {},
      faults: [{ kind, via: "lens" }],
      presence: "unknown",
    });
  }
});

test("lensOnly.look(): the same, in short", async () => {
  expect(await lensOnly.look(await target(), await bench([ROOM]), never)).toMatchObject({
    facts: { running: { application: "7.2.7.0110" } },
    inUse: { state: "idle" },
    faults: [],
  });
});

test("lensOnly: no door speaks for it, and it is told to update by nobody but Lens [lens 5.6]", () => {
  expect(
    lensOnly.recognise({ sip: { userAgent: "PolycomVVX-VVX_411-UA/6.4.6.2327" }, tls: { fingerprint: "ab", commonName: TRIO.id } }, 0),
  ).toBeUndefined();
  expect(lensOnly).not.toHaveProperty("update");
});
