import { expect, test } from "vitest";
import type { Visit } from "../../../agent/recording/format.ts";
import { expectedOf, secretsOf } from "../../../agent/recording/visit.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import type { Identified } from "../../../protocols/families/identify.ts";

test("secretsOf(): everything that lets somebody in, and no names", () => {
  const secret = (text: string): Secret => new Secret(text);
  expect(
    secretsOf([
      { kind: "password", id: "a", user: "admin", password: secret("one") },
      { kind: "community", id: "b", community: secret("two") },
      { kind: "usm", id: "c", user: "u", auth: { protocol: "sha", key: secret("three") }, priv: { protocol: "aes", key: secret("four") } },
      { kind: "usm", id: "d", user: "u" },
    ]),
  ).toEqual(["one", "two", "three", "four"]);
});

test("expectedOf(): moments and how long answers took are left out, the rest stays", () => {
  const visit: Visit = { at: "2026-11-22T12:00:00.000Z", address: "192.0.2.1", trust: "any", credentials: [] };
  const identified: Identified = {
    facts: { model: "VVX 450" },
    confidence: 0.95,
    ambiguous: ["video-os", "group"],
    lines: [],
    parts: [],
    reading: { uptimeSeconds: 5, responseSeconds: 0.2 },
    evidence: [{ via: "sip", what: "User-Agent x", atMs: 1 }],
    faults: [{ kind: "busy", via: "https" }],
    look: {},
  };
  expect(expectedOf(visit, identified)).toEqual({
    visit,
    facts: { model: "VVX 450" },
    confidence: 0.95,
    ambiguous: ["video-os", "group"],
    lines: [],
    parts: [],
    reading: { uptimeSeconds: 5 },
    evidence: [{ via: "sip", what: "User-Agent x" }],
    faults: [{ kind: "busy", via: "https" }],
  });
});
