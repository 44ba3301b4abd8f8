/** The way to the broker that the command line's options name. */
import { type Fault, showFault } from "../../protocols/core/fault.ts";
import { type AddressProblem, parseBroker, parseProxy } from "../../protocols/mqtt/address.ts";
import type { MqttOptions } from "../../protocols/mqtt/link.ts";
import { MAX_REPLY_BYTES } from "../commands/jws.ts";
import { CliError, type CliIo, type GlobalOptions } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { pairFrom, secretFrom, textFrom } from "./files.ts";

type Environment = CliIo["environment"];

/** Throws a `CliError` where an address or a file cannot be used. */
export async function brokerWay(broker: string, options: GlobalOptions, environment: Environment): Promise<Omit<MqttOptions, "clientId">> {
  const { brokerUser, brokerPasswordFile, brokerProxy } = options;
  const address = parseBroker(broker, { proxied: brokerProxy !== undefined });
  if ("wrong" in address) throw notAnAddress(broker, address);
  const { host, port, secure, webSocketPath } = address;
  const proxy = brokerProxy === undefined ? undefined : parseProxy(brokerProxy);
  if (proxy !== undefined && "wrong" in proxy) throw notAnAddress(brokerProxy ?? "", proxy);
  return {
    host,
    port,
    maxPayloadBytes: MAX_REPLY_BYTES,
    ...(brokerUser === undefined ? {} : { user: brokerUser }),
    ...(brokerPasswordFile === undefined ? {} : { password: await secretFrom(brokerPasswordFile, environment) }),
    ...(secure ? { tls: await tlsOf(options, environment) } : {}),
    ...(webSocketPath === undefined ? {} : { webSocket: { path: webSocketPath } }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

async function tlsOf({ caFile, brokerCert, brokerKey }: GlobalOptions, environment: Environment): Promise<NonNullable<MqttOptions["tls"]>> {
  if ((brokerCert === undefined) !== (brokerKey === undefined)) {
    throw new CliError("--broker-cert and --broker-key belong together", EXIT.usage);
  }
  const ca = caFile === undefined ? {} : { ca: await textFrom(caFile, environment) };
  if (brokerCert === undefined || brokerKey === undefined) return ca;
  return { ...ca, ...(await pairFrom({ certificate: brokerCert, key: brokerKey }, environment)) };
}

/** What may be a password is not repeated. */
function notAnAddress(text: string, { wrong, wanted }: AddressProblem): CliError {
  return new CliError(`"${text.replace(/\/\/[^/@]*@/, "//***@")}" ${wrong}`, EXIT.usage, `Expected ${wanted}.`);
}

export function unreached(broker: string, fault: Fault): CliError {
  if (fault.kind === "denied") {
    const look = { tls: "Look at --broker-cert and --broker-key.", http: "Look at --broker-proxy." }[String(fault.via)];
    return new CliError(
      `Turned away on the way to the broker "${broker}": ${showFault(fault)}`,
      EXIT.notAllowed,
      look ?? "Look at --broker-user and --broker-password-file.",
    );
  }
  return new CliError(
    `Cannot reach the broker "${broker}": ${showFault(fault)}`,
    EXIT.daemonAway,
    "Look at --broker, and at --ca-file where its certificate is of an authority of its own.",
  );
}
