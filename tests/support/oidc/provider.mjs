/** A certified OpenID Connect provider on loopback, for tests. Usage: node provider.mjs PORT REDIRECT_URI. */

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [port, redirect, packages] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(createRequire(`${packages}/`).resolve("oidc-provider")));

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: "dialer",
      client_secret: "geheim-van-de-test",
      redirect_uris: [redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  pkce: { required: () => true },
  cookies: { keys: ["test"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log("ready"));
