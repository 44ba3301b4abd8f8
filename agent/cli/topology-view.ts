/**
 * Topology as a tree of text: switch, port, device, what is behind or coupled. Pure.
 */
import * as z from "zod";
import { counted, facts } from "./show.ts";

const seen = z.object({
  device: z.string(),
  name: z.string(),
  model: z.string().optional(),
  address: z.string().optional(),
  room: z.string().optional(),
  coupledWith: z.array(z.string()).default([]),
});
const plug = seen.extend({ seen: z.string(), gone: z.boolean(), poe: z.boolean().optional() });
export const topologySchema = z.object({
  switches: z.array(
    z.object({
      address: z.string(),
      device: z.string().optional(),
      name: z.string().optional(),
      above: z.object({ address: z.string(), port: z.string() }).optional(),
      ports: z.array(z.object({ name: z.string(), devices: z.array(plug), behind: z.array(z.string()) })),
    }),
  ),
  about: seen
    .extend({
      roomMates: z.array(z.string()),
      switch: z.string().optional(),
      port: z.string().optional(),
      poeParent: z.string().optional(),
    })
    .optional(),
  unplugged: z.array(seen).default([]),
  rings: z.array(z.array(z.string())).default([]),
});

export type TopologyShown = z.infer<typeof topologySchema>;
type SwitchShown = TopologyShown["switches"][number];

interface Branch {
  readonly text: string;
  readonly below: readonly Branch[];
}

function drawn({ text, below }: Branch, indent = ""): readonly string[] {
  return [
    text,
    ...below.flatMap((branch, at) => {
      const isLast = at === below.length - 1;
      const [first = "", ...rest] = drawn(branch, `${indent}${isLast ? "   " : "│  "}`);
      return [`${indent}${isLast ? "└─ " : "├─ "}${first}`, ...rest];
    }),
  ];
}

type When = (iso: string) => string;

/** A switch on a port of another one stands there with all that hangs on it. */
function branchOf(node: SwitchShown, shown: TopologyShown, when: When): Branch {
  const { address, name, ports } = node;
  const head = [name, address, counted(ports.length, "port")].filter((part) => part !== undefined);
  return { text: head.join("  "), below: ports.map((port) => portBranch(node, port, { shown, when })) };
}

function portBranch(
  node: SwitchShown,
  port: SwitchShown["ports"][number],
  { shown, when }: { readonly shown: TopologyShown; readonly when: When },
): Branch {
  const devices = port.devices.map((one): Branch => {
    const switchBelow = shown.switches.find(
      ({ device, above }) => device === one.device && above?.address === node.address && above.port === port.name,
    );
    if (switchBelow !== undefined) return branchOf(switchBelow, shown, when);
    const words = [
      one.name,
      one.model,
      one.address,
      one.room === undefined ? undefined : `room ${one.room}`,
      one.poe === true ? "PoE" : undefined,
      one.gone ? `gone, last seen here ${when(one.seen)}` : undefined,
    ];
    return {
      text: words.filter((word) => word !== undefined).join(" · "),
      below: one.coupledWith.map((other) => ({ text: `coupled with ${other}`, below: [] })),
    };
  });
  // What is behind is behind the phone, where there is one; a port with several does not say whose it is.
  const behind = port.behind.map((mac): Branch => ({ text: `${mac} behind it`, below: [] }));
  const [only] = devices;
  if (devices.length === 1 && only !== undefined) return { text: `${port.name}  ${only.text}`, below: [...only.below, ...behind] };
  return { text: port.name, below: [...devices, ...behind] };
}

export function topologyText(shown: TopologyShown, when: When): string {
  const { switches, about, unplugged, rings } = shown;
  const isBelow = ({ above }: SwitchShown): boolean => above !== undefined && switches.some(({ address }) => address === above.address);
  const lines = switches.filter((node) => !isBelow(node)).flatMap((node) => drawn(branchOf(node, shown, when)));
  const without = unplugged.map(
    ({ name, model, address }) => `  ${[name, model, address].filter((word) => word !== undefined).join(" · ")}`,
  );
  return [
    ...(about === undefined ? [] : [aboutText(about)]),
    ...lines,
    ...(without.length === 0 ? [] : [`No port is known of ${counted(without.length, "device")}:`, ...without]),
    ...rings.map((ring) => `These switches name each other in a ring, cut at the first: ${ring.join(" → ")}`),
  ].join("\n");
}

function aboutText(about: NonNullable<TopologyShown["about"]>): string {
  const list = (names: readonly string[]): string | undefined => (names.length === 0 ? undefined : names.join(", "));
  const rows = facts([
    ["switch port", about.switch === undefined ? "not known" : `${about.switch} ${about.port ?? ""}`],
    ["power from", about.poeParent],
    ["room", about.room],
    ["room mates", list(about.roomMates)],
    ["coupled with", list(about.coupledWith)],
  ]);
  return `${[about.name, about.model, about.address].filter((word) => word !== undefined).join(" · ")}\n${rows}`.trimEnd();
}
