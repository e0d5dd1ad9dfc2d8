/** The frame of every dialog that a button opens: title, backdrop, Escape; what is in it is given how to close it. */

import type { ReactElement, ReactNode } from "react";
import { Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";

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
