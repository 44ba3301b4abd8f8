/** What the bench of a whole site and its agent agree on. */
import * as z from "zod";
import { SECOND } from "../../protocols/core/time.ts";

export const DEVICES = 10_000;
/** A tenth is dead: those whose last octet this divides. */
export const DEAD_EVERY = 10;
export const EVERY_MS = 60 * SECOND;
export const COMMUNITY = "bench";
const NET = 80;
const PER_SUBNET = 250;

export const addressOf = (number: number): string => `127.${NET}.${Math.floor(number / PER_SUBNET)}.${(number % PER_SUBNET) + 1}`;
export const isDead = (number: number): boolean => ((number % PER_SUBNET) + 1) % DEAD_EVERY === 0;
/** As the hosts make it. */
export const macOf = (number: number): string =>
  `0200${addressOf(number)
    .split(".")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join("")}`;

/** One stretch of the agent's life. */
export const stretchSchema = z.object({
  wallMs: z.number(),
  /** All its threads. */
  cpuMs: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  longestMs: z.number(),
  fromMs: z.number(),
  toMs: z.number(),
  rssMb: z.number(),
});
export const agentSchema = z.object({ first: stretchSchema, later: stretchSchema });
export type Stretch = z.infer<typeof stretchSchema>;
