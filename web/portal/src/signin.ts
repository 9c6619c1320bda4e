// Signing in: authorization code with PKCE at the stack's user pool, when /config.json names one. Tokens stay in this tab.

interface SignIn { authorizeUrl: string; tokenUrl: string; logoutUrl: string; clientId: string; scopes: string }
export interface SiteConfig { signIn?: SignIn | { paste: true } }
interface Tokens { access: string; refresh: string | null; until: number }

const TOKENS = "headend-tokens";
const PENDING = "headend-sign-in";
/** A token is exchanged when it has less left than this. */
const EARLY_MS = 60_000;

let config: SiteConfig = {};

export const asksForToken = (): boolean => config.signIn !== undefined && "paste" in config.signIn;
export const hasSignIn = (): boolean => config.signIn !== undefined;
const pool = (): SignIn | null => (config.signIn && !("paste" in config.signIn) ? config.signIn : null);
const back = (): string => `${location.origin}/`;

function stored(): Tokens | null {
  try {
    return JSON.parse(sessionStorage.getItem(TOKENS) ?? "null") as Tokens | null;
  } catch {
    return null;
  }
}
const keep = (tokens: Tokens): void => sessionStorage.setItem(TOKENS, JSON.stringify(tokens));
export const forget = (): void => sessionStorage.removeItem(TOKENS);

/** Reads the site's config and ends a sign-in that comes back. A site without the file is open. */
export async function prepare(): Promise<void> {
  const answer = await fetch("/config.json", { cache: "no-cache" });
  if (answer.ok && answer.headers.get("content-type")?.includes("json")) config = (await answer.json()) as SiteConfig;
  const query = new URLSearchParams(location.search);
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null") as { state: string; verifier: string; path: string } | null;
  if (!pool() || !pending || !(query.has("code") || query.has("error"))) return;
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, "", pending.path);
  if (query.has("error")) throw new Error(`Sign-in was refused: ${query.get("error_description") ?? query.get("error")}`);
  if (query.get("state") !== pending.state) throw new Error("Sign-in came back with another state than it left with; sign in again.");
  await exchange({ grant_type: "authorization_code", code: query.get("code") ?? "", redirect_uri: back(), code_verifier: pending.verifier });
}

async function exchange(fields: Record<string, string>): Promise<void> {
  const to = pool();
  if (!to) return;
  const answer = await fetch(to.tokenUrl, { method: "POST", body: new URLSearchParams({ client_id: to.clientId, ...fields }) });
  if (!answer.ok) {
    forget();
    throw new Error(`The user pool gave no token (${answer.status}); sign in again.`);
  }
  const got = (await answer.json()) as { access_token: string; refresh_token?: string; expires_in: number };
  const refresh = got.refresh_token ?? stored()?.refresh ?? null;
  keep({ access: got.access_token, refresh, until: Date.now() + got.expires_in * 1000 });
}

let refreshing: Promise<void> | null = null;
/** The access token, fresh; null when nobody is signed in or nobody has to be. */
export async function token(): Promise<string | null> {
  const tokens = stored();
  if (!tokens || !hasSignIn()) return null;
  if (tokens.until - Date.now() > EARLY_MS) return tokens.access;
  return refreshed(tokens);
}

/** Another token than the one that the API refused, if there is one: revoked before its time, or exchanged meanwhile. */
export async function tokenAfter(refused: string): Promise<string | null> {
  const tokens = stored();
  const access = tokens && tokens.access === refused ? await refreshed(tokens) : tokens?.access;
  return access && access !== refused ? access : null;
}

/** Who cannot be refreshed is asked to sign in by the API's 401. */
async function refreshed(tokens: Tokens): Promise<string | null> {
  if (!tokens.refresh || !pool()) return tokens.access;
  refreshing ??= exchange({ grant_type: "refresh_token", refresh_token: tokens.refresh }).finally(() => (refreshing = null));
  await refreshing.catch(() => undefined);
  return stored()?.access ?? null;
}

export function useToken(access: string): void {
  keep({ access: access.trim(), refresh: null, until: Number.MAX_SAFE_INTEGER });
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

export async function signIn(): Promise<void> {
  const to = pool();
  if (!to) return;
  const [state, verifier] = [random(), random()];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem(PENDING, JSON.stringify({ state, verifier, path: location.pathname }));
  const query = new URLSearchParams({
    response_type: "code", client_id: to.clientId, redirect_uri: back(), scope: to.scopes, state,
    code_challenge: base64url(new Uint8Array(digest)), code_challenge_method: "S256",
  });
  location.assign(`${to.authorizeUrl}?${query}`);
}

export function signOut(): void {
  forget();
  const to = pool();
  if (to) location.assign(`${to.logoutUrl}?${new URLSearchParams({ client_id: to.clientId, logout_uri: back() })}`);
  else location.assign("/");
}
