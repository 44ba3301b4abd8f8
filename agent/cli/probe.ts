/**
 * `groundswell probe ADDRESS`: who is there, what runs, is it in use. Needs no agent.
 */

import type { Command } from "commander";
import type { Fault } from "../../protocols/core/fault.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import { isAddress, isNobody } from "../../protocols/core/networks.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { SECOND } from "../../protocols/core/time.ts";
import type { Target } from "../../protocols/families/family.ts";
import type { Identified } from "../../protocols/families/identify.ts";
import { type Cli, lengthMs, oneOf, type Runner, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { credentialsOf, type DeviceOptions, openFamilyIo, portsOf, withDeviceOptions } from "./device-options.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { probeDocument, probeText } from "./probe-view.ts";

/** A full read of a slow codec takes a dozen seconds. Guessed; twice that. */
const TIMEOUT_MS = 30 * SECOND;

/** Once a door of the device has answered the others may stay silent this long: on a LAN a phone answers in a tenth. */
const PATIENCE_MS = SECOND;

/** How one address is visited. */
export interface VisitOptions extends DeviceOptions {
  readonly expectMac?: string;
  readonly trustCertificate: "any" | "pin";
  readonly telnet?: boolean;
  readonly oldTls?: boolean;
  readonly timeout: Ms;
}

export function addProbe(program: Command, run: Runner): void {
  const probe = program.command("probe").argument("<address>", "an IP address").description("ask one address who it is; needs no agent");
  withVisitOptions(withGlobals(probe)).action(run(probeAddress));
}

export function withVisitOptions(command: Command): Command {
  return withDeviceOptions(command)
    .option("--expect-mac <mac>", "send no credential unless the certificate names this MAC")
    .option("--trust-certificate <how>", "any, or pin: only the one shown first", oneOf(["any", "pin"] as const), "any")
    .option("--telnet", "use telnet where SSH is off: the password travels in clear")
    .option("--old-tls", "for a device that knows only TLS 1.0, and its ciphers")
    .option("--timeout <length>", "for the whole visit", lengthMs, TIMEOUT_MS);
}

async function probeAddress(cli: Cli, options: VisitOptions, [address = ""]: readonly string[]): Promise<number> {
  const target = await targetFor(cli, options, address);
  const { identifyDevice } = await import("../../protocols/families/identify.ts");
  const clients = await openFamilyIo(cli.io, systemRandom());
  let identified: Identified;
  try {
    identified = await identifyDevice(target, clients, AbortSignal.any([cli.io.stop, AbortSignal.timeout(options.timeout)]));
  } finally {
    await clients.close();
  }
  if (cli.io.stop.aborted) throw new CliError("Stopped before the visit was over", EXIT.failed);
  const { schema, ...body } = probeDocument(address, identified);
  cli.out.one(schema, body, probeText(address, identified, cli.out.colour));
  const exit = exitOf(identified);
  if (cli.out.mode === "text") for (const line of hints(identified, target, exit)) cli.out.note(`→ ${line}`);
  return exit;
}

/** Reads the files of credentials; what is wrong with an option is a usage error, before anything is sent. */
export async function targetFor(cli: Cli, options: VisitOptions, address: string): Promise<Target> {
  if (!isAddress(address) || isNobody(address)) {
    throw new CliError(
      `"${address}" is not the address of one device`,
      EXIT.usage,
      "Expected an IP address such as 10.20.1.32; names are not looked up.",
    );
  }
  const expectMac = options.expectMac === undefined ? undefined : parseMac(options.expectMac);
  if (options.expectMac !== undefined && expectMac === undefined) {
    throw new CliError(`"${options.expectMac}" is not a MAC address`, EXIT.usage, "Expected 12 hex digits, such as 64:16:7f:aa:bb:cc.");
  }
  return {
    address,
    ports: portsOf(options),
    credentials: await credentialsOf(options, cli.io.environment),
    trust: options.trustCertificate,
    telnet: options.telnet === true,
    oldTls: options.oldTls === true,
    patienceMs: PATIENCE_MS,
    ...(expectMac === undefined ? {} : { expectMac }),
  };
}

const isImpostor = (fault: Fault): boolean => fault.kind === "impostor";

/** The handshake failed over the protocol's version: by OpenSSL's code. */
const isOldTls = (fault: Fault): boolean =>
  fault.kind === "garbled" &&
  fault.via === "tls" &&
  /^ERR_SSL_(?:TLSV1_ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL)$/.test(fault.detail ?? "");

/** 0 identified, 3 nobody answered, 1 somebody answered and is not known or not the one expected. */
export function exitOf({ facts, look, faults }: Identified): ExitCode {
  if (faults.some(isImpostor)) return EXIT.failed;
  if (facts.family !== undefined) return EXIT.done;
  const heard = [look.tls, look.sip, look.snmp, look.ssh].some((door) => door !== undefined);
  // A door that turned us away or said something unreadable was a door.
  const spoke = faults.some(({ kind }) => !["unreachable", "cancelled", "stalled"].includes(kind));
  return heard || spoke ? EXIT.failed : EXIT.nothingMatched;
}

function hints({ faults, ambiguous, inUse }: Identified, target: Target, exit: ExitCode): string[] {
  if (faults.some(isImpostor))
    return ["It shows another certificate than the device you expect; no credential was sent. Look at the address and the MAC."];
  if (exit === EXIT.nothingMatched) return ["Nobody answers there. Look at the address, the ports and what filters in between."];
  if (ambiguous !== undefined) return [`It is one of ${ambiguous.join(", ")}: with --user and --password-file it can be asked.`];
  if (target.oldTls !== true && faults.some(isOldTls))
    return ["It knows no TLS that is safe: with --old-tls it can be asked, and in the settings under oldTls."];
  if (exit === EXIT.failed) return ["Somebody answers, but nothing it shows is known. --json prints the evidence."];
  return inUse === undefined && needsPassword(target) ? ["With --user and --password-file more can be read."] : [];
}

function needsPassword({ credentials }: Target): boolean {
  return !credentials.some(({ kind }) => kind === "password");
}
