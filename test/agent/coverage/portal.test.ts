/** Over real HTTP against the simulated portal. */
import { expect, onTestFinished, test } from "vitest";
import { createPortal } from "../../../agent/coverage/portal.ts";
import { askDesk } from "../../../agent/tickets/ask.ts";
import { openSupportPortal, type PortalMode } from "../../../fixtures/site/support-portal.ts";
import { Secret } from "../../../protocols/core/secret.ts";

const KEY = "ab".repeat(16);
const hardware = { key: KEY, site: "contoso-zh", serial: "8L1", model: "VVX 450", foundAt: "2026-11-22T20:00:00.000Z" };
const signal = new AbortController().signal;

async function stage(token = "right") {
  const there = await openSupportPortal("right");
  onTestFinished(() => there.close());
  const portal = createPortal({ url: there.url, token: new Secret(token), site: "contoso-zh" }, { ask: askDesk });
  return { there, portal };
}

test("entitlements(): the whole list over its pages", async () => {
  const { there, portal } = await stage();
  there.list = Array.from({ length: 450 }, (_, i) => ({ serial: `8L${i}`, contract: "C-1", until: "2027-01-19" }));
  const read = await portal.entitlements(signal);
  expect(read.ok && [read.value.length, read.value[449]]).toEqual([450, { serial: "8L449", contract: "C-1", until: "2027-01-19" }]);
});

test.each<[PortalMode, string]>([
  ["later", "unreachable"],
  ["denied", "denied"],
  ["garbage", "garbled"],
  ["endless", "garbled"],
])("entitlements(): a portal that does %s gives no list at all", async (mode, kind) => {
  const { there, portal } = await stage();
  there.list = [{ serial: "8L1" }];
  there.fail(mode, 9);
  expect(await portal.entitlements(signal)).toMatchObject({ ok: false, fault: { kind } });
});

test("entitlements(): one line that is none makes no list", async () => {
  const { there, portal } = await stage();
  there.list = [{ serial: "8L1" }, { serial: "8L2", until: "someday" }];
  expect(await portal.entitlements(signal)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("entitlements(): a wrong token is told as such", async () => {
  const { portal } = await stage("wrong");
  expect(await portal.entitlements(signal)).toMatchObject({ ok: false, fault: { kind: "denied" } });
});

test("register(): once, whatever how often it is asked", async () => {
  const { there, portal } = await stage();
  expect(await portal.find(KEY, signal)).toEqual({ ok: true, value: undefined });
  const first = await portal.register(hardware, signal);
  expect(first).toEqual({ kind: "done", reference: "REG-1" });
  expect([await portal.register(hardware, signal), await portal.find(KEY, signal)]).toEqual([
    first,
    { ok: true, value: { reference: "REG-1" } },
  ]);
  expect(there.registrations.get(KEY)?.body).toEqual({ schema: "groundswell.registration/1", ...hardware });
});

test.each<[PortalMode, string]>([
  ["later", "later"],
  ["refuse", "refused"],
  ["denied", "refused"],
  ["lostAnswer", "unknown"],
  ["garbage", "unknown"],
])("register(): a portal that does %s is %s", async (mode, kind) => {
  const { there, portal } = await stage();
  there.fail(mode, 1);
  expect(await portal.register(hardware, signal)).toMatchObject({ kind });
});
