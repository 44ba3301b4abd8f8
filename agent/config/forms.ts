/**
 * Forms that many settings have.
 */
import * as z from "zod";

export const name = z.string().trim().min(1).max(128);
export const path = z.string().min(1).max(4096);
export const port = z.int("expected a whole number from 1 to 65535").min(1).max(65_535);
