/** The peers, as a person would use them on a shell, and the server both sides fetch from. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../../agent/demo/free-port.ts";
import { nowMs, run } from "../child.ts";

export interface Took {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What a shell command takes, with all its children. The shell says their processor time by itself. */
export async function shell(command: string): Promise<Took & { readonly said: string }> {
  const startMs = nowMs();
  const said = await run(["sh", "-c", `${command} && times`]);
  const wallMs = nowMs() - startMs;
  // Two lines: the shell's own, its children's; `0m0.123s 0m0.045s` each.
  const [children = ""] = said.trim().split("\n").slice(-1);
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  return { wallMs, cpuMs: seconds.reduce((sum, one) => sum + one, 0) * 1_000, said };
}

/** nginx over a folder, on this machine alone. */
export async function serveFolder(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  const http = `access_log off; sendfile on; etag on; ${temporary} server { listen 127.0.0.1:${port}; root ${folder}; }`;
  const config = join(folder, "nginx.conf");
  const user = process.getuid?.() === 0 ? "user root;" : "";
  writeFileSync(config, `${user} worker_processes 1; daemon off; error_log stderr error; pid ${folder}/pid; events {} http { ${http} }`);
  const child = spawn("/usr/sbin/nginx", ["-c", config, "-p", folder], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "close");
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries >= 50 || child.exitCode !== null) throw new Error("Cannot measure: nginx does not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
