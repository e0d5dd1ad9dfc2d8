import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import type { Desk } from "../../state/desk";
import { useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Notice } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

const READ = "G";

/** A supervisor's words, the oldest first, until one key says that they were read. */
export function MessageNotice({ desk, agent }: { readonly desk: Desk; readonly agent: Agent }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(desk.reading);
  const message = agent.messages[0];
  useKeys((key) => {
    if (key !== READ.toLowerCase() || message === undefined) return false;
    void desk.read(message.id);
    return true;
  });
  return (
    <div className="live" aria-live="polite">
      {message !== undefined && (
        <Notice tone="info">
          <div className="row row--between">
            <span>
              <strong>{t("message.from", { name: message.sender })}</strong> {message.text}
            </span>
            <Button size="small" hotkey={READ} isDisabled={busy} onPress={() => void desk.read(message.id)}>
              {t("message.read")}
            </Button>
          </div>
          {agent.messages.length > 1 && <p className="muted">{t("message.more", { n: agent.messages.length - 1 })}</p>}
        </Notice>
      )}
      <ErrorNotice error={error} />
    </div>
  );
}
