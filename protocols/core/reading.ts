/**
 * Normalised health values. Absent is absent, never zero.
 */

/** Names carry their unit. Ratios are 0 to 1; flags are 0 or 1. */
export const READING_NAMES = [
  "registeredLines",
  "configuredLines",
  "inCall",
  "uptimeSeconds",
  "cpuRatio",
  "memoryRatio",
  "temperatureCelsius",
  "jitterSeconds",
  "packetLossRatio",
  "mos",
  "peripheralsConnected",
  "peripheralsMissing",
  "componentsFailed",
  "rxPackets",
  "txPackets",
  "rebootNeeded",
  "portsUp",
  "poePortsDelivering",
  "neighbours",
  "certificateNotAfterSeconds",
  "responseSeconds",
  "conferences",
  "voiceCalls",
  "videoCalls",
  "callsStartedPerMinute",
  "registeredEndpoints",
  "inactiveEndpoints",
  "activeAlerts",
  "sites",
  "siteLinks",
  "licencesTotal",
  "licencesUsed",
  "updatesDonePerHour",
  "updatesFailedPerHour",
  "updatesOthers",
  "provisioningFailed",
  "sinceProvisionedSeconds",
] as const;

export type ReadingName = (typeof READING_NAMES)[number];
export type Reading = { readonly [name in ReadingName]?: number };
