/**
 * The kill switch: what must not be touched now, nor be given an image, whatever is approved or running. Pure.
 * A row each, so that it outlives a restart; only a person ends it.
 */
import { unreachable } from "../../protocols/core/fault.ts";
import { type Ms, showDuration } from "../../protocols/core/time.ts";
import type { PlannedTask } from "./shape.ts";
import type { Hold } from "./task-state.ts";

export type KillScope =
  | { readonly kind: "site" }
  /** By the release's id. */
  | { readonly kind: "release"; readonly release: string }
  | { readonly kind: "model"; readonly model: string };

export interface Kill {
  readonly scope: KillScope;
  readonly by: string;
  readonly reason: string;
  readonly sinceMs: Ms;
}

/** What a device is about to be given, as far as a scope asks. */
export interface Given {
  readonly release: string;
  readonly model: string;
}

export function sameScope(one: KillScope, other: KillScope): boolean {
  return scopeKey(one) === scopeKey(other);
}

/** One text for one scope; models are compared as people write them. */
export function scopeKey(scope: KillScope): string {
  switch (scope.kind) {
    case "site":
      return "site";
    case "release":
      return `release ${scope.release}`;
    case "model":
      return `model ${plainModel(scope.model)}`;
    default:
      return unreachable(scope);
  }
}

const plainModel = (model: string): string => model.toLowerCase().replaceAll(/[\s_-]+/g, "");

export function sameModel(one: string, other: string): boolean {
  return plainModel(one) === plainModel(other);
}

export function coversGiven(scope: KillScope, { release, model }: Given): boolean {
  switch (scope.kind) {
    case "site":
      return true;
    case "release":
      return scope.release === release;
    case "model":
      return sameModel(scope.model, model);
    default:
      return unreachable(scope);
  }
}

/** A task of several legs is in the scope of each release it installs: nobody is left half way on purpose. */
export function coversTask(scope: KillScope, { legs, model }: Pick<PlannedTask, "legs" | "model">): boolean {
  return legs.some(({ release }) => coversGiven(scope, { release, model }));
}

export function killsOf<T extends Pick<Kill, "scope">>(kills: readonly T[], task: Pick<PlannedTask, "legs" | "model">): readonly T[] {
  return kills.filter(({ scope }) => coversTask(scope, task));
}

/** What holds an untouched task. */
export function killHold({ scope, by, reason }: Kill): Hold {
  const why = `the kill switch is on for ${scopeWords(scope)}, by ${by}${reason === "" ? "" : `: ${reason}`}`;
  return { code: "killed", why, endedBy: "an approver who turns the kill switch off" };
}

export function scopeWords(scope: KillScope): string {
  switch (scope.kind) {
    case "site":
      return "the whole site";
    case "release":
      return `release ${scope.release}`;
    case "model":
      return scope.model;
    default:
      return unreachable(scope);
  }
}

/** `on for the whole site since 5m, by anna: smoke`. */
export function killWords({ scope, by, reason, sinceMs }: Kill, nowMs: Ms): string {
  return `on for ${scopeWords(scope)} since ${showDuration(Math.max(0, nowMs - sinceMs))}, by ${by}${reason === "" ? "" : `: ${reason}`}`;
}
