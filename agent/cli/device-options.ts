/**
 * What `probe` and `sweep` share: ports, credentials from files, and the clients that talk to devices.
 */

import type { Command } from "commander";
import { type DevicePorts, STANDARD_PORTS } from "../../protocols/core/device.ts";
import type { Random } from "../../protocols/core/random.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import type { FamilyIo } from "../../protocols/families/family.ts";
import { oneOf, whole } from "./command.ts";
import { CliError, type CliIo } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { pairFrom, secretFrom } from "./files.ts";

/** As commander hands them over. Ports 1 to 65535. */
export interface DeviceOptions {
  readonly httpsPort?: number;
  readonly httpPort?: number;
  readonly snmpPort?: number;
  readonly sshPort?: number;
  readonly telnetPort?: number;
  readonly sipPort?: number;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly community?: string;
  readonly communityFile?: string;
  readonly snmpUser?: string;
  readonly snmpAuth?: (typeof AUTH)[number];
  readonly snmpAuthFile?: string;
  readonly snmpPriv?: (typeof PRIV)[number];
  readonly snmpPrivFile?: string;
}

const AUTH = ["md5", "sha", "sha256"] as const;
const PRIV = ["des", "aes", "aes256"] as const;
const PORTS = ["https", "http", "snmp", "ssh", "telnet", "sip"] as const;

export function withDeviceOptions(command: Command): Command {
  for (const name of PORTS) command.option(`--${name}-port <n>`, `default ${STANDARD_PORTS[name]}`, whole(1, 65_535));
  return command
    .option("--user <name>", "user of the device's own interface")
    .option("--password-file <file>", "its password")
    .option("--client-cert <file>", "certificate for devices that demand one, PEM")
    .option("--client-key <file>", "its key, PEM")
    .option("--community <text>", "SNMP community; better from a file")
    .option("--community-file <file>", "SNMP community")
    .option("--snmp-user <name>", "SNMPv3 user")
    .option("--snmp-auth <protocol>", AUTH.join(", "), oneOf(AUTH))
    .option("--snmp-auth-file <file>", "its passphrase")
    .option("--snmp-priv <protocol>", PRIV.join(", "), oneOf(PRIV))
    .option("--snmp-priv-file <file>", "its passphrase");
}

export function portsOf(options: DeviceOptions): DevicePorts {
  const { httpsPort, httpPort, snmpPort, sshPort, telnetPort, sipPort } = options;
  const given = { https: httpsPort, http: httpPort, snmp: snmpPort, ssh: sshPort, telnet: telnetPort, sip: sipPort };
  return { ...STANDARD_PORTS, ...Object.fromEntries(Object.entries(given).filter(([, port]) => port !== undefined)) };
}

/** Reads the files. What belongs together and is not given together is a usage error. */
export async function credentialsOf(options: DeviceOptions, environment: CliIo["environment"]): Promise<Credential[]> {
  const { user, passwordFile, community, communityFile } = options;
  const credentials: Credential[] = [];
  if ((user === undefined) !== (passwordFile === undefined)) throw together("--user", "--password-file");
  if (user !== undefined && passwordFile !== undefined) {
    credentials.push({ kind: "password", id: "password", user, password: await secretFrom(passwordFile, environment) });
  }
  credentials.push(...(await identityOf(options, environment)));
  if (community !== undefined && communityFile !== undefined) {
    throw new CliError("--community and --community-file exclude each other", EXIT.usage);
  }
  if (community !== undefined) credentials.push({ kind: "community", id: "community", community: new Secret(community) });
  if (communityFile !== undefined) {
    credentials.push({ kind: "community", id: "community", community: await secretFrom(communityFile, environment) });
  }
  const usm = await usmOf(options, environment);
  return usm === undefined ? credentials : [...credentials, usm];
}

async function identityOf({ clientCert, clientKey }: DeviceOptions, environment: CliIo["environment"]): Promise<Credential[]> {
  if ((clientCert === undefined) !== (clientKey === undefined)) throw together("--client-cert", "--client-key");
  if (clientCert === undefined || clientKey === undefined) return [];
  const pair = await pairFrom({ certificate: clientCert, key: clientKey }, environment);
  return [{ kind: "certificate", id: "certificate", ...pair }];
}

async function usmOf(options: DeviceOptions, environment: CliIo["environment"]): Promise<Credential | undefined> {
  const { snmpUser, snmpAuth, snmpAuthFile, snmpPriv, snmpPrivFile } = options;
  if ((snmpAuth === undefined) !== (snmpAuthFile === undefined)) throw together("--snmp-auth", "--snmp-auth-file");
  if ((snmpPriv === undefined) !== (snmpPrivFile === undefined)) throw together("--snmp-priv", "--snmp-priv-file");
  if (snmpUser === undefined) {
    if (snmpAuth !== undefined || snmpPriv !== undefined) throw together("--snmp-user", "--snmp-auth");
    return undefined;
  }
  if (snmpPriv !== undefined && snmpAuth === undefined) throw together("--snmp-auth", "--snmp-priv");
  const auth = snmpAuth && snmpAuthFile && { auth: { protocol: snmpAuth, key: await secretFrom(snmpAuthFile, environment) } };
  const priv = snmpPriv && snmpPrivFile && { priv: { protocol: snmpPriv, key: await secretFrom(snmpPrivFile, environment) } };
  return { kind: "usm", id: "usm", user: snmpUser, ...(auth || {}), ...(priv || {}) };
}

function together(one: string, other: string): CliError {
  return new CliError(`${one} and ${other} belong together`, EXIT.usage);
}

/** The clients for one command; `close` ends all their sockets. */
export async function openFamilyIo(io: Pick<CliIo, "clock">, random: Random): Promise<FamilyIo & { close(): Promise<void> }> {
  const { clock } = io;
  const [http, snmp, ssh, telnet, sip, refusals] = await Promise.all([
    import("../../protocols/http/client.ts"),
    import("../../protocols/snmp/client.ts"),
    import("../../protocols/ssh/client.ts"),
    import("../../protocols/telnet/client.ts"),
    import("../../protocols/sip/probe.ts"),
    import("../../protocols/families/refusals.ts"),
  ]);
  const clients = {
    http: http.createHttpClient({ random }),
    snmp: snmp.createSnmpClient({ clock, random }),
    ssh: ssh.createSshClient(),
    telnet: telnet.createTelnetClient(),
    sip: sip.createSipClient({ clock, random }),
  };
  return {
    ...clients,
    clock,
    refusals: refusals.createRefusals(),
    async close() {
      await Promise.all(Object.values(clients).map((client) => client.close()));
    },
  };
}
