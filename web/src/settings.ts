// What a person chose for this browser: language and theme.
import {computed, effect, signal} from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
export type Language = "en" | "ja";

function kept<T extends string>(name: string, values: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(`croft.${name}`) as T | null;
    return value !== null && values.includes(value) ? value : otherwise;
  } catch {
    return otherwise; // storage is switched off
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`croft.${name}`, value);
  } catch {
    // then it holds for this page
  }
}

const spoken: Language = navigator.languages.some((tag) => tag.startsWith("ja")) && !navigator.language.startsWith("en") ? "ja" : "en";

export const theme = signal<Theme>(kept("theme", ["auto", "light", "dark"], "auto"));
export const language = signal<Language>(kept("language", ["en", "ja"], spoken));

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(systemIsDark.matches);
systemIsDark.addEventListener("change", () => (systemDark.value = systemIsDark.matches));

export const isDark = computed(() => (theme.value === "auto" ? systemDark.value : theme.value === "dark"));

effect(() => {
  document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
  keep("theme", theme.value);
});
effect(() => {
  document.documentElement.lang = language.value;
  keep("language", language.value);
});
