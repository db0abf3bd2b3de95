// Where the page is lies in its URL, so that it can be shared: /_croft/console/SCREEN?NAME=VALUE.
import {signal} from "@preact/signals";

export const base = import.meta.env.BASE_URL;

export interface Route {
  screen: string;
  query: URLSearchParams;
}

function read(): Route {
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : "";
  return {screen: decodeURIComponent(path.replace(/\/$/, "")), query: new URLSearchParams(location.search)};
}

export const route = signal<Route>(read());

addEventListener("popstate", () => (route.value = read()));

export function href(screen: string, query: Record<string, string> | URLSearchParams = {}): string {
  const text = new URLSearchParams(query).toString();
  return base + screen + (text ? `?${text}` : "");
}

export function go(to: string): void {
  history.pushState(null, "", to);
  route.value = read();
}

// Changes parts of the query; "" or an empty list takes one out. What is typed replaces, what is chosen can be gone back from.
export function setQuery(changes: Record<string, string | string[]>, keep: "replace" | "push" = "replace"): void {
  const query = new URLSearchParams(route.peek().query);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const one of typeof value === "string" ? [value] : value) if (one !== "") query.append(name, one);
  }
  const to = href(route.peek().screen, query);
  if (keep === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  route.value = read();
}

// For a link: leaves new tabs and windows to the browser.
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go((event.currentTarget as Element).getAttribute("href") ?? ""); // the property of an SVG link is no text
}
