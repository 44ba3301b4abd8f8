import fc from "fast-check";
import { expect, test } from "vitest";
import { readNotice } from "../../../protocols/snmp/notice.ts";
import { TRAP_V1 } from "../../hostile/samples.ts";
import { int, octets, oid, readRequest, tlv, varbind } from "./agent.ts";
import { community, GET, pdu, RESPONSE, usm } from "./messages.ts";

const TRAP = 0xa7;
const INFORM = 0xa6;
const UPTIME = varbind("1.3.6.1.2.1.1.3.0", int(4_711, 0x43));
const LINK_DOWN = varbind("1.3.6.1.6.3.1.1.4.1.0", oid("1.3.6.1.6.3.1.1.5.3"));

test("readNotice(): traps of every version are traps, and wait for nothing", () => {
  expect(readNotice(TRAP_V1)).toEqual({ version: "1" });
  expect(readNotice(community({ tag: TRAP, varbinds: [UPTIME, LINK_DOWN] }))).toEqual({ version: "2c" });
  expect(readNotice(usm({ tag: TRAP }))).toEqual({ version: "3" });
  expect(readNotice(usm({}, { flags: 3, secret: Buffer.alloc(40, 1) }))).toEqual({ version: "3" });
});

test("readNotice(): an inform is answered with its own id, community and values, as a response without error", () => {
  const informed = community({ tag: INFORM, id: 70_000, varbinds: [UPTIME, LINK_DOWN] }, 1, "secret");
  const answer = readNotice(informed)?.answer ?? Buffer.alloc(0);
  const read = readRequest(answer);
  expect(read).toMatchObject({ version: 1, pduTag: RESPONSE, second: 0, third: 0, oids: ["1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"] });
  expect(read.community.toString()).toBe("secret");
  expect(read.id.readInt32BE()).toBe(70_000);
});

test("readNotice(): the answer to any inform is the very message with another tag and no error", () => {
  fc.assert(
    fc.property(fc.integer(), fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 200 }), (id, content, name) => {
      const varbinds = [varbind("1.3.6.1.4.1.13885.1", octets(Buffer.from(content)))];
      const informed = community({ tag: INFORM, id, status: 0, varbinds }, 1, name);
      const wanted = readRequest(community({ tag: RESPONSE, id, varbinds }, 1, name));
      expect(readRequest(readNotice(informed)?.answer ?? Buffer.alloc(0))).toMatchObject({ ...wanted, id: expect.anything() });
    }),
  );
});

test("readNotice(): questions, answers, a trap in the wrong version, and cut ones are none", () => {
  const bulk = 0xa5;
  for (const tag of [GET, bulk, RESPONSE, 0xa3]) expect(readNotice(community({ tag }))).toBeUndefined();
  expect(readNotice(community({ tag: TRAP }, 0))).toBeUndefined();
  expect(readNotice(Buffer.concat([TRAP_V1, Buffer.of(0)]))).toBeUndefined();
  expect(readNotice(Buffer.alloc(9_000))).toBeUndefined();
  expect(readNotice(tlv(0x30, tlv(2, Buffer.of(7)), octets("public"), pdu({ tag: TRAP })))).toBeUndefined();
  const informed = community({ tag: INFORM });
  for (let length = 0; length < informed.length; length++) expect(readNotice(informed.subarray(0, length))).toBeUndefined();
});
