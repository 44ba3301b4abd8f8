import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { createSipExchange, hostText, SIP_BUDGET, type SipDraft, type SipExchange } from "../../../protocols/sip/exchange.ts";
import { answerTo, later, never, sipPhone, soon } from "./kit.ts";

const draft: SipDraft = {
  method: "OPTIONS",
  uri: "sip:x",
  headers: [
    ["From", "a"],
    ["To", "b"],
    ["Call-ID", "1"],
    ["CSeq", "1 OPTIONS"],
  ],
};
function open(): SipExchange {
  const exchange = createSipExchange({ random: seededRandom(7) });
  onTestFinished(() => exchange.close());
  return exchange;
}
const at = (port: number) => ({ address: "127.0.0.1", port });
const silent = { ok: false, fault: { kind: "unreachable", via: "sip", detail: "silent until the time limit" } };

test("SipExchange.send(): adds Via with a branch of its own and Max-Forwards, and gives the final answer", async () => {
  const phone = await sipPhone((heard, self) => self.send(answerTo(heard, "200 OK"), heard.from));
  const exchange = open();
  expect(await exchange.send(at(phone.port), draft, never)).toMatchObject({ ok: true, value: { status: 200, reason: "OK" } });
  await exchange.send(at(phone.port), draft, never);
  const vias = phone.heard.map((heard) => heard.headers.get("via"));
  for (const via of vias) expect(via).toMatch(/^SIP\/2\.0\/UDP groundswell\.invalid;branch=z9hG4bK[0-9a-f]{24};rport$/);
  expect([new Set(vias).size, phone.heard[0]?.headers.get("max-forwards")]).toEqual([2, "70"]);
});

test.each(["302 Moved", "401 Unauthorized", "486 Busy Here", "603 Decline"])("SipExchange.send(): %s is an answer", async (status) => {
  const phone = await sipPhone((heard, self) => self.send(answerTo(heard, status), heard.from));
  const answer = await open().send(at(phone.port), draft, never);
  expect(answer).toMatchObject({ ok: true, value: { status: Number(status.slice(0, 3)) } });
});

test("SipExchange.send(): a lost request is sent again, the same bytes", async () => {
  const phone = await sipPhone((heard, self) => {
    if (self.heard.length === 2) self.send(answerTo(heard, "200 OK"), heard.from);
  });
  expect(await open().send(at(phone.port), draft, never)).toMatchObject({ ok: true });
  expect([phone.heard.length, phone.heard[0]?.text === phone.heard[1]?.text]).toEqual([2, true]);
});

test("SipExchange.send(): silence is unreachable", async () => {
  const phone = await sipPhone(() => undefined);
  expect(await open().send(at(phone.port), draft, soon())).toEqual(silent);
});

test("SipExchange.send(): only provisional answers are over budget", async () => {
  const phone = await sipPhone((heard, self) => self.send(answerTo(heard, "100 Trying"), heard.from));
  const answer = await open().send(at(phone.port), draft, later());
  expect(answer).toEqual({ ok: false, fault: { kind: "overBudget", via: "sip", budget: "time", limit: SIP_BUDGET.timeMs } });
});

test("SipExchange.send(): a provisional answer, then the final one", async () => {
  const phone = await sipPhone((heard, self) => {
    self.send(answerTo(heard, "100 Trying"), heard.from);
    self.send(answerTo(heard, "200 OK"), heard.from);
  });
  expect(await open().send(at(phone.port), draft, never)).toMatchObject({ ok: true, value: { status: 200 } });
});

test.each([
  ["noise", Buffer.from([0, 1, 2, 255])],
  ["a request", Buffer.from("OPTIONS sip:us SIP/2.0\r\n\r\n")],
  ["more than is read", Buffer.alloc(9_000, "x")],
])("SipExchange.send(): %s from the target is garbled", async (_name, bytes) => {
  const phone = await sipPhone((heard, self) => self.send(bytes, heard.from));
  expect(await open().send(at(phone.port), draft, later())).toEqual({
    ok: false,
    fault: { kind: "garbled", via: "sip", wanted: "a SIP answer" },
  });
});

test("SipExchange.send(): noise does not spoil the good answer after it", async () => {
  const phone = await sipPhone((heard, self) => {
    self.send("noise", heard.from);
    self.send(answerTo(heard, "200 OK"), heard.from);
  });
  expect(await open().send(at(phone.port), draft, never)).toMatchObject({ ok: true });
});

test("SipExchange.send(): the right answer from another port is not the target's", async () => {
  const stranger = await sipPhone(() => undefined);
  const phone = await sipPhone((heard) => stranger.send(answerTo(heard, "200 OK"), heard.from));
  expect(await open().send(at(phone.port), draft, soon())).toEqual(silent);
});

test.each<readonly [string, string, string]>([
  ["branch", "branch=z9hG4bK[0-9a-f]+", "branch=z9hG4bKforeign"],
  ["Call-ID", "call-id: 1", "call-id: foreign"],
  ["CSeq", "cseq: 1 OPTIONS", "cseq: 1 NOTIFY"],
])("SipExchange.send(): an answer with a foreign %s is ignored", async (_name, ours, theirs) => {
  const phone = await sipPhone((heard, self) => self.send(answerTo(heard, "200 OK").replace(new RegExp(ours), theirs), heard.from));
  expect(await open().send(at(phone.port), draft, soon())).toEqual(silent);
});

test("SipExchange.send(): answers of many phones at once find their own askers", async () => {
  const phones = await Promise.all(
    [200, 404, 486].map((status) => sipPhone((heard, self) => self.send(answerTo(heard, `${status} x`), heard.from))),
  );
  const exchange = open();
  const answers = await Promise.all(phones.map((phone) => exchange.send(at(phone.port), draft, never)));
  expect(answers.map((answer) => answer.ok && answer.value.status)).toEqual([200, 404, 486]);
});

test.each(["phone.example", "", "256.1.1.1", "127.0.0.1 "])("SipExchange.send(): %j is not an IP address", async (address) => {
  const answer = await open().send({ address, port: 5060 }, draft, never);
  expect(answer).toEqual({ ok: false, fault: { kind: "unreachable", via: "sip", detail: "not an IP address" } });
});

test("SipExchange.send(): a caller that stops ends it as cancelled, before or while it waits", async () => {
  const stop = new AbortController();
  const phone = await sipPhone(() => stop.abort());
  const exchange = open();
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  expect(await exchange.send(at(phone.port), draft, AbortSignal.abort())).toEqual(cancelled);
  expect(phone.heard).toHaveLength(0);
  expect(await exchange.send(at(phone.port), draft, stop.signal)).toEqual(cancelled);
});

test("SipExchange.close(): ends what still waits", async () => {
  let close = (): void => undefined;
  const phone = await sipPhone(() => close());
  const exchange = open();
  close = () => void exchange.close();
  expect(await exchange.send(at(phone.port), draft, never)).toEqual({ ok: false, fault: { kind: "cancelled", by: "shutdown" } });
});

test.each(["::1", "0:0:0:0:0:0:0:1"])("SipExchange.send(): the IPv6 address %s gets its answer in any spelling", async (address) => {
  const phone = await sipPhone((heard, self) => self.send(answerTo(heard, "200 OK"), heard.from), "::1");
  expect(await open().send({ address, port: phone.port }, draft, never)).toMatchObject({ ok: true });
});

test("hostText(): an IPv6 address stands in brackets", () => {
  expect([hostText("192.0.2.7"), hostText("2001:db8::7")]).toEqual(["192.0.2.7", "[2001:db8::7]"]);
});
