import { expect, test } from "vitest";
import { bodyFault, continues, judgeStatus, retryAfterMs } from "../../../firmware/staging/answer.ts";

const url = new URL("https://depot.example.test/ucs/a.ld");
const answered = (status: number, headers: Record<string, string> = {}) => ({ status, headers, url });

test.each([
  [401, { end: "final", fault: { kind: "denied", detail: expect.stringMatching(/expired.*check the account/) } }],
  [404, { end: "final", fault: { kind: "refused", reason: expect.stringMatching(/404 for \/ucs\/a\.ld: the source no longer has/) } }],
  [302, { end: "final", fault: { kind: "refused", reason: expect.stringContaining("leads elsewhere") } }],
  [418, { end: "final", fault: { kind: "refused", reason: "status 418 for /ucs/a.ld" } }],
  [503, { end: "again", fault: { kind: "unreachable", detail: "depot.example.test: status 503" } }],
] as const)("judgeStatus(): status %i", (status, verdict) => {
  expect(judgeStatus(answered(status))).toMatchObject(verdict);
});

test("judgeStatus(): a server that says when is asked then; one that says another day is not waited for", () => {
  const after = (status: number, seconds: string) => judgeStatus(answered(status, { "retry-after": seconds }));
  expect([after(429, "30"), after(503, "120")]).toMatchObject([
    { end: "again", waitMs: 30_000 },
    { end: "again", waitMs: 120_000 },
  ]);
  expect([after(429, "3601"), after(503, "86400"), after(429, "Sun, 29 Nov 2026 10:00:00 GMT")].map(({ end }) => end)).toEqual(
    Array(3).fill("final"),
  );
});

test("retryAfterMs(): whole seconds and nothing else", () => {
  expect(["7", "0", "-1", "1.5", "1e9", "", undefined].map(retryAfterMs)).toEqual([7_000, 0, ...Array(5).fill(undefined)]);
});

test.each([
  [{}, undefined],
  [{ "content-length": "100", "content-encoding": "identity" }, undefined],
  [{ "content-length": "100", "content-type": "text/html" }, undefined],
  [{ "content-encoding": "gzip" }, "refused"],
  [{ "content-length": "99" }, "mismatch"],
  [{ "content-length": "101" }, "mismatch"],
  [{ "content-length": "99", "content-type": "text/html; charset=utf-8" }, "denied"],
])("bodyFault(): headers %j: %s", (headers, kind) => {
  expect(bodyFault(answered(200, headers), "a.ld", 100)?.kind).toBe(kind);
});

test("continues(): from our byte to the last one, of this size or of one that is not said", () => {
  const is = (text: string): boolean => continues(text, 10, 100);
  expect(["bytes 10-99/100", "bytes 10-99/*"].every(is)).toBe(true);
  for (const wrong of ["bytes 9-99/100", "bytes 10-99/101", "bytes 10-98/100", "bytes 10-100/*", "items 10-99/100", "bytes */100", ""])
    expect(is(wrong), wrong).toBe(false);
  expect(continues(undefined, 10, 100)).toBe(false);
});
