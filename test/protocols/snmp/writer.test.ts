import { expect, test } from "vitest";
import { GET_AT_ONCE } from "../../../protocols/snmp/asks.ts";
import { readOutside } from "../../../protocols/snmp/guard.ts";
import { type Asked, createNames, writeByCommunity, writeScoped, writeVersion3 } from "../../../protocols/snmp/writer.ts";

/** RFC 2578, 3.5: 128 numbers of 32 bits. */
const LONGEST = ["1.3", ...Array(125).fill("4294967295")].join(".");
const names = createNames();
const longest = (count: number): Asked[] => Array.from({ length: count }, (_, i) => names(`${LONGEST}.${4_294_967_295 - i}`) as Asked);

test("writeByCommunity(): the most and longest names one question may have", () => {
  const packet = writeByCommunity(1, Buffer.alloc(128, "c"), { id: 7, objects: longest(GET_AT_ONCE) });
  expect(readOutside(packet)).toMatchObject({ ok: true, value: { version: "2c", kind: "request", id: 7 } });
});

test("writeVersion3(): the most and longest names one question may have", () => {
  const data = writeScoped(Buffer.alloc(32), Buffer.alloc(255), { id: 7, objects: longest(GET_AT_ONCE) });
  const [engine, user, salt] = [Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(8)];
  const { packet } = writeVersion3({ id: 7, level: 3, engine, boots: 1, seconds: 1, user, digestBytes: 24, salt }, data);
  expect(readOutside(packet)).toMatchObject({ ok: true, value: { version: "3", level: 3, id: 7 } });
});
