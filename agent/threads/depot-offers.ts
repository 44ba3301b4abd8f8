/**
 * Which image the endpoint gives to whom: offers of attempts, images that stand, and none of either where the kill switch is on.
 */
import { coversGiven, type KillScope } from "../../firmware/waves/kill.ts";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Mac, Sha256 } from "../../protocols/core/ids.ts";
import type { Endpoint } from "../../protocols/provisioning/endpoint.ts";
import type { OfferOrder, StandingOrder } from "./depot-requests.ts";

export interface DepotOffersIo {
  readonly endpoint: Pick<Endpoint, "offer" | "withdraw" | "withdrawAll" | "offers" | "stand"> | undefined;
  /** Where devices are told the endpoint is; `undefined` where nobody can say. */
  base(): string | undefined;
  /** Where an image lies; `undefined` where it is not here. */
  find(sha256: Sha256): { readonly path: string; readonly sizeBytes: number } | undefined;
}

export interface DepotOffers {
  /** `cancelled` where the kill switch is on for it; otherwise see `DepotRequests.offer`. */
  offer(order: OfferOrder): Result<{ readonly folder?: string }>;
  withdraw(tokens: readonly string[]): void;
  /** See `DepotRequests.stand`. */
  stand(images: readonly StandingOrder[], ended: readonly Mac[], whole: boolean): { readonly missing: readonly Sha256[] };
  /** The kill switch is on for these and no others. When it returns no byte of them leaves any more. */
  bar(scopes: readonly KillScope[]): void;
  /** Images that phones run: nothing evicts them. */
  readonly standing: ReadonlyMap<Mac, StandingOrder>;
}

const KILLED: Fault = { kind: "cancelled", by: "operator" };

export function createDepotOffers({ endpoint, base, find }: DepotOffersIo): DepotOffers {
  const standing = new Map<Mac, StandingOrder>();
  /** The newest of each device; the endpoint knows which of them stand. */
  const offered = new Map<Mac, OfferOrder>();
  let barred: readonly KillScope[] = [];

  // What is not known of an order may be in the scope.
  const isBarred = ({ release, model }: OfferOrder): boolean =>
    barred.some((scope) => (scope.kind === "model" && model === undefined) || coversGiven(scope, { release, model: model ?? "" }));

  /** @returns whether its file is missing */
  const place = (order: StandingOrder): boolean => {
    // Only a phone's image stands: a room finds its update server in its settings, which are given back.
    const { held, tree: _, ...rest } = order;
    const image = find(order.sha256);
    // The name stands without its file too: a phone that cannot fetch it stays on what it runs.
    const file = { imagePath: image?.path ?? "", sizeBytes: image?.sizeBytes ?? 0 };
    const isHeld = held || image === undefined || isBarred(order);
    endpoint?.stand(order.mac, { ...rest, ...file, ...(isHeld ? { held: true } : {}) });
    return image === undefined && !held;
  };

  return {
    standing,
    offer(order) {
      if (endpoint === undefined) return fail({ kind: "off", via: "provisioning", detail: "no provisioning endpoint is configured" });
      if (isBarred(order)) return fail(KILLED);
      const made = offerTo(endpoint, order, { base, find });
      if (made.ok) offered.set(order.mac, order);
      return made;
    },
    withdraw(tokens) {
      for (const token of tokens) endpoint?.withdraw(token);
      const gone = new Set(tokens);
      for (const [mac, { token }] of offered) if (gone.has(token)) offered.delete(mac);
    },
    stand(images, ended, whole) {
      const named = new Set(images.map(({ mac }) => mac));
      const over = whole ? [...standing.keys()].filter((mac) => !named.has(mac)) : ended;
      for (const mac of over) {
        standing.delete(mac);
        endpoint?.stand(mac, undefined);
      }
      const missing = new Set<Sha256>();
      for (const order of images) {
        standing.set(order.mac, order);
        if (place(order)) missing.add(order.sha256);
      }
      return { missing: [...missing] };
    },
    bar(scopes) {
      barred = scopes;
      // Whatever it is, and whoever offered it.
      if (scopes.some(({ kind }) => kind === "site")) endpoint?.withdrawAll();
      for (const [mac, order] of offered) {
        if (!isBarred(order)) continue;
        endpoint?.withdraw(order.token);
        offered.delete(mac);
      }
      for (const order of standing.values()) place(order);
    },
  };
}

function offerTo(
  endpoint: Pick<Endpoint, "offer" | "offers">,
  { tree, ...order }: OfferOrder,
  { base, find }: Pick<DepotOffersIo, "base" | "find">,
): Result<{ readonly folder?: string }> {
  const fileFor = (sha256: Sha256): { readonly imagePath: string; readonly sizeBytes: number } | undefined => {
    const image = find(sha256);
    return image === undefined ? undefined : { imagePath: image.path, sizeBytes: image.sizeBytes };
  };
  const image = fileFor(order.sha256);
  const files = tree?.map(({ path, sha256 }) => ({ path, sha256, file: fileFor(sha256) }));
  const missing = image === undefined ? order : files?.find(({ file }) => file === undefined);
  if (image === undefined || missing !== undefined)
    return fail({ kind: "stalled", waitedFor: `image ${(missing ?? order).sha256.slice(0, 12)} in the depot` });
  const at = base();
  if (tree !== undefined && at === undefined)
    return fail({ kind: "off", via: "provisioning", detail: "nobody can say where the endpoint is: provisioning.baseUrl is not set" });
  const made = at === undefined ? {} : { folder: `${at}/fw/${order.token}/` };
  // The same attempt after a restart: what stands is what is wanted.
  if (endpoint.offers.some((standing) => standing.token === order.token)) return ok(made);
  const served = files?.flatMap(({ path, sha256, file }) => (file === undefined ? [] : [{ path, sha256, ...file }]));
  const offered = endpoint.offer({ ...order, ...image, ...(served === undefined ? {} : { tree: served }) });
  return offered.ok ? ok(made) : offered;
}
