import { expect, test } from "vitest";
import { NOTHING_FOUND } from "../../../agent/discovery/sources/sweep-course.ts";
import type { DepotEvent } from "../../../agent/threads/depot-requests.ts";
import type { FieldData, FieldEvent, PlainCredential } from "../../../agent/threads/requests.ts";
import { LENS_ENDPOINTS } from "../../../protocols/lens/endpoints.ts";

const CREDENTIALS: readonly PlainCredential[] = [
  { kind: "password", id: "a", user: "Polycom", password: "sample", families: ["uc-phone"] },
  { kind: "community", id: "b", community: "sample" },
  { kind: "usm", id: "c", user: "u", auth: { protocol: "sha256", key: "sample" }, priv: { protocol: "aes", key: "sample" } },
];
const PORTS = { https: 1, http: 2, snmp: 3, ssh: 4, telnet: 5, sip: 6 };

/** What crosses the edge of a thread must survive being copied: no functions, no classes. */
const STATE = { ...NOTHING_FOUND, position: 1, waiting: ["127.0.0.9"] };

test.each<[string, FieldData | FieldEvent | DepotEvent]>([
  [
    "what the field thread is given",
    {
      clock: { factor: 1, originMs: 0, realOriginMs: 0 },
      ports: PORTS,
      credentials: CREDENTIALS,
      telnet: false,
      concurrency: 1,
      lens: { clientId: "sample", clientSecret: "sample", endpoints: LENS_ENDPOINTS },
    },
  ],
  [
    "progress of a sweep",
    { kind: "sweepProgress", runId: "r", progress: { asked: 1, total: 2, packetsPerSecond: 9, ...NOTHING_FOUND }, state: STATE },
  ],
  ["a sighting", { kind: "sighting", runId: "r", sighting: { source: "sip", atMs: 1, facts: {}, evidence: [] }, state: STATE }],
  ["a refused request", { kind: "refusedRequests", address: "127.0.0.1", count: 3, why: "unknown" }],
])("requests: %s crosses a thread as it is", (_what, value) => {
  expect(structuredClone(value)).toEqual(value);
});
