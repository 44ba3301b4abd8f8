/** What must hold between the settings of the broker. Pure. */
import { parseBroker, parseProxy } from "../../protocols/mqtt/address.ts";
import { error, type Related, warning } from "./related.ts";
import type { Config } from "./schema.ts";

type Mqtt = NonNullable<Config["mqtt"]>;

export function mqttRelations({ mqtt, site }: Partial<Config>): Related[] {
  if (mqtt === undefined) return [];
  const found = [...brokerRelations(mqtt), ...identityRelations(mqtt), ...proxyRelations(mqtt)];
  if (site !== undefined && mqtt.username !== undefined && mqtt.username !== site.id) {
    found.push(warning(["mqtt", "username"], `differs from site.id "${site.id}", which the broker's access rule goes by`));
  }
  return found;
}

function brokerRelations({ url, embedded, proxy }: Mqtt): Related[] {
  if (url === undefined) return embedded === undefined ? [error(["mqtt"], "names no broker", "give url, or embedded")] : [];
  const found: Related[] = [];
  if (embedded !== undefined) found.push(error(["mqtt", "embedded"], "url names a broker already", "give one of the two"));
  const address = parseBroker(url, { proxied: proxy !== undefined });
  if ("wrong" in address) found.push(error(["mqtt", "url"], address.wrong, `use ${address.wanted}`));
  return found;
}

function identityRelations({ certFile, keyFile, keyPassphraseFile, username, passwordFile, url, caFile }: Mqtt): Related[] {
  const found: Related[] = [];
  if ((certFile === undefined) !== (keyFile === undefined)) found.push(error(["mqtt"], "certFile and keyFile belong together"));
  if (keyPassphraseFile !== undefined && keyFile === undefined)
    found.push(error(["mqtt", "keyPassphraseFile"], "there is no keyFile to it"));
  if (passwordFile !== undefined && username === undefined) found.push(error(["mqtt", "passwordFile"], "there is no username to it"));
  const inClear = url === undefined || /^(?:mqtt|ws):/.test(url);
  if (inClear && (caFile !== undefined || certFile !== undefined)) {
    found.push(warning(["mqtt"], "has certificates that a broker in clear is never shown", "use mqtts:// or wss://"));
  }
  return found;
}

function proxyRelations({ proxy, url }: Mqtt): Related[] {
  if (proxy === undefined) return [];
  const found: Related[] = [];
  const address = parseProxy(proxy.url);
  if ("wrong" in address) found.push(error(["mqtt", "proxy", "url"], address.wrong, `use ${address.wanted}`));
  if (url === undefined) found.push(error(["mqtt", "proxy"], "leads to no broker", "give url"));
  if ((proxy.username === undefined) !== (proxy.passwordFile === undefined)) {
    found.push(error(["mqtt", "proxy"], "username and passwordFile belong together"));
  }
  return found;
}
