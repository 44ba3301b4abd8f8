import { expect, test } from "vitest";
import { soundPointUpdate } from "../../../protocols/families/soundpoint-update.ts";
import { credential, targetAt } from "../../support/family-io.ts";
import { never, realIo, sipPhone } from "./kit.ts";
import { CALL, calls, IDLE, line, type Pages, pollingAccount, webPhone } from "./web-phone.ts";

/** The one trigger, to a phone with these pages. */
async function sent(pages: Pages, credentials = [credential, pollingAccount]): Promise<{ result: unknown; notifies: number }> {
  const [web, sip] = [await webPhone(pages), await sipPhone("PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009")];
  const target = await targetAt({ https: web.port, sip: sip.port }, { credentials });
  const result = await soundPointUpdate.triggers[0]?.send(target, realIo(), never);
  return { result, notifies: sip.messages.filter((message) => message.startsWith("NOTIFY")).length };
}

test("soundpoint update: check-sync goes out where the phone says that nobody uses it", async () => {
  expect(await sent(IDLE)).toEqual({ result: { ok: true, value: { said: "check-sync answered with 200" } }, notifies: 1 });
});

test("soundpoint update: one in a call is busy and hears nothing", async () => {
  const { result, notifies } = await sent({ ...IDLE, "/polling/callstateHandler": calls(line("Active", CALL)) });
  expect([result, notifies]).toMatchObject([{ ok: false, fault: { kind: "busy" } }, 0]);
});

test("soundpoint update: one whose calls cannot be read is watched, not updated", async () => {
  const { "/polling/callstateHandler": _calls, ...rest } = IDLE;
  for (const { result, notifies } of [
    await sent(rest),
    await sent(IDLE, [credential]),
    await sent({ ...IDLE, "/polling/callstateHandler": "" }),
  ]) {
    expect([result, notifies]).toMatchObject([{ ok: false, fault: { kind: "off" } }, 0]);
  }
  const { result, notifies } = await sent({ ...IDLE, "/polling/callstateHandler": calls(line("Dormant")) });
  expect([result, notifies]).toMatchObject([{ ok: false, fault: { kind: "garbled" } }, 0]);
});

test("soundpoint update: nothing in it waits for calls, so an idle look comes first", () => {
  expect(soundPointUpdate.triggers.map(({ id, waitsForCalls }) => [id, waitsForCalls])).toEqual([["checkSync", false]]);
  expect(soundPointUpdate.imageName).toBe("sip.ld");
});
