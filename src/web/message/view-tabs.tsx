// Tabs with the arrow keys: which view of a payload is shown. Each has the panel with its own id.

import type { ComponentChildren, TargetedKeyboardEvent } from "preact";

export type ViewTabsProps<Name extends string> = {
  /** Of the element; a panel's id begins with it. */
  readonly id: string;
  readonly label: string;
  readonly tabs: readonly { readonly name: Name; readonly label: string }[];
  readonly chosen: Name;
  readonly onChoose: (name: Name) => void;
  readonly children: ComponentChildren;
};

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

export function ViewTabs<Name extends string>(props: ViewTabsProps<Name>) {
  const { id, label, tabs, chosen, onChoose, children } = props;
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    const at = tabs.findIndex(({ name }) => name === chosen) + step;
    const place = (at + tabs.length) % tabs.length;
    const next = tabs[place];
    if (!next) return;
    event.preventDefault();
    onChoose(next.name);
    event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")[place]?.focus();
  };
  return (
    <>
      <div role="tablist" class="view-tabs" aria-label={label} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            id={`${id}-${tab.name}-tab`}
            aria-selected={tab.name === chosen}
            aria-controls={tab.name === chosen ? `${id}-panel` : undefined}
            tabIndex={tab.name === chosen ? 0 : -1}
            onClick={() => onChoose(tab.name)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard
        tabIndex={0}
        class="view-panel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${chosen}-tab`}
      >
        {children}
      </div>
    </>
  );
}
