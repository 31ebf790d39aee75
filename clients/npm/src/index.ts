/** Typed client of Plural: `connect` makes one, `paths` and `components` are the shapes of the service's document. */

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./api.js";

export type { components, paths };

/** How to reach the service. */
export interface Connection {
  /** Where it is, without `/v1`. */
  baseUrl: string;
  /** The API key; in a page a browser key (`pk_…`). */
  key: string;
  /** How often a call is made at most; default 5. */
  attempts?: number;
  /** For tests, or where there is no global one. */
  fetch?: typeof globalThis.fetch;
}

const LONGEST_WAIT_SECONDS = 60;

/**
 * A client for the service at `baseUrl`.
 *
 * A call that the service put off (429, 503) is made again after as many seconds as its `Retry-After` says, else after
 * .2, .4, .8 … seconds. Every other outcome is yours to see at once, a broken connection too: what became of the call
 * is not known then.
 */
export function connect({ baseUrl, key, attempts = 5, fetch = globalThis.fetch }: Connection): Client<paths> {
  const patient = async (request: Request): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(attempt < attempts ? request.clone() : request);
      if (attempt >= attempts || (response.status !== 429 && response.status !== 503)) return response;
      await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, 1000 * waitSeconds(response, attempt)));
    }
  };
  return createClient<paths>({ baseUrl, headers: { "X-API-Key": key }, fetch: patient });
}

function waitSeconds(response: Response, attempt: number): number {
  const told = Number(response.headers.get("Retry-After") ?? NaN);
  return Math.min(LONGEST_WAIT_SECONDS, Number.isFinite(told) && told >= 0 ? told : 0.1 * 2 ** attempt);
}
