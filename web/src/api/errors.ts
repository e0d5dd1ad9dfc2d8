/** What can go wrong with a request: the service refused it (`problem`), or no answer came (`unreachable`). */

import type { Problem } from "./types";

export class ApiError extends Error {
  /** Stable code: the service's own, or `unreachable`. */
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly problem: Problem | null;

  constructor(code: string, status: number, problem: Problem | null = null) {
    super(problem?.title ?? code);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.problem = problem;
  }

  /** True when the very same request may succeed later: nothing is known to be wrong with it. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** Seconds the service asks us to wait, when it does. */
  get retryAfter(): number | null {
    return this.problem?.retry_after ?? null;
  }
}

/** Anything thrown, as an ApiError; a fault of our own code is not hidden. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && typeof (value as { code?: unknown }).code === "string";
}
