import {computed, type ReadonlySignal} from "@preact/signals";
import {language, type Language} from "../settings";
import {en, type Texts} from "./en";
import {ja} from "./ja";

export const languages: Record<Language, Texts> = {en, ja};
export const texts = computed<Texts>(() => languages[language.value]);

// The texts of a part of the page that is loaded on its own. Japanese has exactly what English has, or it does not compile.
export function inBothLanguages<T>(en: T, ja: NoInfer<T>): ReadonlySignal<T> {
  return computed(() => ({en, ja})[language.value]);
}

// English: "1 client", "2 clients".
export const many = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;

// How long ago, in the one unit that matters.
export function ago(texts: Texts, ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 1) return texts.ago.now;
  if (seconds < 60) return texts.ago.seconds(seconds);
  if (seconds < 3600) return texts.ago.minutes(Math.floor(seconds / 60));
  if (seconds < 86_400) return texts.ago.hours(Math.floor(seconds / 3600));
  return texts.ago.days(Math.floor(seconds / 86_400));
}

// 10:55:01.123 on this machine's clock.
export function clock(ms: number): string {
  const time = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

export function dateTime(ms: number): string {
  return new Date(ms).toLocaleString(language.value);
}
