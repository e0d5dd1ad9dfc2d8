/** The rows behind a figure that was opened. */

import type { ReactElement, ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../../ui/app-context";
import { Button } from "../../ui/parts";

interface Props {
  /** The figure; null: none is open. */
  readonly title: string | null;
  readonly note: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function FigureDialog({ title, note, onClose, children }: Props): ReactElement {
  const { t } = useWords();
  return (
    <ModalOverlay className="overlay" isDismissable isOpen={title !== null} onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal modal--wide">
        <Dialog className="dialog" aria-label={title ?? ""}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          <p className="muted">{note}</p>
          {children}
          <div className="row row--end">
            <Button onPress={onClose}>{t("reports.records.close")}</Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
