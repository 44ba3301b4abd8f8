import { expect, test } from "vitest";
import { parseOffer } from "../../../protocols/ssh/offer.ts";

const list = (...names: readonly string[]): Buffer => {
  const text = Buffer.from(names.join(","), "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
};

/** SSH_MSG_KEXINIT. Source: RFC 4253 6 and 7.1. */
function keyExchange(kind = 20): Buffer {
  const lists = [list("curve25519-sha256"), list("ssh-rsa"), list("aes128-ctr"), list("aes256-ctr"), list("hmac-sha1"), list()];
  const payload = Buffer.concat([Buffer.from([kind]), Buffer.alloc(16), ...lists]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + 4);
  head[4] = 4;
  return Buffer.concat([head, payload, Buffer.alloc(4)]);
}

const HELLO = Buffer.from("SSH-2.0-dropbear\r\n");
const greeted = (lines: number): Buffer => Buffer.concat([Buffer.from("welcome\r\n".repeat(lines)), HELLO, keyExchange()]);

test("parseOffer(): the lists of a server, a greeting before its identification included", () => {
  const offer = { kex: ["curve25519-sha256"], hostKey: ["ssh-rsa"], cipher: ["aes128-ctr"], mac: ["hmac-sha1"] };
  expect([greeted(0), greeted(3)].map(parseOffer)).toEqual([offer, offer]);
});

test("parseOffer(): cut anywhere it is not complete yet", () => {
  const whole = greeted(1);
  for (let length = 0; length < whole.length; length++) expect(parseOffer(whole.subarray(0, length))).toBe("more");
});

test("parseOffer(): a greeting without end, another first packet and a length beyond all are no key exchange", () => {
  const huge = Buffer.concat([HELLO, Buffer.alloc(6, 0xff)]);
  expect([greeted(40), Buffer.from("\n".repeat(40)), Buffer.concat([HELLO, keyExchange(21)]), huge].map(parseOffer)).toEqual(
    Array(4).fill(undefined),
  );
});
