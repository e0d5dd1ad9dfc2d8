/**
 * A small dialog beside its button. The popover itself is the dialog, so that the library's hidden buttons to dismiss it
 * stand inside it, not outside every region of the page.
 */

import { type ReactElement, type ReactNode, useContext } from "react";
import { ButtonContext, DEFAULT_SLOT, OverlayTriggerStateContext, Popover, type PopoverProps } from "react-aria-components";

interface Props extends Pick<PopoverProps, "className" | "placement"> {
  readonly label: string;
  readonly look: string;
  /** Buttons with the slot `close` close it. */
  readonly children: ReactNode;
}

export function PopoverDialog({ label, look, children, ...popover }: Props): ReactElement {
  return (
    <Popover {...popover} aria-label={label}>
      <Inside look={look}>{children}</Inside>
    </Popover>
  );
}

function Inside({ look, children }: Pick<Props, "look" | "children">): ReactElement {
  const state = useContext(OverlayTriggerStateContext);
  return (
    <ButtonContext.Provider value={{ slots: { [DEFAULT_SLOT]: {}, close: { onPress: () => state?.close() } } }}>
      <div className={look}>{children}</div>
    </ButtonContext.Provider>
  );
}
