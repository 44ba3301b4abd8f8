/**
 * What is put on offer for an attempt: a phone's image, or the files of a room's update server.
 */
import { legAt } from "../../firmware/waves/legs.ts";
import { lowers, notAboveOf } from "../../firmware/waves/lower.ts";
import type { Errand } from "../../firmware/waves/ports.ts";
import type { PlannedTask } from "../../firmware/waves/shape.ts";
import { fail, type Result } from "../../protocols/core/fault.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { Store } from "../../store/store.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import { isApproved } from "./drive-store.ts";

export interface OfferIo {
  readonly store: Pick<Store, "devices" | "campaigns" | "tasks">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
}

/** Stands where a phone's image has its name; no room is told it. */
const PACKAGE_NAME = "package";

/** I14: only for a task of a rollback that two people have approved, by its rows. */
function mayLower({ id }: PlannedTask, { campaigns, tasks }: OfferIo["store"]): boolean {
  const campaign = tasks.load(id)?.campaign;
  const stored = campaign === undefined ? undefined : campaigns.load(campaign);
  return stored?.plan.rollback !== undefined && isApproved(stored, campaigns);
}

/** Safe to repeat. `folder`: where it is, for whoever has to be told. `off` for a family that takes nothing, `unreachable` without a depot. */
export async function makeOffer({ planned, attempt: { token, leg } }: Errand, io: OfferIo): Promise<Result<{ readonly folder?: string }>> {
  const recipe = familyOf(planned.family)?.update;
  if (recipe === undefined) return fail({ kind: "off", via: "provisioning", detail: `${planned.family} takes no image from here` });
  const { mac, partNumber, model } = planned;
  const { image: sha256, release, kind, from, to: version, tree = [] } = legAt(planned, leg);
  const row = io.store.devices.load(planned.device);
  const running = kind === "updater" ? row?.updater : row?.running;
  if (lowers({ from, to: version }, running) && !mayLower(planned, io.store))
    return fail({
      kind: "refused",
      via: "provisioning",
      reason: `${version} is older than ${running ?? from}, and no approved rollback installs it`,
    });
  const seenAt = row?.address;
  const known = seenAt === undefined || seenAt === "" ? {} : { seenAt };
  const byFamily =
    recipe.offer === "updateServer"
      ? { imageName: PACKAGE_NAME, tree: tree.map((file) => ({ path: file.path, sha256: file.sha256 })) }
      : { imageName: recipe.imageName };
  const partNumbers = partNumber === undefined ? [] : [partNumber];
  try {
    const bounds = notAboveOf({ from, to: version, kind });
    return await io.depot.ask("offer", { token, mac, sha256, release, partNumbers, model, version, ...bounds, ...byFamily, ...known });
  } catch (error) {
    if (error instanceof ThreadGone) return fail({ kind: "unreachable", via: "provisioning", detail: error.message });
    throw error;
  }
}
