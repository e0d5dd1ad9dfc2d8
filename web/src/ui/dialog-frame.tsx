/** The frame of every dialog that a button opens: title, backdrop, Escape; what is in it is given how to close it. */

import type { ReactElement, ReactNode } from "react";
import { Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "./parts";

interface Props {
  /** The button. */
  readonly trigger: ReactNode;
  readonly title: string;
  readonly children: (close: () => void) => ReactNode;
}

export function DialogFrame({ trigger, title, children }: Props): ReactElement {
  return (
    <DialogTrigger>
      {trigger}
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal">
          <Dialog className="dialog" aria-label={title}>
            {({ close }) => (
              <>
                <Heading slot="title" level={2}>
                  {title}
                </Heading>
                {children(close)}
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}

interface ButtonDialogProps {
  /** Of the dialog; said to a screen reader of the button too, for in a table many are alike. */
  readonly title: string;
  /** On the button. */
  readonly label: string;
  /** The page's first thing to do; else one button among many. */
  readonly isFirst?: boolean;
  readonly children: (close: () => void) => ReactNode;
}

/** The button, and its dialog. */
export function ButtonDialog({ title, label, isFirst = false, children }: ButtonDialogProps): ReactElement {
  return (
    <DialogFrame
      title={title}
      trigger={
        <Button aria-label={title} {...(isFirst ? { look: "primary" as const } : { size: "small" as const })}>
          {label}
        </Button>
      }
    >
      {children}
    </DialogFrame>
  );
}
