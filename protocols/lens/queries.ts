/**
 * Everything we ask Lens. Questions only: a test reads every document here. Source: protocols/lens-and-portal.md 13.
 */
import * as z from "zod";
import type { InUse } from "../core/device.ts";
import { ok, type Result } from "../core/fault.ts";
import { decode, looseNumber, looseText } from "../families/json.ts";
import { deviceNode, deviceOf, type LensDevice } from "./devices.ts";
import type { Page } from "./pages.ts";
import type { LensQuery } from "./query.ts";
import { type CatalogueRelease, releaseNode, releaseOf, type SteppedPath, steppedNode, steppedPathOf } from "./software.ts";

const LIST_MAX = 5_000;

const pageForm = z.object({
  devicesearch: z.object({
    edges: z.array(z.object({ node: deviceNode })).max(LIST_MAX),
    pageinfo: z.object({ totalcount: looseNumber, nexttoken: looseText, hasnextpage: z.boolean() }),
  }),
});

/** One page of the inventory; `readPages` asks for all. */
export const DEVICES: LensQuery<Page<LensDevice>> = {
  name: "devices",
  variables: "($params: DeviceFindArgs)",
  select: [
    {
      "deviceSearch(params: $params)": [
        {
          edges: [
            {
              node: [
                ...["id", "name", "manufacturer", "macAddress", "serialNumber", "hardwareModel", "hardwareRevision", "productId"],
                ...["softwareVersion", "connected", "lastDetected", "lastConfigRequestDate", "internalIp", "provisioningEnabled"],
                ...["supportsSoftwareUpdate", "callStatus", "usbVendorId", "usbProductId"],
                { site: ["name"] },
                { room: ["name"] },
                { connections: ["name", "macAddress", "softwareVersion"] },
                { bandwidth: ["endTime", "pingJitterMs", "pingLossPercent"] },
                { systemStatus: [{ data: [{ com: [{ poly: [{ device: [{ status: statusFields() }] }] }] }] }] },
                { entitlements: ["productSerial", "date", "endDate", "expired"] },
              ],
            },
          ],
        },
        { pageInfo: ["totalCount", "countOnPage", "nextToken", "hasNextPage"] },
      ],
    },
  ],
  needs: ["deviceSearch", "edges", "node", "id", "pageInfo", "nextToken", "hasNextPage"],
  decode(data): Result<Page<LensDevice>> {
    const page = decode(pageForm, data, "a page of devices");
    if (!page.ok) return page;
    const { edges, pageinfo } = page.value.devicesearch;
    return ok({
      items: edges.flatMap(({ node }) => deviceOf(node) ?? []),
      hasNextPage: pageinfo.hasnextpage,
      ...(pageinfo.nexttoken === undefined ? {} : { nextToken: pageinfo.nexttoken }),
      ...(pageinfo.totalcount === undefined ? {} : { totalCount: pageinfo.totalcount }),
    });
  },
};

function statusFields(): readonly { readonly [field: string]: readonly string[] }[] {
  const names = ["provisioning", "globaldirectory", "ipnetwork", "trackablecamera", "camera", "audio", "remotecontrol", "logthreshold"];
  return names.map((name) => ({ [name]: ["state"] }));
}

export interface Accounts {
  readonly deviceCount?: number;
  readonly tenants: readonly { readonly id: string; readonly name?: string; readonly type?: string; readonly memberCount?: number }[];
}

/** What the credential sees; the cost that rides along tells what it may still spend. */
export const ACCOUNTS: LensQuery<Accounts> = {
  name: "accounts",
  select: ["countDevices", { tenants: ["id", "name", "type", "memberCount"] }],
  needs: ["tenants", "id"],
  decode(data) {
    const tenant = z.object({ id: looseText, name: looseText, type: looseText, membercount: looseNumber });
    const read = decode(z.object({ countdevices: looseNumber, tenants: z.array(tenant).max(LIST_MAX) }), data, "accounts");
    if (!read.ok) return read;
    const { countdevices, tenants } = read.value;
    return ok({
      ...(countdevices === undefined ? {} : { deviceCount: countdevices }),
      tenants: tenants.flatMap(({ id, name, type, membercount }) => {
        if (id === undefined) return [];
        const known = { name, type, memberCount: membercount };
        return [{ id, ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as typeof known) }];
      }) as Accounts["tenants"],
    });
  },
};

/** Calls Lens knows of on one device; an empty list is "none known to Lens". */
export const CALLS: LensQuery<readonly string[]> = {
  name: "calls",
  modest: true,
  variables: "($d: String!)",
  select: [{ "activeCalls(deviceId: $d)": [{ calls: ["id", "state"] }] }],
  needs: ["activeCalls", "calls", "id"],
  decode(data) {
    const form = z.object({ activecalls: z.object({ calls: z.array(z.object({ state: looseText })).max(LIST_MAX) }) });
    const read = decode(form, data, "a list of calls");
    return read.ok ? ok(read.value.activecalls.calls.map(({ state }) => (state ?? "of unknown state").slice(0, 40))) : read;
  },
};

/** Releases of one product. No log-in is needed, so none is sent. */
export const RELEASES: LensQuery<readonly CatalogueRelease[]> = {
  name: "releases",
  open: true,
  variables: "($pid: ID!)",
  select: [
    {
      "availableProductSoftwareByPid(pid: $pid)": [
        ...["version", "releaseChannel", "latest", "blockedDownload", "deprecated", "publishDate"],
        { productBuild: ["build", "archiveUrl"] },
      ],
    },
  ],
  // Without these a withdrawn release would look like any other.
  needs: ["availableProductSoftwareByPid", "version", "releaseChannel", "blockedDownload", "deprecated"],
  decode(data) {
    const list = z.union([z.null().transform(() => []), releaseNode.transform((one) => [one]), z.array(releaseNode).max(LIST_MAX)]);
    const read = decode(z.object({ availableproductsoftwarebypid: list }), data, "a list of releases");
    return read.ok ? ok(read.value.availableproductsoftwarebypid.flatMap((node) => releaseOf(node) ?? [])) : read;
  },
};

/** Names and versions of the catalogue, and nothing that could end a text of the question. */
const WORD = /^[\w .+-]{1,64}$/;

/**
 * The way from what a device runs to the newest release; `undefined` where one of the two is no name. Both stand in the text:
 * which types their variables would have is not known.
 */
export function pathQuery(pid: string, running: string): LensQuery<SteppedPath> | undefined {
  if (!WORD.test(pid) || !WORD.test(running)) return undefined;
  const field = `getSteppedProductSoftwareByDeviceId(query: {pid: "${pid}", currentVersion: "${running}"})`;
  return {
    name: "path",
    open: true,
    select: [{ [field]: ["foundSoftware", "steppedUpgradeVersionList", { productSoftware: ["version"] }] }],
    needs: ["getSteppedProductSoftwareByDeviceId", "foundSoftware", "steppedUpgradeVersionList"],
    decode(data) {
      const read = decode(z.object({ getsteppedproductsoftwarebydeviceid: steppedNode }), data, "a path of releases");
      return read.ok ? ok(steppedPathOf(read.value.getsteppedproductsoftwarebydeviceid)) : read;
    },
  };
}

/**
 * Is it in use, as far as Lens knows? No calls listed is an answer only for a device that is connected and tells Lens of its
 * calls at all.
 */
export function inUseOf(device: LensDevice, calls: readonly string[]): InUse {
  if (calls[0] !== undefined)
    return { state: "busy", reason: `call ${calls[0]}${calls.length > 1 ? ` and ${calls.length - 1} more` : ""}` };
  if (device.connected !== true) return { state: "unknown", reason: "it is not connected to Lens" };
  if (device.callStatus === undefined) return { state: "unknown", reason: "Lens is not told of its calls" };
  if (!IDLE.test(device.callStatus)) return { state: "unknown", reason: `Lens lists no call and says ${device.callStatus}` };
  return { state: "idle" };
}

/** The words are not documented: another one is not read as idle. A guess. */
const IDLE = /^(?:idle|none|available|inactive|no(?:t)?[ _-]?(?:in[ _-]?(?:a[ _-]?)?)?calls?)$/i;
