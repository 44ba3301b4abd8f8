/** HTTP answers as an odd device might send them, each as the messages it is said in. The first of each list is the head. */

export type Script = readonly (Buffer | string)[];

const JSON_BODY = '{"data":{"ModelNumber":"VVX 411","FirmwareRelease":"6.4.6.2681"},"Status":"2000"}';
const ok = (...lines: readonly string[]): string => `${["HTTP/1.1 200 OK", ...lines].join("\r\n")}\r\n\r\n`;
const json = (body: string): string => ok("content-type: application/json", `content-length: ${body.length}`);
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const HINT = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

export const CHALLENGE: Script = [
  'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="Polycom", qop="auth", nonce="5f2c", opaque="0000", algorithm=MD5\r\n',
  'WWW-Authenticate: Basic realm="Polycom"\r\ncontent-length: 4\r\n\r\n',
  "nope",
];
export const PLAIN: Script = [json(JSON_BODY), JSON_BODY];
const SESSION_BODY = '{"success":true,"session":{"sessionId":"PSN0HppfZap2","isAuthenticated":true}}';
export const SESSION: Script = [
  "HTTP/1.1 200 OK\r\nset-cookie: session_id=PSN0HppfZap2; path=/; HttpOnly\r\n",
  `set-cookie: XSRF-TOKEN=a1b2\r\ncontent-length: ${SESSION_BODY.length}\r\n\r\n`,
  SESSION_BODY,
];

/** Every one may stand in place of a plain answer. */
export const SCRIPTS: readonly Script[] = [
  PLAIN,
  PLAIN,
  [ok("transfer-encoding: chunked"), chunk('{"data":'), chunk("{}"), "1;name=value\r\n}\r\n", "0\r\nx-trailer: 1\r\n\r\n"],
  [ok("content-encoding: gzip", "content-length: 5"), "plain"],
  [ok("content-encoding: gzip, br, deflate", "transfer-encoding: chunked"), chunk("\u001f\u008b\u0008"), "0\r\n\r\n"],
  [`HTTP/1.1 200 OK\r\n`, ...Array.from({ length: 60 }, (_, i) => `x-header-${i}: ${"v".repeat(i * 8)}\r\n`), "content-length: 0\r\n\r\n"],
  [`HTTP/1.1 200 OK\r\n`, ...Array.from({ length: 40 }, () => "set-cookie: session_id=x; Path=/\r\n"), "content-length: 2\r\n\r\n", "{}"],
  [CONTINUE, HINT, HINT, CONTINUE, json(JSON_BODY), JSON_BODY],
  [HINT.repeat(300), json("{}"), "{}"],
  ["HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", "\u0081\u0005hello"],
  [json(JSON_BODY), JSON_BODY, json("[]"), "[]"],
  [json("[1]"), `[1]${json("[2]")}[2]`],
  ["HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", "hello"],
  ["HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", chunk("x"), "0\r\n\r\n"],
  [ok("content-length: 3"), '{"a":1,"b":2}'],
  [ok("content-length: 4000"), JSON_BODY],
  [ok("content-length: 99999999999999999999"), JSON_BODY],
  ["HTTP/1.0 200 OK\r\nconnection: close\r\n\r\n", JSON_BODY],
  ["HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"],
  [ok("transfer-encoding: chunked", "content-length: 5"), "0\r\n\r\n"],
  [ok("connection: keep-alive", "keep-alive: timeout=9999999999999, max=-1", "content-length: 2"), "{}"],
  [ok("keep-alive: timeout=0", "content-length: 2"), "{}"],
  ["HTTP/1.1 503 Service Unavailable\r\nretry-after: -1\r\ncontent-length: 0\r\n\r\n"],
  [`HTTP/1.1 200 ${"O".repeat(3_000)}\r\ncontent-length: 0\r\n\r\n`],
];
