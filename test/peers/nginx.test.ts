/** Our HTTP client against a real nginx: certificates on both sides, log-in after the subject check, budgets. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, expect } from "vitest";
import { HTTP_BUDGET } from "../../protocols/core/budget.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { createHttpClient, type HttpAsk, type HttpClient, type HttpTarget } from "../../protocols/http/client.ts";
import type { ClientIdentity } from "../../protocols/http/identity.ts";
import { makeCertificate } from "../support/certificate.ts";
import { peerTest } from "./peer.ts";

const NGINX = "/usr/sbin/nginx";
const MAC = "64167faabbcc";
const never = new AbortController().signal;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false)).once("connect", () => resolve(true));
    socket.once("connect", () => socket.destroy());
  });

interface Nginx {
  readonly target: HttpTarget;
  /** One line a request: status, and whether it carried a log-in. */
  log(): readonly string[];
}

const ours = makeCertificate("CN=groundswell");

/** `server` stands inside the server block, `where` inside `location /`. */
async function startNginx(server: string, where: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-nginx-"));
  const port = await freePort();
  const device = makeCertificate(`CN=${MAC}, O=Polycom Inc.`);
  const file = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  file("cert.pem", device.cert);
  file("key.pem", device.key);
  file("clients.pem", ours.cert);
  file("users", "admin:{PLAIN}right-password\n");
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  file(
    "nginx.conf",
    `worker_processes 1; daemon off; error_log ${folder}/error.log; pid ${folder}/pid;
${process.getuid?.() === 0 ? "user root;" : ""}
events {}
http {
  ${temp}
  log_format seen '$status login=$http_authorization'; access_log ${folder}/access.log seen;
  gzip_types application/json; gzip_min_length 1;
  server {
    listen 127.0.0.1:${port} ssl; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    ${server.replaceAll("FOLDER", folder)}
    location / { default_type application/json; ${where.replaceAll("FOLDER", folder)} }
  }
}
`,
  );
  const child: ChildProcess = spawn(NGINX, ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  closers.push(async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  for (let tries = 0; !(await listens(port)); tries++) {
    if (tries > 5_000 || child.exitCode !== null)
      throw new Error(`nginx did not come up: ${readFileSync(join(folder, "error.log"), "utf8")}`);
  }
  return {
    target: { address: "127.0.0.1", port, secure: true, trust: "any" },
    log: () =>
      readFileSync(join(folder, "access.log"), "utf8")
        .trim()
        .split("\n")
        .filter((line) => line !== ""),
  };
}

function client(identity?: ClientIdentity): HttpClient {
  const http = createHttpClient({ random: systemRandom(), ...(identity === undefined ? {} : { identity }) });
  closers.push(() => http.close());
  return http;
}

const GET: HttpAsk = { method: "GET", path: "/" };
const login = { id: "rooms", user: "admin", password: new Secret("right-password") };

peerTest("nginx: our client certificate is shown to a server that demands one, and is the one it sees", NGINX, async () => {
  const { target } = await startNginx("ssl_client_certificate FOLDER/clients.pem; ssl_verify_client on;", "return 200 '$ssl_client_s_dn';");
  const answer = await client({ certificate: ours.cert, key: new Secret(ours.key) }).ask(target, GET, never);
  expect(answer.ok && answer.value.body.toString()).toBe("CN=groundswell");
});

peerTest("nginx: without a certificate, or with a stranger's, its page says so and no more is learnt", NGINX, async () => {
  const { target } = await startNginx("ssl_client_certificate FOLDER/clients.pem; ssl_verify_client on;", "return 200 'secret';");
  const stranger = makeCertificate("CN=stranger");
  for (const identity of [undefined, { certificate: stranger.cert, key: new Secret(stranger.key) }]) {
    const answer = await client(identity).ask(target, GET, never);
    expect(answer.ok && answer.value.status).toBe(400);
    expect(answer.ok && answer.value.body.toString()).not.toContain("secret");
  }
});

peerTest("nginx: the asks of one visit go over one connection, kept", NGINX, async () => {
  const { target, log } = await startNginx("", "return 200 '$connection_requests';");
  const http = client();
  const mac = parseMac(MAC);
  const expecting = { ...target, ...(mac === undefined ? {} : { expectMac: mac }) };
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await http.ask(expecting, GET, never));
  expect(answers.map((answer) => answer.ok && answer.value.body.toString())).toEqual(["1", "2", "3"]);
  expect(log()).toHaveLength(3);
});

peerTest("nginx: another certificate than the device's ends the ask before any log-in is on the wire", NGINX, async () => {
  const { target, log } = await startNginx("", "auth_basic rooms; auth_basic_user_file FOLDER/users; try_files $uri =404;");
  const other = parseMac("64167f000001");
  if (other === undefined) throw new Error("no MAC");
  const impostor = await client().ask({ ...target, expectMac: other }, { ...GET, login }, never);
  expect(impostor).toMatchObject({ ok: false, fault: { kind: "impostor", found: MAC } });
  const wrong = { ...login, password: new Secret("wrong-password") };
  const refused = await client().ask(target, { ...GET, login: wrong }, never);
  expect(refused).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "rooms" } });
  const right = await client().ask(target, { ...GET, login }, never);
  expect(right.ok && right.value.status).toBe(404);
  // Of the impostor nothing; then each challenge without a log-in, and its answer.
  expect(log().map((line) => line.replace(/login=Basic .+/, "login=yes"))).toEqual([
    "401 login=-",
    "401 login=yes",
    "401 login=-",
    "404 login=yes",
  ]);
});

peerTest("nginx: an answer over the budget is cut off, one that drips ends with the wall clock", NGINX, async () => {
  const { target } = await startNginx("", "root FOLDER; limit_rate 10;");
  const http = client();
  const small = { ...HTTP_BUDGET, bytes: 100 };
  expect(await http.ask(target, { ...GET, path: "/cert.pem", budget: small }, never)).toMatchObject({
    ok: false,
    fault: { kind: "overBudget" },
  });
  const short = { ...HTTP_BUDGET, timeMs: 400 };
  const fault = { kind: "overBudget", budget: "time" };
  expect(await http.ask(target, { ...GET, path: "/cert.pem", budget: short }, never)).toMatchObject({ ok: false, fault });
});

peerTest("nginx: what it packs only where asked to comes plain, and packed where we ask", NGINX, async () => {
  const { target } = await startNginx("gzip on;", `return 200 '{"data":"${"x".repeat(100)}"}';`);
  const plain = await client().ask(target, GET, never);
  const packed = await client().ask(target, { ...GET, headers: { "accept-encoding": "gzip" } }, never);
  expect(plain.ok && plain.value.headers.get("content-encoding")).toBeUndefined();
  expect(packed.ok && plain.ok && gunzipSync(packed.value.body).equals(plain.value.body)).toBe(true);
});

peerTest("nginx: TLS 1.0 is spoken only where a person said so [prov 3.6]", NGINX, async () => {
  const { target } = await startNginx("ssl_protocols TLSv1; ssl_ciphers DEFAULT:@SECLEVEL=0;", "return 200 'old';");
  const modern = await client().ask(target, GET, never);
  expect(modern).toMatchObject({ ok: false, fault: { via: "tls" } });
  const old = await client().ask({ ...target, oldTls: true }, GET, never);
  expect(old.ok && old.value.body.toString()).toBe("old");
});
