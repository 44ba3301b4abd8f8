import { expect, test } from "vitest";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Board, createBoards } from "../../../protocols/families/boards.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import { decodeHardware, readBoard } from "../../../protocols/families/phone-board.ts";
import { ucPhone } from "../../../protocols/families/uc-phone.ts";
import { targetAt } from "../../support/family-io.ts";
import type { HttpsDevice } from "../../support/https-device.ts";
import { never, realIo, VVX } from "./kit.ts";
import { ADMIN, HOME, type Pages, SOUNDPOINT_MAC, webPhone } from "./web-phone.ts";

const MAC = parseMac(SOUNDPOINT_MAC);
const HARDWARE = "/Utilities/softwareUpgrade/getProvisioningServer";
const PAIRS = "SERVER=prov.example;HARDWARE_ID=3111-48450-001;HARDWARE_REV=B;TYPE=2";

async function board(phone: HttpsDevice, io: FamilyIo): Promise<Board> {
  if (MAC === undefined) throw new Error("no MAC");
  return readBoard({ target: await targetAt({ https: phone.port }), family: "uc-phone", io }, MAC, never);
}
const remembering = (): FamilyIo => ({ ...realIo(), boards: createBoards() });

test("decodeHardware(): part number and revision among pairs; anything else is garbled [uc 5.4]", () => {
  expect(decodeHardware(Buffer.from(PAIRS))).toEqual({ ok: true, value: { partNumber: "3111-48450-001", revision: "B" } });
  expect(decodeHardware(Buffer.from("HARDWARE_ID=3111-48450-001"))).toEqual({ ok: true, value: { partNumber: "3111-48450-001" } });
  for (const text of ["", "<html>", "HARDWARE_ID=", "HARDWARE_ID=48450;HARDWARE_REV=A"]) {
    expect(decodeHardware(Buffer.from(text))).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  }
});

test("readBoard(): the home page tells it, else the upgrade page; it is asked once per phone [uc 2.6] [uc 5.4]", async () => {
  for (const [pages, expected] of [
    [{ "/home.htm": HOME }, { partNumber: "3111-12500-001", revision: "A" }],
    [{ [HARDWARE]: PAIRS }, { partNumber: "3111-48450-001", revision: "B" }],
  ] as const satisfies readonly (readonly [Pages, Board])[]) {
    const [phone, io] = [await webPhone(pages), remembering()];
    expect(await board(phone, io)).toEqual(expected);
    const asked = phone.requests.length;
    expect([await board(phone, io), phone.requests.length]).toEqual([expected, asked]);
  }
});

test("readBoard(): a phone that has no such page is not asked again; one that was busy, locked or wanted another password is", async () => {
  for (const [pages, again] of [
    [{}, false],
    [{ "/home.htm": 403 }, true],
    [{ "/home.htm": 503 }, true],
    [{ "/home.htm": 401 }, true],
  ] as const) {
    const [phone, io] = [await webPhone(pages, { wants: () => undefined }), remembering()];
    expect(await board(phone, io)).toEqual({});
    const asked = phone.requests.length;
    await board(phone, io);
    expect(phone.requests.length > asked).toBe(again);
  }
});

test("readBoard(): a refused password is shown once, on one page", async () => {
  const phone = await webPhone({ "/home.htm": HOME, [HARDWARE]: PAIRS }, { wants: () => "Basic other" });
  expect(await board(phone, remembering())).toEqual({});
  expect(phone.requests.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1);
});

test("uc-phone read(): version 1 of device/info states no part number, so the home page is asked for it [uc 2.6]", async () => {
  const rest = Object.fromEntries(
    Object.entries(VVX).map(([path, answer]) => [`/api/${path}`, JSON.stringify((answer as () => unknown)())]),
  );
  const phone = await webPhone({ ...rest, "/home.htm": HOME }, { wants: (path) => (path.startsWith("/api/") ? undefined : ADMIN) });
  const read = await ucPhone.read(await targetAt({ https: phone.port }), realIo(), never);
  expect(read.facts).toMatchObject({ model: "VVX 411", partNumber: "3111-12500-001", revision: "A" });
});
