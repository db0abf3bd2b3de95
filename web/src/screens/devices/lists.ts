// Lists that come in AWS's pages, and things that are read once and again after a change.
import {useEffect, useRef, useState} from "preact/hooks";
import {confirm, type Question} from "../../components/dialog";
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
  const latest = useRef({key, read}); // who asks anew may have been drawn before the key changed
  latest.current = {key, read};
  const load = (before: readonly T[], token: string) => {
    const mine = ++round.current;
    const {key, read} = latest.current;
    setState((old) => ({...old, isReading: true, failure: undefined}));
    read(token).then(
      (page) => mine === round.current && setState({key, items: [...before, ...page.items], next: page.next, isReading: false, failure: undefined}),
      (failure: unknown) => mine === round.current && setState({key, items: before, next: token, isReading: false, failure}),
    );
  };
  useEffect(() => load([], ""), [key]);
  const {items, next, isReading, failure} = state.key === key ? state : {...state, items: [], next: "", isReading: true, failure: undefined};
  return {
    items, isReading, failure,
    more: next !== "" && !isReading ? () => load(items, next) : undefined,
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
  const latest = useRef({key, read});
  latest.current = {key, read};
  const load = () => {
    const mine = ++round.current;
    const {key, read} = latest.current;
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
  ask: (question: Question, action: () => Promise<unknown>, then?: () => void) => Promise<void>; // runs it after a yes
}

// Something that a person asked for; what AWS refused stays to be read until the next.
export function useAttempt(): Attempt {
  const [state, setState] = useState<{isBusy: boolean; failure: unknown}>({isBusy: false, failure: undefined});
  const round = useRef(0);
  const run = (action: () => Promise<unknown>, then?: () => void) => {
    const mine = ++round.current;
    const end = (failure?: unknown) => mine === round.current && setState({isBusy: false, failure});
    setState({isBusy: true, failure: undefined});
    action().then(() => {
      end();
      then?.();
    }, end);
  };
  const ask = async (question: Question, action: () => Promise<unknown>, then?: () => void) => {
    if (await confirm(question)) run(action, then);
  };
  return {...state, run, ask};
}
