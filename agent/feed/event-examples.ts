/** One example of each type of event, for the contract's documents and the tests that read them. */
import type { EventData, EventType } from "./events.ts";

const device = "d-64167f0a1b2c";
const campaign = "c-2026w47";

const incident = {
  ...({ incident: 12, cause: "cloud:sip:sip.example.net", kind: "cloud", state: "open", service: "sip.example.net" } as const),
  title: "SIP service sip.example.net fails for 31 of 40 devices",
  why: "its devices fail together, while all of them answer here: the site's network is well (40 answer)",
  advice: "Call the operator of sip.example.net; restarting phones does not help",
  ...{ severity: "critical", causeClass: "cloud", affected: 31, total: 40, since: "2026-11-22T20:00:00.000Z", reopened: 0 },
  devices: [device],
};

export const eventExamples: { readonly [T in EventType]: EventData<T> } = {
  "device.found": {
    device,
    name: "Reception",
    family: "uc-phone",
    model: "VVX 411",
    mac: "64167f0a1b2c",
    address: "192.0.2.17",
    adopted: true,
  },
  "device.changed": { device, changes: [{ field: "running", was: "6.4.6.2327", is: "6.4.8.1190" }] },
  "condition.opened": {
    device,
    kind: "registrationLost",
    severity: "error",
    causeClass: "network",
    evidence: "1 of 2 lines is registered",
  },
  "condition.closed": {
    device,
    kind: "registrationLost",
    severity: "error",
    causeClass: "network",
    evidence: "2 of 2 lines are registered",
  },
  "incident.opened": incident,
  "incident.changed": { ...incident, affected: 34 },
  "incident.closed": { ...incident, state: "ended", until: "2026-11-22T21:10:00.000Z" },
  "config.changed": {
    device,
    source: "phone",
    ...{ added: 1, removed: 0, changed: 1 },
    unchangedUntil: "2026-11-22T08:00:00.000Z",
    cause: "phone",
    settings: [
      { key: "np.normal.ringing.calls.tonePattern", is: "ringer5" },
      { key: "reg.1.auth.password", was: "***", is: "***" },
    ],
  },
  "campaign.changed": { campaign, state: "running", was: "approved", why: "started", by: "j.doe" },
  "wave.changed": { campaign, wave: 1, state: "soaking", was: "running" },
  "task.changed": { campaign, task: `t-2026w47-${device}`, device, state: "verifying", was: "rebooting" },
  "ticket.changed": {
    key: "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U.g1",
    version: 2,
    state: "open",
    title: "VVX 411 fell back to its old version",
    severity: 2,
    delivery: "delivered",
    url: "https://desk.example/tickets/7",
  },
  "release.changed": { release: "uc-software-6.4.8.1190", state: "staged" },
  "firmware.quarantined": { source: "folder", name: "3111-48450-001.sip.ld", sha256: "ab".repeat(32), sizeBytes: 71_303_168 },
  "firmware.disputed": {
    about: "file",
    version: "6.4.8.1190",
    used: { source: "channel", rank: 1, name: "uc-software-6.4.8.1190" },
    other: { source: "portal", rank: 3, name: "UC Software 6.4.8" },
    why: "channel (rank 1) and portal (rank 3) have other bytes of 6.4.8.1190 for 3111-48450-001; channel is used",
  },
  "coverage.changed": {
    ...{ covered: 411, expiring: 12, lapsed: 0, notCovered: 1, unknown: 2 },
    devices: [{ device, name: "Reception", state: "notCovered", was: "unknown", why: "no entitlement has this serial number" }],
  },
  "coverage.ending": { days: 60, until: "2027-01-28", devices: [device] },
  "kill.changed": { on: true, scope: "release", release: "ucs-6.4.8.1190", by: "anna", reason: "phones of wave 2 restart in calls" },
  "command.refused": { code: "badSignature", door: "mqtt", count: 3 },
  "upstream.changed": { state: "up", failed: 41, seconds: 95 },
  "upstream.odd": { what: "unreadable", path: "/64167faabbcc.cfg", why: "it names no image: APP_FILE_PATH is missing", device },
  "feed.thinned": { first: 1_024, last: 9_000, keptEvery: 2, batches: 3_988 },
  "command.finished": { id: "01JDQ4Z3N8C5W7X9Y0A1B2C3D4", verb: "campaign.start", status: "done", code: "done" },
};
