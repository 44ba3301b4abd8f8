/** The way to the broker that the settings name, as the client takes it. */
import { Bug } from "../../protocols/core/fault.ts";
import type { SiteId } from "../../protocols/core/ids.ts";
import { parseBroker, parseProxy } from "../../protocols/mqtt/address.ts";
import type { MqttOptions } from "../../protocols/mqtt/link.ts";
import type { Config } from "../config/schema.ts";
import type { Secrets } from "../secrets.ts";
import { willOf } from "./presence.ts";

/** Seconds the broker keeps what it has for us while we are away: a restart, or an outage of the line. Guessed. */
const SESSION_S = 600;

/** `undefined` where no broker is set. The settings are checked by then: an address that does not read is a `Bug`. */
export function wayOf(
  { mqtt }: Pick<Config, "mqtt">,
  secrets: Omit<Secrets, "credentials" | "agentKey">,
  site: SiteId,
): MqttOptions | undefined {
  if (mqtt === undefined || (mqtt.url === undefined && mqtt.embedded === undefined)) return undefined;
  const address = parseBroker(mqtt.url ?? `mqtt://127.0.0.1:${mqtt.embedded?.port}`, { proxied: mqtt.proxy !== undefined });
  if ("wrong" in address) throw new Bug(`mqtt.url ${address.wrong}`);
  const { host, port, secure, webSocketPath } = address;
  return {
    host,
    port,
    clientId: `groundswell-${site}`,
    user: mqtt.username ?? site,
    will: willOf(site),
    keepSessionS: SESSION_S,
    ...(secrets.mqttPassword === undefined ? {} : { password: secrets.mqttPassword }),
    ...(secure ? { tls: tlsOf(secrets) } : {}),
    ...(webSocketPath === undefined ? {} : { webSocket: { path: webSocketPath } }),
    ...(mqtt.proxy === undefined ? {} : { proxy: proxyOf(mqtt.proxy, secrets) }),
  };
}

function tlsOf(secrets: Pick<Secrets, "mqttCa" | "mqttCertificate" | "mqttKey" | "mqttKeyPassphrase">): NonNullable<MqttOptions["tls"]> {
  const { mqttCa: ca, mqttCertificate: certificate, mqttKey: key, mqttKeyPassphrase: keyPassphrase } = secrets;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(keyPassphrase === undefined ? {} : { keyPassphrase }),
  };
}

function proxyOf(
  { url, username }: NonNullable<NonNullable<Config["mqtt"]>["proxy"]>,
  { mqttProxyPassword }: Pick<Secrets, "mqttProxyPassword">,
): NonNullable<MqttOptions["proxy"]> {
  const proxy = parseProxy(url);
  if ("wrong" in proxy) throw new Bug(`mqtt.proxy.url ${proxy.wrong}`);
  return {
    ...proxy,
    ...(username === undefined ? {} : { user: username }),
    ...(mqttProxyPassword === undefined ? {} : { password: mqttProxyPassword }),
  };
}
