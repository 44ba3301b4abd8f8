/** Every client and server of ours that speaks to strangers, by the name it is asked for. */
import { http } from "./http.ts";
import { lens } from "./lens.ts";
import { mqtt } from "./mqtt.ts";
import { paths } from "./paths.ts";
import { provisioning } from "./provisioning.ts";
import type { Wire } from "./run.ts";
import { sip } from "./sip.ts";
import { snmpGet, snmpWalk } from "./snmp.ts";
import { ssh } from "./ssh.ts";
import { telnet } from "./telnet.ts";
import { tls } from "./tls.ts";
import { webSocket } from "./websocket.ts";

export const WIRES: Readonly<Record<string, Wire>> = {
  "wire-snmp": snmpGet,
  "wire-walk": snmpWalk,
  "wire-sip": sip,
  "wire-http": http,
  "wire-tls": tls,
  "wire-ssh": ssh,
  "wire-telnet": telnet,
  "wire-lens": lens,
  "wire-mqtt": mqtt,
  "wire-websocket": webSocket,
  "wire-provisioning": provisioning,
  "wire-paths": paths,
};
