import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseSipResponse,
  SIP_MESSAGE_BYTES,
  sipUserOf,
  sipUserText,
  viaParameter,
  writeSipRequest,
} from "../../../protocols/sip/message.ts";

const read = (text: string) => parseSipResponse(Buffer.from(text));
const HEAD = "SIP/2.0 200 OK\r\n";

test("parseSipResponse(): status, reason, headers by long name in lower case, body", () => {
  const response = read(
    `${HEAD}v: SIP/2.0/UDP x;branch=z9hG4bKa\r\nFROM: <sip:a@b>\r\nCall-ID : 1@x\r\nm:<sip:1001@192.0.2.7>\r\nVia: second\r\nl: 4\r\n\r\nbodymore`,
  );
  expect(response).toMatchObject({ status: 200, reason: "OK", body: "body" });
  expect([...(response?.headers ?? [])]).toEqual([
    ["via", ["SIP/2.0/UDP x;branch=z9hG4bKa", "second"]],
    ["from", ["<sip:a@b>"]],
    ["call-id", ["1@x"]],
    ["contact", ["<sip:1001@192.0.2.7>"]],
    ["content-length", ["4"]],
  ]);
});

test("parseSipResponse(): a folded header is one line; bare line feeds are taken", () => {
  expect(read(`SIP/2.0 200 OK\nUser-Agent: a\n  b\n\t c\n\n`)?.headers.get("user-agent")).toEqual(["a b c"]);
});

test("parseSipResponse(): Content-Length counts bytes, not characters", () => {
  expect(read(`${HEAD}Content-Length: 4\r\n\r\näöxyz`)?.body).toBe("äö");
});

test("parseSipResponse(): a length that is missing or no number takes all there is", () => {
  expect([read(`${HEAD}\r\nabc`)?.body, read(`${HEAD}l: -1\r\n\r\nabc`)?.body]).toEqual(["abc", "abc"]);
});

test.each([
  ["nothing", ""],
  ["a request", "OPTIONS sip:x SIP/2.0\r\n\r\n"],
  ["a status below 100", "SIP/2.0 099 x\r\n\r\n"],
  ["a status above 699", "SIP/2.0 700 x\r\n\r\n"],
  ["a status of four digits", "SIP/2.0 2000 x\r\n\r\n"],
  ["another version", "SIP/3.0 200 OK\r\n\r\n"],
  ["HTTP", "HTTP/1.1 200 OK\r\n\r\n"],
  ["a header without a colon", `${HEAD}nonsense\r\n\r\n`],
  ["a header without a name", `${HEAD}: x\r\n\r\n`],
  ["more headers than any phone sends", `${HEAD}${"x: y\r\n".repeat(200)}\r\n`],
  ["more than is read", `${HEAD}x: ${"y".repeat(SIP_MESSAGE_BYTES)}\r\n\r\n`],
])("parseSipResponse(): %s is no answer", (_name, text) => {
  expect(read(text)).toBeUndefined();
});

test("parseSipResponse(): names of JavaScript's own are headers like others", () => {
  const headers = read(`${HEAD}__proto__: a\r\nconstructor: b\r\ntoString: c\r\n\r\n`)?.headers;
  expect([headers?.get("__proto__"), headers?.get("constructor"), headers?.get("tostring")]).toEqual([["a"], ["b"], ["c"]]);
});

test("parseSipResponse(): never throws; what it gives is a status from 100 to 699", () => {
  const line = fc.constantFrom(
    "Via: SIP/2.0/UDP x;branch=z",
    "v:",
    ":",
    "l: 99999999",
    " folded",
    "Call-ID: 1",
    "\u0000",
    "To: <sip:",
    "é: ü",
    "",
  );
  const text = fc
    .tuple(
      fc.constantFrom("SIP/2.0 200 OK", "SIP/2.0 199", "sip/2.0 600 ", "SIP/2.0 2", ""),
      fc.array(fc.oneof(line, fc.string())),
      fc.string(),
    )
    .map(([first, lines, body]) => Buffer.from([first, ...lines, "", body].join("\r\n")));
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(text, noise), (datagram) => {
      const response = parseSipResponse(datagram);
      if (response === undefined) return;
      expect(response.status >= 100 && response.status <= 699).toBe(true);
      sipUserOf(response.headers.get("contact")?.[0] ?? "");
      viaParameter(response.headers.get("via")?.[0] ?? "", "branch");
    }),
  );
});

test("writeSipRequest(): one line each, the body's length in bytes", () => {
  const bytes = writeSipRequest({ method: "NOTIFY", uri: "sip:x", headers: [["Event", "check-sync"]], body: "grüße" });
  expect(bytes.toString()).toBe("NOTIFY sip:x SIP/2.0\r\nEvent: check-sync\r\nContent-Length: 7\r\n\r\ngrüße");
});

test("writeSipRequest(): no value, name, method or address can add a header or end the headers", () => {
  const evil = fc.array(fc.constantFrom("\r\n", "\n", "\r", "X: y", " ", "a")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(evil, evil, evil, evil, (method, uri, name, value) => {
      const lines = writeSipRequest({ method, uri, headers: [[name, value]] })
        .toString()
        .split(/\r\n|\r|\n/);
      return lines.length === 5 && lines[2] === "Content-Length: 0";
    }),
  );
});

test.each([
  ['"1001" <sip:1001@192.0.2.7:5060>;expires=60', "1001"],
  ["sips:1001@192.0.2.7", "1001"],
  ["<sip:192.0.2.7>", undefined],
  ["<sip:a b@192.0.2.7>", undefined],
  [`<sip:${"1".repeat(129)}@x>`, undefined],
  ["", undefined],
] as const)("sipUserOf(): %j is %s", (header, user) => {
  expect(sipUserOf(header)).toBe(user);
});

test.each([
  ["SIP/2.0/UDP x;branch=z9hG4bKa;received=192.0.2.1;rport=5060", "branch", "z9hG4bKa"],
  ["SIP/2.0/UDP x ; Branch = z9 ;rport", "branch", "z9"],
  ["SIP/2.0/UDP x;rport", "rport", ""],
  ["SIP/2.0/UDP x;rport", "branch", undefined],
  ["branch=z9", "branch", undefined],
] as const)("viaParameter(): %j has %s %s", (via, name, value) => {
  expect(viaParameter(via, name)).toBe(value);
});

test("sipUserText(): only what may stand in an address, and no more than fits", () => {
  expect(sipUserText("1001;x@evil>\r\nX: y %41")).toBe("1001xevilXy41");
  expect(sipUserText("9".repeat(500))).toHaveLength(128);
});
