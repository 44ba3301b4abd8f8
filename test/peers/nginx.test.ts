/** Our HTTP client against a real web server, unprivileged, on loopback, with certificates of its own. */
import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, expect } from "vitest";
import { freePort } from "../../agent/demo/free-port.ts";
import { HTTP_BUDGET } from "../../protocols/core/budget.ts";
import type { Result } from "../../protocols/core/fault.ts";
import type { Mac } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Login, Secret } from "../../protocols/core/secret.ts";
import { createHttpClient, type HttpAnswer, type HttpAsk, type HttpClient, type HttpTarget } from "../../protocols/http/client.ts";
import { type MadeCertificate, makeAuthority, makeCertificate } from "../support/certificate.ts";
import { peerTest } from "./peer.ts";

const NGINX = "/usr/sbin/nginx";
const NOBODY = 65534;
const MAC = "64167faabbcc" as Mac;
const OTHER_MAC = "64167fddeeff" as Mac;
const never = new AbortController().signal;
const own = makeCertificate(`CN=${MAC}, O=Polycom Inc.`);
const authority = makeAuthority("CN=site");
const ours = authority.issue("CN=agent, O=Partner");
const login: Login = { id: "site", user: "Polycom", password: new Secret("s3cret-canary") };
const BASIC = `Basic ${Buffer.from("Polycom:s3cret-canary").toString("base64")}`;
const PAGE = "x".repeat(64 * 1024);

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Nginx {
  readonly port: number;
  /** Ends it, so that the log is whole: one line per request with status, path and `Authorization`. */
  requests(): Promise<readonly string[]>;
}

/** One server with these directives. As root it runs as nobody, else as whoever runs the test. */
async function startNginx(directives: readonly string[]): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-nginx-"));
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${join(folder, name)};`);
  const server = [
    `listen 127.0.0.1:${port} ssl;`,
    "ssl_certificate cert.pem;",
    "ssl_certificate_key key.pem;",
    `root ${folder};`,
    ...directives,
  ];
  const http = [
    "log_format seen '$status $uri $http_authorization';",
    "access_log seen.log seen;",
    ...temporary,
    `server { ${server.join(" ")} }`,
  ];
  const main = ["daemon off;", "master_process off;", "error_log stderr notice;", "pid nginx.pid;", "events { worker_connections 64; }"];
  const config = [...main, `http { ${http.join("\n")} }`].join("\n");
  const files = {
    config,
    "cert.pem": own.cert,
    "key.pem": own.key,
    "ca.pem": authority.cert,
    page: PAGE,
    users: "Polycom:{PLAIN}s3cret-canary\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (who.uid !== undefined)
    for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) chownSync(path, who.uid, who.gid);
  const child = spawn(NGINX, ["-p", folder, "-e", "stderr", "-c", join(folder, "config")], { stdio: ["ignore", "ignore", "pipe"], ...who });
  const over = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGQUIT");
    await over;
  };
  closers.push(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    // Said after the sockets listen.
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("RLIMIT_NOFILE")) resolve();
    });
    child.once("exit", () => reject(new Error(`nginx ended: ${said}`)));
  });
  return {
    port,
    async requests() {
      await stop();
      return readFileSync(join(folder, "seen.log"), "utf8").split("\n").slice(0, -1);
    },
  };
}

function client(): HttpClient {
  const http = createHttpClient({ random: seededRandom(7) });
  closers.push(() => http.close());
  return http;
}

const targetOf = ({ port }: Nginx, more: Partial<HttpTarget> = {}): HttpTarget => ({
  ...{ address: "127.0.0.1", port, secure: true, trust: "any" },
  ...more,
});
const as = ({ cert, key }: MadeCertificate): Partial<HttpTarget> => ({ identity: { certificate: cert, key: new Secret(key) } });
const get = (path: string, more: Partial<HttpAsk> = {}): HttpAsk => ({ method: "GET", path, ...more });
const said = (answer: Result<HttpAnswer>): unknown =>
  answer.ok ? [answer.value.status, answer.value.body.toString("utf8")] : answer.fault;
const VERIFY = ["ssl_client_certificate ca.pem;", "ssl_verify_client on;"];

for (const protocol of ["TLSv1.2", "TLSv1.3"]) {
  peerTest(
    `http client: nginx (${protocol}) that demands a client certificate knows us by ours; its word on none or a wrong one is an answer`,
    NGINX,
    async () => {
      const nginx = await startNginx([
        ...VERIFY,
        `ssl_protocols ${protocol};`,
        "location / { return 200 '$ssl_client_verify $ssl_client_s_dn'; }",
      ]);
      const ask = async (more: Partial<HttpTarget>) => said(await client().ask(targetOf(nginx, more), get("/"), never));
      expect(await ask(as(ours))).toEqual([200, "SUCCESS O=Partner,CN=agent"]);
      // nginx ends the handshake well and refuses the request; a 400 alone may mean anything, so it is no fault here.
      expect(await ask({})).toEqual([400, expect.stringContaining("No required SSL certificate was sent")]);
      expect(await ask(as(makeAuthority("CN=other").issue("CN=agent")))).toEqual([
        400,
        expect.stringContaining("The SSL certificate error"),
      ]);
      expect(await ask(as(authority.issue("CN=agent", Date.UTC(2021, 0, 1))))).toEqual([
        400,
        expect.stringContaining("The SSL certificate error"),
      ]);
    },
  );
}

peerTest("http client: nginx gets a password only after its certificate named the MAC we expect", NGINX, async () => {
  const nginx = await startNginx(["auth_basic 'phone';", "auth_basic_user_file users;", "location / { }"]);
  const ask = (target: Partial<HttpTarget>, who: Login) => client().ask(targetOf(nginx, target), get("/page", { login: who }), never);
  expect(await ask({ expectMac: OTHER_MAC }, login)).toMatchObject({
    ok: false,
    fault: { kind: "impostor", wanted: OTHER_MAC, found: MAC },
  });
  expect(await ask({ expectMac: MAC }, login)).toMatchObject({ ok: true, value: { status: 200 } });
  const wrong = { ...login, id: "wrong", password: new Secret("guess") };
  expect(await ask({ expectMac: MAC }, wrong)).toEqual({ ok: false, fault: { kind: "denied", via: "https", credentialId: "wrong" } });
  // The impostor's share of this log is nothing at all.
  const guess = `Basic ${Buffer.from("Polycom:guess").toString("base64")}`;
  expect(await nginx.requests()).toEqual(["401 /page -", `200 /page ${BASIC}`, "401 /page -", `401 /page ${guess}`]);
});

peerTest("http client: with a certificate of ours too, nginx hears nothing under another name than the one expected", NGINX, async () => {
  const nginx = await startNginx([...VERIFY, "auth_basic 'phone';", "auth_basic_user_file users;", "location / { }"]);
  const ask = (expectMac: Mac) => client().ask(targetOf(nginx, { ...as(ours), expectMac }), get("/page", { login }), never);
  expect(await ask(OTHER_MAC)).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(await ask(MAC)).toMatchObject({ ok: true, value: { status: 200 } });
  expect(await nginx.requests()).toEqual(["401 /page -", `200 /page ${BASIC}`]);
});

peerTest("http client: asks of one visit share one connection to nginx", NGINX, async () => {
  const nginx = await startNginx([...VERIFY, "location / { return 200 '$connection $connection_requests'; }"]);
  const http = client();
  const heard: unknown[] = [];
  for (let i = 0; i < 3; i++) heard.push(said(await http.ask(targetOf(nginx, as(ours)), get("/"), never)));
  const [connection] = /\d+/.exec(String((heard[0] as readonly unknown[])[1])) ?? [];
  expect(heard).toEqual([1, 2, 3].map((count) => [200, `${connection} ${count}`]));
});

peerTest("http client: a page of nginx larger than the budget is cut off, one as large as it is read", NGINX, async () => {
  const nginx = await startNginx(["location / { }"]);
  const ask = (bytes: number) => client().ask(targetOf(nginx), get("/page", { budget: { ...HTTP_BUDGET, bytes } }), never);
  expect(await ask(PAGE.length)).toMatchObject({ ok: true, value: { status: 200 } });
  const fault = { kind: "overBudget", via: "https", budget: "bytes", limit: PAGE.length - 1 };
  expect(await ask(PAGE.length - 1)).toEqual({ ok: false, fault });
});

peerTest(
  "http client: chunks of nginx are put together; it compresses only for whoever says so, and then the bytes are left as they came",
  NGINX,
  async () => {
    const nginx = await startNginx(["ssi on;", "ssi_types *;", "gzip on;", "gzip_types *;", "default_type text/plain;", "location / { }"]);
    const ask = (headers: Readonly<Record<string, string>>) => client().ask(targetOf(nginx), get("/page", { headers }), never);
    const plain = await ask({});
    expect(said(plain)).toEqual([200, PAGE]);
    expect(plain.ok && [plain.value.headers.get("transfer-encoding"), plain.value.headers.has("content-encoding")]).toEqual([
      "chunked",
      false,
    ]);
    const packed = await ask({ "accept-encoding": "gzip" });
    expect(packed.ok && packed.value.headers.get("content-encoding")).toBe("gzip");
    expect(packed.ok && gunzipSync(packed.value.body).toString()).toBe(PAGE);
  },
);

peerTest("http client: a page that nginx lets drip ends with the budget of time", NGINX, async () => {
  const nginx = await startNginx(["limit_rate 1k;", "location / { }"]);
  const budget = { ...HTTP_BUDGET, timeMs: 600 };
  const fault = { kind: "overBudget", via: "https", budget: "time", limit: 600 };
  expect(await client().ask(targetOf(nginx), get("/page", { budget }), never)).toEqual({ ok: false, fault });
});

peerTest("http client: an nginx of TLS 1.2 is reached, one of TLS 1.0 only where a person allowed it", NGINX, async () => {
  const page = "location / { return 200 $ssl_protocol; }";
  const modern = await startNginx(["ssl_protocols TLSv1.2;", page]);
  const old = await startNginx(["ssl_protocols TLSv1;", "ssl_ciphers DEFAULT:@SECLEVEL=0;", page]);
  const ask = async (nginx: Nginx, more: Partial<HttpTarget> = {}) => said(await client().ask(targetOf(nginx, more), get("/"), never));
  expect(await ask(modern)).toEqual([200, "TLSv1.2"]);
  expect(await ask(old)).toMatchObject({ kind: "garbled", via: "tls" });
  expect(await ask(old, { oldTls: true })).toEqual([200, "TLSv1"]);
  expect(await ask(modern, { oldTls: true })).toEqual([200, "TLSv1.2"]);
});
