/** Every family the agent knows. Adding one is one file and one line here. */

import type { FamilyId } from "../core/device.ts";
import type { Family } from "./family.ts";
import { genericSnmp } from "./generic-snmp.ts";
import { group } from "./group.ts";
import { hdx } from "./hdx.ts";
import { lensOnly } from "./lens-only.ts";
import { soundPoint } from "./soundpoint.ts";
import { switchFamily } from "./switch.ts";
import { ucPhone } from "./uc-phone.ts";
import { videoOs } from "./video-os.ts";

export const families: readonly Family[] = [ucPhone, soundPoint, videoOs, group, hdx, lensOnly, switchFamily, genericSnmp];

export function familyOf(id: FamilyId): Family | undefined {
  return families.find((family) => family.id === id);
}
