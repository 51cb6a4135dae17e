// A few buttons of which one is chosen.

export type ChoiceSwitchProps = {
  readonly label: string;
  readonly choices: readonly Choice[];
  /** As wide as what is around it. */
  readonly isWide?: boolean;
};
type Choice = {
  readonly text: string;
  readonly isChosen: boolean;
  readonly isDisabled?: boolean;
  readonly onChoose: () => void;
};

export function ChoiceSwitch({ label, choices, isWide = false }: ChoiceSwitchProps) {
  return (
    <fieldset class={isWide ? "switch wide" : "switch"} aria-label={label}>
      {choices.map(({ text, isChosen, isDisabled = false, onChoose }) => (
        <button
          key={text}
          type="button"
          aria-pressed={isChosen}
          disabled={isDisabled}
          onClick={onChoose}
        >
          {text}
        </button>
      ))}
    </fieldset>
  );
}
