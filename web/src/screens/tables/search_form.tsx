// What is looked for: index, key, filters, options. Nothing is read until it is run; then it lies in the URL.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import {everything, filterOperators, readSearch, SearchError, searchedKeys, sortOperators, writeSearch} from "./search";
import type {Filter, FilterOperator, Search, SortOperator} from "./search";
import {indexesOf, isGlobal, keysOf, keysText, scalarTypes, type Keys, type Table} from "./table";
import {types, type Type} from "./values";
import {route, setQuery} from "../../router";
import {texts} from "./texts";

const draft = signal<Search>(everything);
const optionsOpen = signal(false);
const set = (part: Partial<Search>) => (draft.value = {...draft.peek(), ...part});

const typeable: readonly Type[] = scalarTypes.filter((type) => type !== "NULL");

function Sort({keys}: {keys: Keys}) {
  const t = texts.value.search;
  const {sortOperator, sort, sortSecond} = draft.value;
  if (!keys.sort) return null;
  const {name, type} = keys.sort;
  return (
    <div class="tables-key">
      <span class="tables-key-name"><bdi>{name}</bdi></span>
      <select aria-label={t.sortOperator} value={sortOperator}
        onChange={(event) => set({sortOperator: event.currentTarget.value as SortOperator})}>
        {sortOperators.filter((operator) => type !== "N" || operator !== "begins_with").map((operator) => (
          <option key={operator} value={operator}>{t.operators[operator]}</option>
        ))}
      </select>
      <input aria-label={t.keyValue(name)} placeholder={t.any} value={sort}
        onInput={(event) => set({sort: event.currentTarget.value})} />
      {sortOperator === "between" && (
        <input aria-label={t.keySecond(name)} placeholder={t.and} value={sortSecond}
          onInput={(event) => set({sortSecond: event.currentTarget.value})} />
      )}
    </div>
  );
}

const hasValue = (operator: FilterOperator) => operator !== "exists" && operator !== "not exists" && operator !== "type";

function FilterRow({filter, at}: {filter: Filter; at: number}) {
  const t = texts.value.search;
  const change = (part: Partial<Filter>) => set({filters: draft.peek().filters.map((one, n) => (n === at ? {...one, ...part}
    : one))});
  return (
    <li class="tables-filter">
      <input aria-label={t.attribute} placeholder={t.attribute} list="tables-attributes" value={filter.name}
        onInput={(event) => change({name: event.currentTarget.value})} />
      <select aria-label={t.operator} value={filter.operator}
        onChange={(event) => change({operator: event.currentTarget.value as FilterOperator})}>
        {filterOperators.map((operator) => <option key={operator} value={operator}>{t.operators[operator]}</option>)}
      </select>
      {(hasValue(filter.operator) || filter.operator === "type") && (
        <select aria-label={t.type} value={filter.type} onChange={(event) => change({type: event.currentTarget.value as Type})}>
          {(filter.operator === "type" ? types : typeable).map((type) => <option key={type}
            value={type}>{t.types[type]}</option>)}
        </select>
      )}
      {hasValue(filter.operator) && filter.type === "BOOL" && (
        <select aria-label={t.value} value={filter.value} onChange={(event) => change({value: event.currentTarget.value})}>
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      )}
      {hasValue(filter.operator) && filter.type !== "BOOL" && (
        <input aria-label={t.value} placeholder={filter.type === "B" ? t.base64 : t.value} value={filter.value}
          onInput={(event) => change({value: event.currentTarget.value})} />
      )}
      {filter.operator === "between" && (
        <input aria-label={t.second} placeholder={t.and} value={filter.second}
          onInput={(event) => change({second: event.currentTarget.value})} />
      )}
      <button type="button" class="quiet" aria-label={t.removeFilter}
        onClick={() => set({filters: draft.peek().filters.filter((_, n) => n !== at)})}>✕</button>
    </li>
  );
}

function Options({table}: {table: Table}) {
  const t = texts.value.search;
  const {attributes, limit, down, consistent, index, partition} = draft.value;
  return (
    <div class="tables-options">
      <label class="grow">
        {t.projection}
        <input placeholder={t.projectionHint} value={attributes.join(", ")}
          onChange={(event) => set({attributes: event.currentTarget.value.split(",").map((name) => name.trim()).filter(Boolean)})} />
      </label>
      <label>
        {t.limit}
        <input inputMode="numeric" class="tables-number" placeholder={t.noLimit} value={limit > 0 ? String(limit) : ""}
          onInput={(event) => set({limit: Math.max(0, Math.floor(Number(event.currentTarget.value) || 0))})} />
      </label>
      <label class="check">
        <input type="checkbox" checked={down && partition !== ""} disabled={partition === ""}
          onChange={(event) => set({down: event.currentTarget.checked})} />
        {t.down}
      </label>
      <label class="check">
        <input type="checkbox" checked={consistent && !isGlobal(table, index)} disabled={isGlobal(table, index)}
          onChange={(event) => set({consistent: event.currentTarget.checked})} />
        {t.consistent}
      </label>
    </div>
  );
}

// How many of the options that are not on the screen say something.
const optionCount = ({attributes, limit, down, consistent}: Search) => [attributes.length > 0, limit > 0, down,
  consistent].filter(Boolean).length;

function keysFor(table: Table, search: Search): Keys {
  try {
    return searchedKeys(table, search);
  } catch (error) {
    if (error instanceof SearchError) return keysOf(table);
    throw error;
  }
}

export function SearchForm({table, seen, onRun}: {table: Table; seen: readonly string[]; onRun: (search: Search) => void}) {
  const t = texts.value.search;
  const inUrl = JSON.stringify(readSearch(route.value.query));
  useEffect(() => {
    draft.value = JSON.parse(inUrl) as Search;
    if (optionCount(draft.peek()) > 0) optionsOpen.value = true;
  }, [inUrl, table.TableName]);
  const {index, partition, filters} = draft.value;
  const keys = keysFor(table, draft.value);
  const run = (event: Event) => {
    event.preventDefault();
    setQuery({...writeSearch(draft.peek()), item: ""}, "push");
    onRun(draft.peek());
  };
  const indexes = indexesOf(table);
  return (
    <form class="tables-search" role="search" onSubmit={run}>
      <div class="tables-line">
        {indexes.length > 0 && (
          <label class="tables-index">
            <span class="hidden">{t.index}</span>
            <select value={index} onChange={(event) => set({index: event.currentTarget.value})}>
              <option value="">{t.table}</option>
              {indexes.map((one) => <option key={one.IndexName}
                value={one.IndexName}>{`${one.IndexName} — ${keysText(keysOf(table, one.KeySchema))}`}</option>)}
            </select>
          </label>
        )}
        <div class="tables-key">
          <span class="tables-key-name"><bdi>{keys.partition.name}</bdi> =</span>
          <input aria-label={t.keyValue(keys.partition.name)} placeholder={t.anyScan} value={partition}
            onInput={(event) => set({partition: event.currentTarget.value})} />
        </div>
        {partition !== "" && <Sort keys={keys} />}
        <button type="button"
          onClick={() => set({filters: [...filters,
          {name: "", operator: "=", type: "S", value: "", second: ""}]})}>{t.addFilter}</button>
        <button type="button" aria-expanded={optionsOpen.value} onClick={() => (optionsOpen.value = !optionsOpen.value)}>
          {t.options(optionCount(draft.value))}
        </button>
        <button type="submit" class="main">{partition === "" ? t.scan : t.query}</button>
      </div>
      {filters.length > 0 && <ul
        class="tables-filters">{filters.map((filter, n) => <FilterRow key={n} filter={filter} at={n} />)}</ul>}
      {optionsOpen.value && <Options table={table} />}
      <datalist id="tables-attributes">{seen.map((name) => <option key={name} value={name} />)}</datalist>
    </form>
  );
}
