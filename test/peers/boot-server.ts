/** A real nginx as a customer's boot server: plain files, uploads where they belong, unprivileged, on loopback. */
import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { freePort } from "../../agent/demo/free-port.ts";

export const NGINX = "/usr/sbin/nginx";
const NOBODY = 65534;

export interface BootServer {
  readonly url: string;
  readonly port: number;
  /** Its files. */
  readonly folder: string;
  /** Puts other files there, with whose rights it can write them. */
  fill(write: (folder: string) => void): void;
  /** Lines so far, that many at least: method, path, status. Each is written down after its answer was seen. */
  lines(count: number): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** `uploads`: takes PUT, as a WebDAV server; else it only gives. */
export async function openBootServer(how: { readonly uploads: boolean; readonly directives?: readonly string[] }): Promise<BootServer> {
  const base = mkdtempSync(join(tmpdir(), "groundswell-boot-"));
  const folder = join(base, "files");
  const port = await freePort();
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
  const own = (path: string): void => {
    if (who !== undefined) chownSync(path, who.uid, who.gid);
  };
  const dav = how.uploads ? ["dav_methods PUT DELETE;", "create_full_put_path on;", "client_max_body_size 20m;"] : [];
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${join(base, name)};`);
  const http = [
    ...["types { text/xml cfg xml; }", "default_type application/octet-stream;", "gzip on;", "gzip_types *;", "gzip_min_length 1;"],
    ...["log_format seen '$request_method $uri $status';", "access_log seen.log seen;", ...temporary],
    `server { listen 127.0.0.1:${port}; root ${folder}; ${(how.directives ?? []).join(" ")} location / { ${dav.join(" ")} } }`,
  ];
  const main = ["daemon off;", "master_process off;", "error_log stderr notice;", "pid nginx.pid;", "events { worker_connections 2048; }"];
  writeFileSync(join(base, "config"), [...main, `http { ${http.join("\n")} }`].join("\n"));
  own(base);
  own(join(base, "config"));
  const child = spawn(NGINX, ["-p", base, "-e", "stderr", "-c", join(base, "config")], { stdio: ["ignore", "ignore", "pipe"], ...who });
  const over = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGQUIT");
    await over;
  };
  onTestFinished(async () => {
    await stop();
    rmSync(base, { recursive: true, force: true });
  });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString();
      // Said after the sockets listen.
      if (said.includes("RLIMIT_NOFILE")) resolve();
    });
    child.once("exit", () => reject(new Error(`nginx ended: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    folder,
    fill(write) {
      write(folder);
      own(folder);
      for (const path of readdirSync(folder, { recursive: true }) as string[]) own(join(folder, path));
    },
    async lines(count) {
      const lines = (): readonly string[] => readFileSync(join(base, "seen.log"), "utf8").split("\n").slice(0, -1);
      await vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(count), { timeout: 10_000 });
      return lines();
    },
    stop,
  };
}
