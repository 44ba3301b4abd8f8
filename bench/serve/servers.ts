/** Those who serve the image, each a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../../agent/demo/free-port.ts";
import { startFlags } from "../programs.ts";
import { loopSchema, readySchema } from "./plan.ts";

const NGINX = "/usr/sbin/nginx";

export interface ImageServer {
  readonly port: number;
  readonly pid: number;
  /** @returns p99 delay of its loop in ms, where it says so */
  stop(): Promise<number | undefined>;
}

/** A script beside this one, started as `bin/groundswell` starts the agent. */
export async function startScript(name: "ours" | "static", args: readonly string[]): Promise<ImageServer> {
  const script = new URL(`./${name}.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, [...startFlags(), script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines: string[] = [];
  const first = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      resolve();
    });
  });
  await Promise.race([first, ended]);
  if (lines[0] === undefined || child.pid === undefined) throw new Error(`Cannot measure: "${script}" ended before it was ready`);
  return {
    port: readySchema.parse(JSON.parse(lines[0])).port,
    pid: child.pid,
    async stop() {
      child.stdin.end();
      await ended;
      return lines[1] === undefined ? undefined : loopSchema.parse(JSON.parse(lines[1])).p99Ms;
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

/** nginx in one process that copies through itself, as any server has to once TLS or a pace comes between. */
export async function startNginx(imagePath: string): Promise<ImageServer> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-nginx-"));
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  writeFileSync(
    join(folder, "nginx.conf"),
    `master_process off; daemon off; error_log stderr error; pid ${folder}/pid;
events { worker_connections 4096; }
http {
  access_log off; sendfile off; ${temporary}
  server { listen 127.0.0.1:${port}; root ${dirname(imagePath)}; }
}
`,
  );
  const child: ChildProcess = spawn(NGINX, ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error("Cannot measure: nginx did not start");
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (child.pid === undefined) throw new Error("Cannot measure: nginx did not start");
  return {
    port,
    pid: child.pid,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    },
  };
}
