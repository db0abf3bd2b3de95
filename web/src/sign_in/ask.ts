// Signing in and out. Not by api.ts, for which a 401 is the end of a session.
import {base} from "../router";
import {outcomeOf, type Outcome} from "./outcome";

const headers = {"x-croft-console": "1", "content-type": "application/json"};

export async function signIn(name: string, password: string): Promise<Outcome> {
  try {
    const response = await fetch(`${base}api/session`, {method: "POST", headers, credentials: "same-origin", body: JSON.stringify({name, password})});
    return outcomeOf(response.status, response.headers.get("retry-after"), (await response.json()) as {code?: string; message?: string});
  } catch (error) {
    return {kind: "failed", why: error instanceof Error ? error.message : String(error)};
  }
}

// Leaves nothing of this session in the page.
export async function signOut(): Promise<void> {
  await fetch(`${base}api/session`, {method: "DELETE", headers, credentials: "same-origin"}).catch(() => undefined);
  location.reload();
}
