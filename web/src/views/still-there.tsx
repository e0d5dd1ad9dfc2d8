import type { ReactElement } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useApp, useWords } from "../ui/app-context";
import { Button } from "../ui/parts";
import { useStore } from "../ui/use-store";

/** Asks for a minute whether somebody is at the screen. Any key, or the mouse, is an answer. */
export function StillThere(): ReactElement | null {
  const { idle } = useApp();
  const { t } = useWords();
  const state = useStore(idle);
  if (state.kind !== "asking") return null;
  return (
    <ModalOverlay className="overlay" isOpen>
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog" aria-label={t("lock.ask")}>
          <Heading slot="title" level={2}>
            {t("lock.ask")}
          </Heading>
          {/* Told once, not each second. */}
          <p>{t("lock.ask.hint")}</p>
          <p className="muted" aria-hidden="true">
            {t("lock.ask.left", { seconds: String(state.seconds) })}
          </p>
          <div className="row row--end">
            <Button look="primary" onPress={idle.touched}>
              {t("lock.ask.yes")}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
