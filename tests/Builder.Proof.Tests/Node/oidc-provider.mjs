// A provider of OpenID Connect for one site: node oidc-provider.mjs MODULES REDIRECT. Prints its issuer; everybody who signs in is called as they type.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [modules, redirect] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(join(modules, "oidc-provider", "lib", "index.js")).href);
const server = createServer();
await new Promise(done => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const groups = { anna: ["builders", "others"], mallory: ["others"] };
const provider = new Provider(issuer, {
  clients: [{ client_id: "builder site", client_secret: "s:cr+t/%", redirect_uris: [redirect], grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
  pkce: { required: () => true },
  cookies: { keys: ["for this test"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }) }),
});
server.on("request", provider.callback());
console.log(issuer);
