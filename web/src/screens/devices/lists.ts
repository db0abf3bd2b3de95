// Lists that come in AWS's pages, and things that are read once and again after a change.
import {useEffect, useRef, useState} from "preact/hooks";
import type {Page} from "./iot";

export interface Listed<T> {
  items: readonly T[];
  more: (() => void) | undefined; // reads the next page; none when all were read
  isReading: boolean;
  failure: unknown;
  again: () => void;
}

interface State<T> {
  key: string;
  items: readonly T[];
  next: string;
  isReading: boolean;
  failure: unknown;
}

// `key` says what is listed: another begins anew.
export function useList<T>(key: string, read: (token: string) => Promise<Page<T>>): Listed<T> {
  const [state, setState] = useState<State<T>>({key, items: [], next: "", isReading: true, failure: undefined});
  const round = useRef(0);
  const load = (before: readonly T[], token: string) => {
    const mine = ++round.current;
    setState((old) => ({...old, isReading: true, failure: undefined}));
    read(token).then(
      (page) => mine === round.current && setState({key, items: [...before, ...page.items], next: page.next, isReading: false, failure: undefined}),
      (failure: unknown) => mine === round.current && setState((old) => ({...old, key, items: before, isReading: false, failure})),
    );
  };
  useEffect(() => load([], ""), [key]);
  const items = state.key === key ? state.items : [];
  return {
    items,
    more: state.next !== "" && !state.isReading ? () => load(items, state.next) : undefined,
    isReading: state.isReading || state.key !== key,
    failure: state.failure,
    again: () => load([], ""),
  };
}

export interface Loaded<T> {
  value: T | undefined;
  failure: unknown;
  again: () => void;
}

// Keeps what it has until the new value is there, unless `key` names another thing.
export function useLoaded<T>(key: string, read: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{key: string; value: T | undefined; failure: unknown}>({key, value: undefined, failure: undefined});
  const round = useRef(0);
  const load = () => {
    const mine = ++round.current;
    read().then(
      (value) => mine === round.current && setState({key, value, failure: undefined}),
      (failure: unknown) => mine === round.current && setState((old) => ({key, value: old.key === key ? old.value : undefined, failure})),
    );
  };
  useEffect(load, [key]);
  const isCurrent = state.key === key;
  return {value: isCurrent ? state.value : undefined, failure: isCurrent ? state.failure : undefined, again: load};
}

export interface Attempt {
  isBusy: boolean;
  failure: unknown;
  run: (action: () => Promise<unknown>, then?: () => void) => void;
}

// Something that a person asked for: one at a time; what AWS refused stays to be read until the next.
export function useAttempt(): Attempt {
  const [state, setState] = useState<{isBusy: boolean; failure: unknown}>({isBusy: false, failure: undefined});
  const run = (action: () => Promise<unknown>, then?: () => void) => {
    setState({isBusy: true, failure: undefined});
    action().then(
      () => {
        setState({isBusy: false, failure: undefined});
        then?.();
      },
      (failure: unknown) => setState({isBusy: false, failure}),
    );
  };
  return {...state, run};
}
