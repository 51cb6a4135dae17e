// A dialog above the page, by the browser's own element: it keeps the focus, and Escape closes it.

import type { ComponentChildren } from "preact";
import { useEffect, useReducer, useRef } from "preact/hooks";
import { say } from "../words/words.ts";

export type DialogProps = {
  readonly title: string;
  readonly isOpen: boolean;
  /** Called when the reader closes it. */
  readonly onClose: () => void;
  readonly children: ComponentChildren;
};

export function Dialog({ title, isOpen, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const [closings, countClosing] = useReducer((count: number) => count + 1, 0);
  // Escape closes the element also where the page does not let it go: then it opens again.
  useEffect(() => {
    if (!isOpen) element.current?.close();
    else if (!element.current?.open) element.current?.showModal();
  }, [isOpen, closings]);
  const follow = () => {
    onClose();
    countClosing(undefined);
  };
  return (
    <dialog ref={element} aria-label={title} onClose={follow}>
      <header>
        <h2>{title}</h2>
        <button type="button" onClick={onClose}>
          {say("shell.close")}
        </button>
      </header>
      {isOpen && children}
    </dialog>
  );
}
