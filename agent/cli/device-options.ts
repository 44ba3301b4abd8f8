/**
 * What `probe` and `sweep` share: ports, credentials from files, and the clients that talk to devices.
 */

import {                   STANDARD_PORTS } from "../../protocols/core/device.ts";

import {                  Secret } from "../../protocols/core/secret.ts";

import { oneOf, whole } from "./command.ts";
import { CliError,            } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { secretFrom } from "./files.ts";

const AUTH = ["md5", "sha", "sha256"]         ;
const PRIV = ["des", "aes", "aes256"]         ;
const PORTS = ["https", "http", "snmp", "ssh", "telnet", "sip"]         ;

export function withDeviceOptions(command         )          {
  for (const name of PORTS) command.option(`--${name}-port <n>`, `default ${STANDARD_PORTS[name]}`, whole(1, 65_535));
  return command
    .option("--user <name>", "user of the device's own interface")
    .option("--password-file <file>", "its password")
    .option("--community <text>", "SNMP community; better from a file")
    .option("--community-file <file>", "SNMP community")
    .option("--snmp-user <name>", "SNMPv3 user")
    .option("--snmp-auth <protocol>", AUTH.join(", "), oneOf(AUTH))
    .option("--snmp-auth-file <file>", "its passphrase")
    .option("--snmp-priv <protocol>", PRIV.join(", "), oneOf(PRIV))
    .option("--snmp-priv-file <file>", "its passphrase");
}

export function portsOf(options               )              {
  const { httpsPort, httpPort, snmpPort, sshPort, telnetPort, sipPort } = options;
  const given = { https: httpsPort, http: httpPort, snmp: snmpPort, ssh: sshPort, telnet: telnetPort, sip: sipPort };
  return { ...STANDARD_PORTS, ...Object.fromEntries(Object.entries(given).filter(([, port]) => port !== undefined)) };
}

/** Reads the files. What belongs together and is not given together is a usage error. */
export async function credentialsOf(options               , environment                      )                        {
  const { user, passwordFile, community, communityFile } = options;
  const credentials               = [];
  if ((user === undefined) !== (passwordFile === undefined)) throw together("--user", "--password-file");
  if (user !== undefined && passwordFile !== undefined) {
    credentials.push({ kind: "password", id: "password", user, password: await secretFrom(passwordFile, environment) });
  }
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

async function usmOf(options               , environment                      )                                  {
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

function together(one        , other        )           {
  return new CliError(`${one} and ${other} belong together`, EXIT.usage);
}

/** The clients for one command; `close` ends all their sockets. */
export async function openFamilyIo(io                      , random        )                                                 {
  const { clock } = io;
  const [http, snmp, ssh, sip, refusals] = await Promise.all([
    import("../../protocols/http/client.ts"),
    import("../../protocols/snmp/client.ts"),
    import("../../protocols/ssh/client.ts"),
    import("../../protocols/sip/probe.ts"),
    import("../../protocols/families/refusals.ts"),
  ]);
  const clients = {
    http: http.createHttpClient({ random }),
    snmp: snmp.createSnmpClient({ clock, random }),
    ssh: ssh.createSshClient(),
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

