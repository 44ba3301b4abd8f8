import { expect, test } from "vitest";
import { roleAllows } from "../../../agent/commands/authorise.ts";
import { entryOf, isVerb, VERBS } from "../../../agent/commands/catalogue.ts";
import { decodeCommand } from "../../../agent/commands/decode.ts";
import { release } from "../../firmware/waves/builders.ts";

const device = "d-64167f000001";
const campaign = "c-test";
const planHash = "ab".repeat(32);

/** Arguments each verb takes as they are. */
const GOOD: Readonly<Record<string, object>> = {
  "campaign.plan": { release: "ucs-6.4.8" },
  "campaign.approve": { campaign, planHash },
  "campaign.start": { campaign, planHash },
  "campaign.pause": { campaign },
  "campaign.resume": { campaign, gate: "failures" },
  "campaign.halt": { campaign: "*" },
  "campaign.show": { campaign, list: "tasks", wave: 2, offset: 500 },
  "campaign.document": { planHash, offset: 500 },
  "campaign.twin": { campaign },
  "campaign.skip": { campaign, device, reason: "not now" },
  "campaign.explain": { device: "Reception" },
  "campaign.retry": { campaign, device },
  "campaign.writeOff": { campaign, device, reason: "replaced" },
  "campaign.rollback": { campaign },
  "campaign.close": { campaign, reason: "left as it is" },
  "kill.on": { scope: { kind: "site" } },
  "clock.accept": { reason: "the radio clock says so", shown: "2027-11-29T12:00:00Z" },
  "kill.off": { scope: { kind: "model", model: "VVX 450" }, reason: "mended" },
  "device.show": { device: "Reception" },
  "device.history": { device: "x", last: "7d" },
  "device.changes": { device: "x" },
  "device.refresh": { device: "64:16:7f:00:00:01" },
  "device.trust": { device: "64:16:7f:00:00:01", reason: "reset by us" },
  "device.importPreview": { file: "site.csv", rows: [{ line: 2, mac: "64:16:7f:00:00:01" }] },
  "device.import": { file: "site.csv", rows: [{ line: 2, serial: "8G1234ABCDEFXY", room: "Board room" }] },
  "firmware.stage": { release: "ucs-6.4.8" },
  "firmware.path": { device: "Reception", release: "ucs-6.4.8" },
  "firmware.keysImport": { file: "keys.csv", parcel: { from: "A".repeat(43), sealed: "AAAA" } },
  "firmware.advisories": { advisory: "CVE-2026-0826" },
  "firmware.sync": { source: "folder" },
  "firmware.offers": { source: "lens", model: "VVX 450" },
  "firmware.fetch": { source: "vendor-catalogue", key: "6.4.8.1190 http://x/", partNumber: "3111-48450-001" },
  "firmware.notes": { key: "ucs-6.4.8" },
  "firmware.document": { key: "ucs-6.4.8", document: "notes.pdf" },
  "firmware.licences": { key: "ucs-6.4.8", serials: ["8L2016479A8BD3"] },
  "firmware.accept": { hashes: ["AB".repeat(32)], release: release() },
  "firmware.reject": { sha256: "ab".repeat(32), reason: "recalled" },
  "firmware.pause": { release: "ucs-6.4.8" },
  "firmware.resume": { release: "ucs-6.4.8" },
  "coverage.import": { source: "csv", text: "serial" },
  "coverage.attest": { month: "2026-11" },
  "coverage.attestation": { month: "2026-11", file: "pdf" },
  "ticket.show": { key: "MFRGGZDF.g1" },
  "rules.try": { rules: { change: { tooHot: { off: true } } } },
  "device.merge": { device, other: "Reception" },
  "device.split": { device, by: { field: "serial", value: "S-1" } },
  "device.undo": { decision: "m-00ff00ff" },
  "device.swap": { device, next: "64:16:7f:00:00:02" },
  "device.retire": { device },
  "device.topology": { of: device },
  "place.show": { place: "Reception" },
  "place.set": { place: "Reception", room: "", serves: null, duties: ["vip"] },
  "config.list": { device: "Reception" },
  "config.show": { device: "Reception", source: "backup", at: "2026-11-22T20:00:00Z" },
  "config.diff": { device, from: "2026-11-22T20:00:00+01:00", with: "64:16:7f:00:00:02" },
  "config.restore": { device, receiver: "A".repeat(43) },
  "config.read": { device },
  "incident.show": { incident: 3 },
  "maintenance.start": { rooms: ["Board"], forMs: 3_600_000, reason: "new cabling" },
  "maintenance.end": { maintenance: 1 },
  "inbox.explain": { of: device },
  "inbox.adopt": { devices: [device] },
  "inbox.ignore": { devices: [device] },
  "discover.run": { networks: ["10.20.0.0/24", "fd00::/64"] },
};

test.each(VERBS)("catalogue: %s takes its arguments and no unknown one", (verb) => {
  const args = GOOD[verb] ?? {};
  expect(decodeCommand(verb, args)).toMatchObject({ verb });
  expect(decodeCommand(verb, { ...args, surprise: true })).toMatchObject({ code: "badArguments" });
});

test("catalogue: what brakes is given at once, by a technician, for one campaign or all", () => {
  const brakes = VERBS.filter((verb) => entryOf(verb).kind === "brake");
  expect(brakes).toEqual(["campaign.pause", "campaign.halt", "kill.on"]);
  for (const verb of brakes) expect(entryOf(verb)).toMatchObject({ when: "immediate", role: "technician" });
  for (const verb of ["campaign.pause", "campaign.halt"]) expect(decodeCommand(verb, { campaign: "*" })).toMatchObject({ verb });
});

test("catalogue: approving and trusting need an approver; a viewer sets no device in motion", () => {
  for (const verb of ["campaign.approve", "device.trust", "kill.off", "clock.accept"] as const) expect(entryOf(verb).role).toBe("approver");
  const harmless = VERBS.filter((verb) => roleAllows("viewer", verb) && entryOf(verb).kind !== "look");
  // Sends what is known once more; nothing on site changes.
  expect(harmless).toEqual(["sync"]);
});

test("catalogue: only a start may carry its own window", () => {
  expect(VERBS.filter((verb) => entryOf(verb).when === "scheduled")).toEqual(["campaign.start"]);
});

test.each<[string, string, object]>([
  ["a path for a campaign", "campaign.halt", { campaign: "../../etc" }],
  ["all campaigns to start", "campaign.start", { campaign: "*", planHash }],
  ["a device with a wildcard", "campaign.skip", { campaign, device: "d-+", reason: "no" }],
  ["a device left out without a reason", "campaign.skip", { campaign, device, reason: " " }],
  ["no devices at all", "campaign.plan", { release: "ucs-6.4.8", devices: [] }],
  ["too many devices", "campaign.plan", { release: "ucs-6.4.8", devices: Array.from({ length: 501 }, () => device) }],
  ["a path for a release", "firmware.stage", { release: "../x" }],
  ["an endless reason", "campaign.halt", { campaign, reason: "x".repeat(501) }],
  ["a network that is none", "discover.run", { networks: ["10.20.0.0/33"] }],
  ["no networks", "discover.run", { networks: [] }],
  ["a piece of a plan that is none", "campaign.show", { campaign, list: "domains" }],
  ["a piece of a document that is none", "campaign.document", { planHash, offset: -1 }],
  ["a piece of a plan above all", "campaign.show", { campaign, list: "tasks", limit: 501 }],
  ["a limit of nothing", "ticket.list", { limit: 0 }],
  ["a limit above all", "audit.list", { limit: 501 }],
])("catalogue: %s is refused", (_name, verb, args) => {
  expect(decodeCommand(verb, args)).toMatchObject({ code: "badArguments" });
});

test("isVerb(): JavaScript's own names are none", () => {
  for (const name of ["toString", "__proto__", "constructor"]) expect(isVerb(name)).toBe(false);
});
