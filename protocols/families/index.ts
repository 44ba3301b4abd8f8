/** Every family the agent knows. Adding one is one file and one line here. */

import { genericSnmp } from "./generic-snmp.ts";
import { group } from "./group.ts";
import { switchFamily } from "./switch.ts";
import { ucPhone } from "./uc-phone.ts";
import { videoOs } from "./video-os.ts";

export const families                    = [ucPhone, videoOs, group, switchFamily, genericSnmp];

export function familyOf(id          )                     {
  return families.find((family) => family.id === id);
}

