import { expect, test } from "vitest";
import { createSigns } from "../../../agent/campaigns/signs.ts";
import { type Log, SILENT } from "../../../agent/log.ts";
import { macOf, T0 } from "../../store/temporary.ts";
import { kit, move, started, toCommanded, toSucceeded } from "./kit.ts";

function bench() {
  const made = kit();
  const { id } = started(made);
  move(made, id, 1, toCommanded("token-01"));
  const lines: string[] = [];
  const line = (what: string, fields = {}): void => void lines.push(`${what} ${JSON.stringify(fields)}`);
  const log: Log = { ...SILENT, debug: line, info: line, warn: line };
  let woken = 0;
  const signs = createSigns({ store: made.store, clock: made.clock, wake: () => void woken++ });
  return { ...made, id, lines, log, signs, woken: () => woken, attempt: () => made.store.attempts.byToken("token-01") };
}
const begun = { kind: "imageStarted", token: "token-01", address: "127.1.0.1" } as const;

test("signs: the first request for the image counts, later ones do not move it", async () => {
  const { signs, log, clock, attempt, woken } = bench();
  signs.note(begun, log);
  await clock.advance(5_000);
  signs.note(begun, log);
  expect(attempt()?.imageStartedAtMs).toBe(T0);
  expect(woken()).toBe(2);
});

test("signs: only a whole image is a delivery", () => {
  const { signs, log, attempt } = bench();
  signs.note({ kind: "imageDelivered", token: "token-01", complete: false }, log);
  expect(attempt()?.imageDeliveredAtMs).toBeUndefined();
  signs.note({ kind: "imageDelivered", token: "token-01", complete: true }, log);
  expect(attempt()?.imageDeliveredAtMs).toBe(T0);
});

test("signs: I20 the whole image once more does not move the moment of the first", async () => {
  const { signs, log, clock, attempt } = bench();
  signs.note({ kind: "imageDelivered", token: "token-01", complete: true }, log);
  await clock.advance(5_000);
  signs.note({ kind: "imageDelivered", token: "token-01", complete: true }, log);
  expect(attempt()?.imageDeliveredAtMs).toBe(T0);
});

test("signs: what was sent adds up over all transfers of an attempt, also of one that has ended; nobody is woken by it", () => {
  const made = bench();
  for (const bytes of [400, 600]) made.signs.note({ kind: "imageSent", token: "token-01", bytes }, made.log);
  made.signs.note({ kind: "imageSent", token: "token-99", bytes: 5 }, made.log);
  expect([made.attempt()?.sentBytes, made.woken()]).toEqual([1_000, 0]);
  move(made, made.id, 1, toSucceeded("token-01").slice(4));
  made.signs.note({ kind: "imageSent", token: "token-01", bytes: 1 }, made.log);
  expect(made.attempt()?.sentBytes).toBe(1_001);
});

test("signs: I19 news of an unknown or ended attempt changes nothing", () => {
  const made = bench();
  made.signs.note({ ...begun, token: "token-99" }, made.log);
  made.signs.note({ kind: "imageDelivered", token: "token-99", complete: true }, made.log);
  move(made, made.id, 1, toSucceeded("token-01").slice(4));
  const before = made.attempt();
  made.signs.note(begun, made.log);
  made.signs.note({ kind: "imageDelivered", token: "token-01", complete: true }, made.log);
  expect(made.attempt()).toEqual(before);
});

test("signs: a renewed certificate is news, one that wants a person is a warning", () => {
  const { signs, log } = bench();
  const said: string[] = [];
  const both: Log = { ...log, info: () => void said.push("info"), warn: () => void said.push("warn") };
  for (const event of [{ isRenewed: true }, { isRenewed: true, what: "expires soon" }, { isRenewed: false, what: "no key" }])
    signs.note({ kind: "endpointCertificate", ...event }, both);
  expect(said).toEqual(["info", "warn", "warn"]);
});

test("signs: uploads, refusals and what rooms ask are written down, and wake nobody", () => {
  const { signs, log, lines, woken } = bench();
  signs.note({ kind: "upload", mac: macOf(1), file: "app.log", bytes: 10 }, log);
  signs.note({ kind: "copyMissed", mac: macOf(1), file: "web.cfg", why: "it is too large" }, log);
  signs.note({ kind: "refusedRequests", address: "127.1.0.9", count: 3, why: "no offer" }, log);
  signs.note({ kind: "roomAsked", address: "127.1.0.9", method: "GET", path: "/update.txt", found: false, mac: macOf(1) }, log);
  signs.note({ kind: "stageProgress", sha256: "ab".repeat(32) as never, doneBytes: 1, totalBytes: 2 }, log);
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain("it is too large");
  expect(lines[3]).toContain("/update.txt");
  expect(woken()).toBe(0);
});
