import { backPlants } from "./back-plants.ts";
import { bondPlants } from "./bond-plants.ts";
import { cataloguePlants } from "./catalogue-plants.ts";
import { devicePlants } from "./device-plants.ts";
import { peoplePlants } from "./people-plants.ts";
import type { PlantedBug } from "./plant.ts";
import { rowPlants } from "./row-plants.ts";
import { stonePlants } from "./stone-plants.ts";
import { stopPlants } from "./stop-plants.ts";

/** At least one for each invariant that stories check. */
export const PLANTED: readonly PlantedBug[] = [
  ...devicePlants,
  ...rowPlants,
  ...peoplePlants,
  ...backPlants,
  ...bondPlants,
  ...stonePlants,
  ...stopPlants,
  ...cataloguePlants,
];
