/**
 * What keeps the agent from starting, for the person at the keyboard: which thing, why, and what to change.
 */
import { createSocket } from "node:dgram";
import { createServer, isIPv6 } from "node:net";

/** `exitCode` follows the closed list of the command line. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
  readonly exitCode: number;
  readonly hint: string;
  constructor(message: string, hint: string, exitCode: number) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

const UNAVAILABLE = 69;
const NOT_ALLOWED = 77;

/** Tries the port before anything is started, so that the answer names the setting and not a stack. */
export async function checkPort(setting: string, host: string, port: number, how: "tcp" | "udp" = "tcp"): Promise<void> {
  const code = await (how === "tcp" ? tcpCode(host, port) : udpCode(host, port));
  if (code === undefined) return;
  const where = `${host}:${port}`;
  switch (code) {
    case "EADDRINUSE":
      throw new StartProblem(
        `Cannot listen on ${where}: another program has the port`,
        `Change ${setting} in the settings, or end the other program ("ss -l${how === "tcp" ? "t" : "u"}np" names it).`,
        UNAVAILABLE,
      );
    case "EACCES":
      throw new StartProblem(
        `Cannot listen on ${where}: ports below 1024 need a privilege`,
        `Change ${setting} to 1024 or above, or give the agent CAP_NET_BIND_SERVICE.`,
        NOT_ALLOWED,
      );
    case "EADDRNOTAVAIL":
      throw new StartProblem(
        `Cannot listen on ${where}: this machine has no such address`,
        `Change ${setting.replace(/port$/, "host")} to an address of this machine.`,
        UNAVAILABLE,
      );
    default:
      throw new StartProblem(`Cannot listen on ${where}: ${code}`, `Check ${setting} in the settings.`, UNAVAILABLE);
  }
}

/** The system's word for why not; `undefined` where it can be had. */
function tcpCode(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

function udpCode(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createSocket(isIPv6(host) ? "udp6" : "udp4");
    probe.once("error", (error: NodeJS.ErrnoException) => probe.close(() => resolve(error.code ?? "unknown")));
    probe.bind(port, host, () => probe.close(() => resolve(undefined)));
  });
}
