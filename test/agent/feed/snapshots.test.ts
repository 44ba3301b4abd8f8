import { expect, test } from "vitest";
import { campaignSnapshot, clearMessage, deviceSnapshot, infoDocument, ticketSnapshot } from "../../../agent/feed/snapshots.ts";
import type { CampaignId, SiteId } from "../../../protocols/core/ids.ts";
import type { OutboxMessage } from "../../../store/outbox.ts";
import type { TicketRow } from "../../../store/tickets.ts";
import { device, deviceId, T0 } from "../../store/temporary.ts";

const site = "zug-01" as SiteId;
const said = ({ payload }: OutboxMessage): Record<string, unknown> => JSON.parse(Buffer.from(payload).toString("utf8"));
const row: TicketRow = {
  key: "MFRGGZDF",
  generation: 2,
  version: 3,
  deliveredVersion: 2,
  doc: { title: "t" },
  state: "open",
  createdAtMs: T0,
  tries: 0,
  devices: [],
};

test("deviceSnapshot(): retained, its own text, without what changes at each poll", () => {
  const message = deviceSnapshot(site, device(1, { model: "VVX 411", lines: [{ address: "1001@pbx", registered: true }] }), T0);
  expect(message).toMatchObject({ topic: `groundswell/v1/zug-01/device/${deviceId(1)}`, retain: true, qos: 1, kind: "state" });
  expect(said(message)).toMatchObject({
    schema: "groundswell.device/1",
    id: deviceId(1),
    model: "VVX 411",
    firstSeen: "2026-11-22T20:00:00.000Z",
  });
  for (const name of ["lastSeenMs", "lastSeen", "inUse", "reading"]) expect(said(message)).not.toHaveProperty(name);
});

test("deviceSnapshot(): the same facts are the same bytes: nothing new is told", () => {
  const later = device(1, { lastSeenMs: T0 + 60_000, inUse: { state: "busy", reason: "in a call" } as never });
  expect(deviceSnapshot(site, later, T0).payload).toEqual(deviceSnapshot(site, device(1), T0).payload);
});

test("deviceSnapshot(): a device's own text reaches the document, never the topic", () => {
  const hostile = "a/#/+/\u0000";
  const message = deviceSnapshot(site, device(1, { name: hostile, model: hostile, serial: hostile }), T0);
  expect(message.topic).toBe(`groundswell/v1/zug-01/device/${deviceId(1)}`);
  expect(said(message)["name"]).toBe(hostile);
});

test("campaignSnapshot(): how far it is, and when it ends where that is known", () => {
  const summary = {
    id: "c-test" as CampaignId,
    state: "running",
    planHash: "ab",
    release: { id: "r", title: "R", version: "1" },
    waves: [{ index: 1, state: "running", devices: 3 }],
    counts: { planned: 3 },
    devices: 3,
    atRisk: 1,
  };
  const message = campaignSnapshot(site, { ...summary, finishP50AtMs: T0 }, T0);
  expect(message.topic).toBe("groundswell/v1/zug-01/campaign/c-test");
  expect(said(message)).toMatchObject({ schema: "groundswell.campaign/1", devices: 3, finishP50: "2026-11-22T20:00:00.000Z" });
  expect(said(message)).not.toHaveProperty("finishP90");
});

test("ticketSnapshot(): retained while open or closing, with how far the desk knows; cleared when closed", () => {
  const message = ticketSnapshot(site, { ...row, remoteId: "7", lastOutcome: { kind: "later", atMs: T0 } }, T0);
  expect(message.topic).toBe("groundswell/v1/zug-01/ticket/MFRGGZDF.g2");
  expect(said(message)).toMatchObject({
    state: "open",
    remoteId: "7",
    delivery: { version: 3, delivered: 2, last: "later" },
    ticket: { title: "t" },
  });
  expect(said(ticketSnapshot(site, { ...row, state: "closing" }, T0))["state"]).toBe("closing");
  expect(ticketSnapshot(site, { ...row, state: "closed" }, T0)).toEqual(clearMessage(message.topic, T0));
});

test("clearMessage(): an empty retained message takes a document away", () => {
  expect(clearMessage("t", T0)).toEqual({ topic: "t", payload: Buffer.alloc(0), retain: true, qos: 1, kind: "state", atMs: T0 });
});

test("infoDocument(): who we are, with the contract's version", () => {
  const info = {
    agentVersion: "1",
    configRevision: "1",
    capabilities: ["health"],
    brand: "neutral",
    session: { id: "5f3a9c0e71b24d86", sinceMs: T0 },
    agentKey: { kid: "k", publicKey: "p" },
    audit: { count: 1, hash: "h" },
  };
  expect(JSON.parse(infoDocument(info))).toEqual({
    ...{ schema: "groundswell.info/1", contract: 1, ...info },
    session: { id: "5f3a9c0e71b24d86", since: "2026-11-22T20:00:00.000Z" },
  });
});
