import { expect, test } from "vitest";
import { answerTo, never, sipClient, sipPhone, soon } from "./kit.ts";

test("SipClient.options(): asks who is there, outside any call [uc 7.1]", async () => {
  const phone = await sipPhone((heard, self) =>
    self.send(
      answerTo(heard, "200 OK", ["User-Agent: PolycomVVX-VVX_350-UA/5.8.0.13337", "Contact: <sip:1001@192.0.2.7:5060>"]),
      heard.from,
    ),
  );
  expect(await sipClient().options({ address: "127.0.0.1", port: phone.port }, never)).toMatchObject({
    ok: true,
    value: { status: 200, userAgent: "PolycomVVX-VVX_350-UA/5.8.0.13337", contactUser: "1001" },
  });
  const [heard] = phone.heard;
  expect(heard?.line).toBe(`OPTIONS sip:127.0.0.1:${phone.port} SIP/2.0`);
  expect(Object.fromEntries(heard?.headers ?? [])).toMatchObject({
    from: expect.stringMatching(/^<sip:groundswell@groundswell\.invalid>;tag=[0-9a-f]{12}$/),
    to: `<sip:127.0.0.1:${phone.port}>`,
    "call-id": expect.stringMatching(/^[0-9a-f]{24}@groundswell\.invalid$/),
    cseq: "1 OPTIONS",
    "content-length": "0",
  });
});

test("SipClient.options(): any final status is an answer; Server stands in for User-Agent, what is missing is absent", async () => {
  const phone = await sipPhone((heard, self) => self.send(answerTo(heard, "486 Busy Here", ["Server: x"]), heard.from));
  const answer = await sipClient().options({ address: "127.0.0.1", port: phone.port }, never);
  expect(answer).toMatchObject({ ok: true, value: { status: 486, userAgent: "x" } });
  expect(answer.ok && answer.value.headers?.get("server")).toEqual(["x"]);
  expect(answer.ok && answer.value.contactUser).toBeUndefined();
});

test("SipClient.options(): each ask has a Call-ID of its own", async () => {
  const phone = await sipPhone((heard, self) => self.send(answerTo(heard, "200 OK"), heard.from));
  const client = sipClient();
  for (let i = 0; i < 3; i++) await client.options({ address: "127.0.0.1", port: phone.port }, never);
  expect(new Set(phone.heard.map((heard) => heard.headers.get("call-id"))).size).toBe(3);
});

test("SipClient.options(): silence is a fault [uc 7.3]", async () => {
  const phone = await sipPhone(() => undefined);
  const answer = await sipClient().options({ address: "127.0.0.1", port: phone.port }, soon());
  expect(answer).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "sip" } });
});
