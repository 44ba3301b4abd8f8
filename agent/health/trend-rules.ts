/**
 * Starting rules over days: what gets slowly worse, found before it fails. As data; judged every hour from history.
 */
import type { RuleInput } from "./rules-schema.ts";

export const TREND_RULES: readonly RuleInput[] = [
  {
    id: "partDropping",
    families: ["video-os", "group", "lens-only"],
    when: { kind: "oftener", reading: "peripheralsMissing", bucket: "1h", over: "24h" },
    goodFor: "1d",
    severity: "warning",
    causeClass: "hardware",
    says: "a part drops out ever more often: from {from} to {to} of the time within {span}",
    todo: "Look at the cable and the connector of the part; have a spare ready.",
    reason:
      "A microphone or panel with a bad contact is away for a minute, then for many, then for good. Each time alone is no reason to come.",
  },
  {
    id: "partDroppingSlowly",
    families: ["video-os", "group", "lens-only"],
    when: { kind: "oftener", reading: "peripheralsMissing", bucket: "6h", over: "14d" },
    goodFor: "3d",
    severity: "warning",
    causeClass: "hardware",
    says: "a part drops out ever more often: from {from} to {to} of the time within {span}",
    todo: "Look at the cable and the connector of the part; have a spare ready.",
    reason: "The same over two weeks: wear that a day does not show yet, found after a handful of times.",
  },
  {
    id: "temperatureClimbs",
    when: { kind: "trend", reading: "temperatureCelsius", way: "up", over: "14d", by: 5 },
    goodFor: "2d",
    severity: "warning",
    causeClass: "hardware",
    says: "climbs steadily: {from} to {to} within {span}",
    todo: "Look at its fan and at what was put on or before it.",
    reason:
      "Days are compared, so a warm afternoon does not count; 5 °C in two weeks is dust or a fan, and weather over both (guess). No family reads it yet.",
  },
  {
    id: "lossGrows",
    families: ["uc-phone", "hdx", "lens-only"],
    when: { kind: "trend", reading: "packetLossRatio", way: "up", over: "14d", by: 0.005 },
    goodFor: "2d",
    severity: "warning",
    causeClass: "network",
    says: "loses ever more packets: {from} to {to} within {span}",
    todo: "Look for errors on its port and the cable before people complain.",
    reason: "A connector that corrodes loses more each day. Half a percent: a fourth of what people notice.",
  },
  {
    id: "memoryCreeps",
    families: ["uc-phone", "generic-snmp"],
    when: { kind: "trend", reading: "memoryRatio", way: "up", over: "14d", by: 0.03, reach: 0.95, within: "30d", sinceRestart: true },
    goodFor: "1d",
    severity: "warning",
    causeClass: "software",
    says: "memory in use grows: {from} to {to} within {span}, full in about {when}",
    todo: "Restart it when it is free; look in the release notes for a leak.",
    reason: "A leak ends in a restart by itself, in a call. Only since its last start, and only where it fills within a month.",
  },
  {
    id: "linesFlapping",
    families: ["uc-phone", "video-os", "group"],
    when: { kind: "changes", reading: "registeredLines", over: "6h", times: 6 },
    goodFor: "6h",
    severity: "warning",
    causeClass: "network",
    says: "lines come and go: {count} changes within {span}",
    todo: "Look at the registration time and at NAT and firewalls between it and the SIP server.",
    reason: "Each loss may be too short for a condition, and calls fail in it all the same. Six changes are three losses.",
  },
  {
    id: "restartsOften",
    families: ["uc-phone", "video-os", "group", "hdx", "switch", "generic-snmp"],
    when: { kind: "changes", reading: "uptimeSeconds", over: "24h", times: 3, falls: true },
    goodFor: "1d",
    severity: "error",
    causeClass: "hardware",
    says: "restarted {count} times within {span}",
    todo: "Look at its power (PoE class and budget), then at its logs.",
    reason:
      "An uptime that is less than before is a restart; it may be over before two asks. A wave restarts a device once, a person twice.",
    source: "protocols/uc-phones.md 4.2: an uptime smaller than at the last read means a reboot",
  },
];
