/** Requests to the provisioning endpoint, each as the messages it is sent in: of phones, of proxies, and of those who smuggle. */

export const MAC = "64167faabbcc";
/** Only ever in a request inside a request: whoever serves it was deceived. */
export const SMUGGLED_MAC = "0004f2ffffff";
export const TOKEN = "attempt-1";
export const PART = "3111-48450-001";
const AGENT = "User-Agent: FileTransport PolycomVVX-VVX_411-UA/6.4.6.2681 Type/Application";
const MESSAGE =
  '<p:ProvisionRequestMessage xmlns:p="http://polycom.com/polaris"><deviceType>GROUPSERIES</deviceType><serialNumber>8213AAAABBCCCV</serialNumber><model>RealPresence Group 500</model></p:ProvisionRequestMessage>';

export interface PhoneRequest {
  readonly messages: readonly string[];
  /** Its framing is ambiguous: the rest of it must not be served as a request of its own. */
  readonly smuggles?: true;
}

const head = (line: string, ...headers: readonly string[]): string => `${[line, "Host: x", ...headers].join("\r\n")}\r\n\r\n`;
const put = (target: string, body: string, ...more: readonly string[]): PhoneRequest => ({
  messages: [head(`PUT ${target} HTTP/1.1`, AGENT, `Content-Length: ${body.length}`, ...more), body],
});
const get = (target: string, ...headers: readonly string[]): PhoneRequest => ({
  messages: [head(`GET ${target} HTTP/1.1`, AGENT, ...headers)],
});
const INNER = head(`PUT /${SMUGGLED_MAC}-app.log HTTP/1.1`, "Content-Length: 1").concat("x");
const smuggle = (...headers: readonly string[]): PhoneRequest => ({
  messages: [head("POST /x HTTP/1.1", ...headers), `0\r\n\r\n${INNER}`],
  smuggles: true,
});

export const REQUESTS: readonly PhoneRequest[] = [
  get(`/${MAC}.cfg`),
  get(`/fw/${TOKEN}/${PART}.sip.ld`, "Range: bytes=100-199,300-"),
  get(`/fw/${TOKEN}/${PART}.sip.ld`, "Range: bytes=-50", "If-Range: x"),
  get("/000000000000.cfg", "X-Forwarded-For: 192.0.2.7, 198.51.100.1", "X-Device: 8L21ABAABBCCFD/00:e0:db:aa:bb:cc/192.0.2.7"),
  get("/%2e%2e/%2e%2e/etc/passwd"),
  get(`/fw/${TOKEN}/../../uploads/${MAC}-app.log`),
  get("/a%00b", "Upgrade: websocket", "Connection: Upgrade"),
  get("http://x/000000000000.cfg", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: Upgrade, HTTP2-Settings"),
  put(`/${MAC}-app.log`, "so   |*|00|Initial log entry.\n".repeat(8)),
  put(`/${MAC}-phone.cfg`, "<PHONE_CONFIG/>", "Expect: 100-continue"),
  put(`/${MAC}-app.log`, "part", "Content-Range: bytes 100-103/*"),
  put(`/${MAC}-directory.xml`, "<directory/>"),
  {
    messages: [
      head(`PUT /${MAC}-boot.log HTTP/1.1`, "Transfer-Encoding: chunked"),
      "5;x=y\r\nhello\r\n",
      "3\r\n...\r\n",
      "0\r\nx: y\r\n\r\n",
    ],
  },
  { messages: [head("POST /dms HTTP/1.1", "Content-Type: text/xml", `Content-Length: ${MESSAGE.length}`), MESSAGE] },
  { messages: [head(`GET /${MAC}.cfg HTTP/1.1`, AGENT), head(`HEAD /${MAC}-app.log HTTP/1.1`, AGENT), head("OPTIONS * HTTP/1.1")] },
  { messages: [head("CONNECT 127.0.0.1:1 HTTP/1.1"), "noise"] },
  { messages: ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] },
  { messages: ["GET /\r\n\r\n"] },
  { messages: ["\u0016\u0003\u0001\u0000\u0005hello"] },
  smuggle(`Content-Length: ${INNER.length + 5}`, "Transfer-Encoding: chunked"),
  smuggle("Content-Length: 5", `Content-Length: ${INNER.length + 5}`),
  smuggle(`Content-Length: ${INNER.length + 5}`, "Transfer-Encoding: xchunked"),
  smuggle(`Content-Length: ${INNER.length + 5}`, "Transfer-Encoding : chunked"),
  smuggle(`Content-Length: ${INNER.length + 5}`, "Transfer-Encoding:\u000bchunked"),
  smuggle("Content-Length: +5"),
  smuggle("Content-Length: 0x5"),
  smuggle("Content-Length: 5,5"),
  smuggle(`Content-Length: ${INNER.length + 5}`, "X: y\r\n Transfer-Encoding: chunked"),
];
