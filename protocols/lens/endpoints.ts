/** Where the maker's cloud is. Source: protocols/lens-and-portal.md 1. */

/** Both begin with `https://`. */
export interface LensEndpoints {
  readonly token: string;
  readonly graphql: string;
}

export const LENS_ENDPOINTS: LensEndpoints = {
  token: "https://login.silica-prod01.io.lens.poly.com/oauth/token",
  graphql: "https://api.silica-prod01.io.lens.poly.com/graphql",
};
