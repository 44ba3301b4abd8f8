/** nginx as the web server of all devices: real TLS, one certificate, a short JSON answer. Runs as a child of ours in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../agent/demo/free-port.ts";
import { makeCertificate } from "../../test/support/certificate.ts";
import { addressOf, BODY, DEVICES, PATH } from "./https-plan.ts";

const NGINX = "/usr/sbin/nginx";

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, addressOf(DEVICES - 1));
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

export async function startWebServer(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-"));
  const port = await freePort();
  const { cert, key } = makeCertificate("CN=482567aabbcc, O=Polycom Inc.");
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
  const listens = Array.from({ length: DEVICES }, (_, index) => `    listen ${addressOf(index)}:${port} ssl;`).join("\n");
  writeFileSync(
    join(folder, "nginx.conf"),
    `worker_processes 1; daemon off; error_log stderr error; pid ${folder}/pid;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000; keepalive_timeout 30s;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
${listens}
    ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem; ssl_session_cache off; ssl_session_tickets off;
    location = ${PATH} { default_type application/json; return 200 '${BODY}'; }
  }
}
`,
  );
  const child: ChildProcess = spawn(NGINX, ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error("Cannot measure: nginx did not start");
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    port,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
