/**
 * The HTTP client: typed by the API's description, with CSRF, problem+json errors and a deadline for every request.
 * It never retries by itself: who asks knows whether asking again is right.
 */

import { ApiError, isProblem } from "./errors";
import type { paths } from "./schema";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** Paths that know the method. */
type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type PathParams<O> = O extends { parameters: { path: infer X extends object } } ? { path: X } : unknown;
type QueryParams<O> = O extends { parameters: { query?: infer X } }
  ? [Exclude<X, undefined>] extends [never]
    ? unknown
    : { query?: X }
  : unknown;
type JsonBody<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? { body: B }
  : O extends { requestBody?: { content: { "application/json": infer B } } } ? ([B] extends [never] ? unknown : { body?: B }) : unknown;
type JsonOf<R> = R extends { content: { "application/json": infer J } } ? J : undefined;
type Responses<O> = O extends { responses: infer R } ? R : never;
type Ok<O> = JsonOf<Responses<O>[keyof Responses<O> & (200 | 201 | 202 | 204)]>;

interface Extras {
  /** Makes repeating safe: the same key gives the first answer again. */
  readonly idempotencyKey?: string;
  /** The version that was read, for edits that could clash. */
  readonly ifMatch?: number;
  readonly signal?: AbortSignal;
  /** For what waits on a third party. */
  readonly timeoutSeconds?: number;
}

type Options<P extends keyof paths, M extends Method> = Extras &
  PathParams<Operation<P, M>> &
  QueryParams<Operation<P, M>> &
  JsonBody<Operation<P, M>>;

/** Options may be left out only where nothing in them is needed. */
type Arguments<P extends keyof paths, M extends Method> =
  Extras extends Options<P, M> ? [options?: Options<P, M>] : [options: Options<P, M>];

/** What all options can hold, for the untyped inside. */
interface Request extends Extras {
  readonly path?: object;
  readonly query?: object | undefined;
  readonly body?: unknown;
  readonly form?: FormData;
}

export interface ClientOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly base?: string;
  /** The language of titles and explanations in answers. */
  readonly language: () => string;
  readonly timeoutSeconds?: number;
}

const UPLOAD_SECONDS = 600;

export class ApiClient {
  /** Told when the service says that nobody is signed in. */
  onSignedOut: () => void = () => undefined;
  /** Told when this session may do nothing: the screen is locked, as another tab may have done, or a code is asked for. */
  onHeldBack: () => void = () => undefined;
  /** The CSRF token of the session; null: not signed in. */
  csrf: string | null = null;
  readonly #fetch: typeof globalThis.fetch;
  readonly #base: string;
  readonly #language: () => string;
  readonly #timeout: number;
  #offset = 0;

  constructor({ fetch, base = "/api/v1", language, timeoutSeconds = 15 }: ClientOptions) {
    this.#fetch = fetch;
    this.#base = base;
    this.#language = language;
    this.#timeout = timeoutSeconds;
  }

  /** The service's wall clock in unix seconds, as far as its answers tell. */
  now(): number {
    return Date.now() / 1000 + this.#offset;
  }

  async get<P extends PathOf<"get">>(path: P, ...[options]: Arguments<P, "get">): Promise<Ok<Operation<P, "get">>> {
    return (await this.#json("GET", path, options)) as Ok<Operation<P, "get">>;
  }

  async post<P extends PathOf<"post">>(path: P, ...[options]: Arguments<P, "post">): Promise<Ok<Operation<P, "post">>> {
    return (await this.#json("POST", path, options)) as Ok<Operation<P, "post">>;
  }

  async put<P extends PathOf<"put">>(path: P, ...[options]: Arguments<P, "put">): Promise<Ok<Operation<P, "put">>> {
    return (await this.#json("PUT", path, options)) as Ok<Operation<P, "put">>;
  }

  async patch<P extends PathOf<"patch">>(path: P, ...[options]: Arguments<P, "patch">): Promise<Ok<Operation<P, "patch">>> {
    return (await this.#json("PATCH", path, options)) as Ok<Operation<P, "patch">>;
  }

  async delete<P extends PathOf<"delete">>(path: P, ...[options]: Arguments<P, "delete">): Promise<Ok<Operation<P, "delete">>> {
    return (await this.#json("DELETE", path, options)) as Ok<Operation<P, "delete">>;
  }

  /** Sends a file as multipart form data. */
  async upload<P extends "/campaigns/{campaign}/deliveries" | "/campaigns/{campaign}/numbers" | "/campaigns/{campaign}/visits" | "/campaigns/{campaign}/mappings" | "/result-profiles/example">(
    path: P,
    options: PathParams<Operation<P, "post">> & QueryParams<Operation<P, "post">> & { readonly form: FormData },
  ): Promise<Ok<Operation<P, "post">>> {
    return (await this.#json("POST", path, { ...options, timeoutSeconds: UPLOAD_SECONDS })) as Ok<Operation<P, "post">>;
  }

  /** A file, as the service makes it. */
  async download<P extends PathOf<"get">>(path: P, ...[options]: Arguments<P, "get">): Promise<Blob> {
    const response = await this.#send("GET", path, { ...options, timeoutSeconds: UPLOAD_SECONDS });
    return await response.blob();
  }

  async #json(method: string, path: string, options: Request = {}): Promise<unknown> {
    const response = await this.#send(method, path, options);
    if (response.status === 204 || response.headers.get("content-length") === "0") return undefined;
    const text = await response.text().catch(() => {
      throw new ApiError("unreachable", 0);
    });
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  }

  async #send(method: string, path: string, request: Request): Promise<Response> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), (request.timeoutSeconds ?? this.#timeout) * 1000);
    const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, request.signal]);
    let response: Response;
    try {
      response = await this.#fetch(this.#url(path, request), {
        method,
        headers: this.#headers(method, request),
        body: request.form ?? (request.body === undefined ? null : JSON.stringify(request.body)),
        credentials: "same-origin",
        redirect: "error",
        signal,
      });
    } catch {
      throw new ApiError("unreachable", 0);
    } finally {
      clearTimeout(timer);
    }
    this.#learnTime(response);
    if (!response.ok) throw await this.#refusal(response, method, path);
    return response;
  }

  #url(path: string, request: Request): string {
    const values = (request.path ?? {}) as Record<string, string>;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {}) as [string, unknown][])
      if (typeof value === "string" ? value !== "" : typeof value === "number" || typeof value === "boolean")
        query.set(name, String(value));
    const suffix = query.size > 0 ? `?${query.toString()}` : "";
    return `${this.#base}${filled}${suffix}`;
  }

  #headers(method: string, request: Request): Record<string, string> {
    const headers: Record<string, string> = {
      Accept: "application/json, application/problem+json",
      "Accept-Language": this.#language(),
    };
    if (request.body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET" && this.csrf !== null) headers["X-CSRF-Token"] = this.csrf;
    if (request.idempotencyKey !== undefined) headers["Idempotency-Key"] = request.idempotencyKey;
    if (request.ifMatch !== undefined) headers["If-Match"] = `"${request.ifMatch}"`;
    return headers;
  }

  async #refusal(response: Response, method: string, path: string): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => null);
    const problem = isProblem(body) ? body : null;
    const signingIn = path === "/session" && method !== "DELETE";
    // A wrong password or code, where one is asked for again, says nothing of the session.
    const wrongProof = problem?.code === "sign-in-refused" || problem?.code === "code-refused";
    if (problem?.code === "session-locked" || problem?.code === "second-factor-first") this.onHeldBack();
    if (response.status === 401 && !signingIn && !wrongProof) this.onSignedOut();
    return new ApiError(problem?.code ?? `http-${response.status}`, response.status, problem);
  }

  /** The Date header has whole seconds: only a clock that is clearly off is corrected. */
  #learnTime(response: Response): void {
    const stamp = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(stamp)) return;
    const offset = (stamp - Date.now()) / 1000;
    this.#offset = Math.abs(offset) > 2 ? offset : 0;
  }
}

/** A new idempotency key; works without a secure context too. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
