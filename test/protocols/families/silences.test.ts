import { expect, test } from "vitest";
import { HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { createSilences } from "../../../protocols/families/silences.ts";

test("createSilences(): a door is silent for an hour, others and other devices are not", async () => {
  const clock = manualClock(0);
  const silences = createSilences(clock);
  silences.note("127.0.5.1", "snmp");
  expect(silences.isSilent("127.0.5.1", "snmp")).toBe(true);
  expect([silences.isSilent("127.0.5.1", "ssh"), silences.isSilent("127.0.5.2", "snmp")]).toEqual([false, false]);
  await clock.advance(HOUR - 1);
  expect(silences.isSilent("127.0.5.1", "snmp")).toBe(true);
  await clock.advance(1);
  expect(silences.isSilent("127.0.5.1", "snmp")).toBe(false);
});

test("createSilences(): noted again the hour begins anew, heard ends it at once", async () => {
  const clock = manualClock(0);
  const silences = createSilences(clock);
  silences.note("127.0.5.1", "tls");
  await clock.advance(59 * MINUTE);
  silences.note("127.0.5.1", "tls");
  await clock.advance(59 * MINUTE);
  expect(silences.isSilent("127.0.5.1", "tls")).toBe(true);
  silences.heard("127.0.5.1", "tls");
  expect(silences.isSilent("127.0.5.1", "tls")).toBe(false);
});

test("createSilences(): stays bounded, the oldest go first", () => {
  const silences = createSilences(manualClock(0));
  const address = (number: number): string => `127.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
  for (let number = 0; number < 50_001; number++) silences.note(address(number), "sip");
  expect(silences.isSilent(address(0), "sip")).toBe(false);
  expect([1, 50_000].every((number) => silences.isSilent(address(number), "sip"))).toBe(true);
});
