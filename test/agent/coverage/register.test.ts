import { expect, onTestFinished, test } from "vitest";
import { createPortal } from "../../../agent/coverage/portal.ts";
import { handIn, markListed, registrationCsv, registrationKey, toRegister } from "../../../agent/coverage/register.ts";
import { askDesk } from "../../../agent/tickets/ask.ts";
import { openSupportPortal } from "../../../fixtures/site/support-portal.ts";
import { readCsv } from "../../../protocols/core/csv.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";
import { type CoverageKit, coverageKit, line, phone } from "./kit.ts";

const signal = new AbortController().signal;

async function uncovered(numbers: readonly number[]): Promise<CoverageKit> {
  const kit = coverageKit(numbers);
  kit.take([line({ serial: "8L99" })]);
  await kit.judge();
  return kit;
}

async function stage(kit: CoverageKit) {
  const there = await openSupportPortal("t");
  onTestFinished(() => there.close());
  const portal = createPortal({ url: there.url, token: new Secret("t"), site: "contoso-zh" }, { ask: askDesk });
  const hand = () =>
    handIn(
      toRegister(kit.store).filter(({ earlier }) => earlier !== "registered"),
      { tables: kit.store, portal, site: "contoso-zh", nowMs: () => T0 },
      signal,
    );
  return { there, hand };
}

test("toRegister(): the first found first, with how it was found; the file is a table that guards its cells", async () => {
  const kit = await uncovered([1, 2]);
  kit.store.devices.save(phone(2, { name: "=cmd()", firstSeenMs: T0 - 20_000 }));
  const lines = toRegister(kit.store);
  expect(lines.map(({ device }) => device)).toEqual([2, 1].map(deviceId));
  expect(lines[1]).toMatchObject({ serial: "8L1", mac: "64:16:7f:00:00:01", model: "VVX 450", found: "lldp: neighbour of ge-0/0/7" });
  const text = registrationCsv(lines);
  expect(text).toContain(`"'=cmd()"`);
  expect(readCsv(text)).toMatchObject({ ok: true, rows: [{ cells: expect.arrayContaining(["serial", "mac", "key"]) }, {}, {}] });
});

test("markListed(): what was in a file is known as such, also under another name of the hardware", async () => {
  const kit = await uncovered([1]);
  kit.store.devices.save({ ...phone(1), serial: undefined } as unknown as DeviceRow);
  markListed(toRegister(kit.store), kit.store, T0);
  // Its serial number is learnt later.
  kit.store.devices.save(phone(1));
  expect(toRegister(kit.store)).toMatchObject([{ earlier: "listed", key: registrationKey({ mac: macOf(1) }) }]);
  expect(kit.store.coverage.registrations()).toHaveLength(1);
});

test("handIn(): each once, and the portal's name for it is kept", async () => {
  const kit = await uncovered([1, 2]);
  const { there, hand } = await stage(kit);
  expect((await hand()).map(({ state, reference }) => [state, reference])).toEqual([
    ["registered", "REG-1"],
    ["registered", "REG-2"],
  ]);
  expect(await hand()).toEqual([]);
  expect([...there.registrations.values()].map(({ posts }) => posts)).toEqual([1, 1]);
});

test("handIn(): an answer that is lost is looked up, never sent a second time", async () => {
  const kit = await uncovered([1, 2]);
  const { there, hand } = await stage(kit);
  there.fail("lostAnswer", 1);
  expect(await hand()).toMatchObject([{ state: "sending" }]);
  expect((await hand()).map(({ state }) => state)).toEqual(["registered", "registered"]);
  expect([...there.registrations.values()].map(({ posts }) => posts)).toEqual([1, 1]);
});

test("handIn(): a refusal is kept with its reason and the others go on; later ends the run", async () => {
  const kit = await uncovered([1, 2, 3]);
  const { there, hand } = await stage(kit);
  there.fail("refuse", 1);
  expect((await hand()).map(({ state }) => state)).toEqual(["refused", "registered", "registered"]);
  expect(kit.store.coverage.registrations().find(({ state }) => state === "refused")).toMatchObject({
    device: deviceId(1),
    why: "status 422",
  });
  there.fail("later", 1);
  expect(await hand()).toMatchObject([{ state: "waits" }]);
});

test("handIn(): the same hardware under a new row is not registered again", async () => {
  const kit = await uncovered([1]);
  const { there, hand } = await stage(kit);
  await hand();
  kit.store.devices.save(phone(7, { serial: "8L1" }));
  await kit.judge();
  expect(toRegister(kit.store).map(({ device, earlier }) => [device, earlier])).toEqual([
    [deviceId(1), "registered"],
    [deviceId(7), "registered"],
  ]);
  await hand();
  expect(there.registrations.size).toBe(1);
});
