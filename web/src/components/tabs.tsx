// Parts of a screen of which one is shown. The chosen one lies in the URL: the caller keeps it.
import type {ComponentChildren} from "preact";
import {useEffect, useId, useRef} from "preact/hooks";

export interface Tab {
  id: string;
  title: string;
}

export function Tabs({label, tabs, chosen, onChoose, children}: {
  label: string; tabs: readonly Tab[]; chosen: string; onChoose: (id: string) => void; children: ComponentChildren;
}) {
  const own = useId();
  const list = useRef<HTMLDivElement>(null);
  const current = tabs.some((tab) => tab.id === chosen) ? chosen : tabs[0]?.id;
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({block: "nearest", inline: "nearest"}), [current]);
  const step = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = tabs[(tabs.findIndex((tab) => tab.id === current) + by + tabs.length) % tabs.length];
    if (!next) return;
    onChoose(next.id);
    document.getElementById(`${own}-${next.id}`)?.focus();
  };
  return (
    <div class="tabbed">
      <div ref={list} class="tabs" role="tablist" aria-label={label} onKeyDown={step}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" id={`${own}-${tab.id}`} aria-selected={tab.id === current}
            aria-controls={`${own}-panel`} tabIndex={tab.id === current ? 0 : -1} onClick={() => onChoose(tab.id)}>
            {tab.title}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${own}-panel`} aria-labelledby={`${own}-${current}`}>
        {children}
      </div>
    </div>
  );
}
