/** A secret that was made just now: shown this once, and kept nowhere. */

import type { ReactElement } from "react";
import { useWords } from "./app-context";
import { Button, Notice, Panel } from "./parts";

interface Props {
  readonly title: string;
  /** What to do with it. */
  readonly text: string;
  readonly secret: string;
  readonly onSeen: () => void;
}

export function SecretOnce({ title, text, secret, onSeen }: Props): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={title} tone="accent">
      <Notice tone="warn" live="assertive">
        {text}
      </Notice>
      <code className="secret">{secret}</code>
      <div>
        <Button look="primary" onPress={onSeen}>
          {t("tokens.secret.seen")}
        </Button>
      </div>
    </Panel>
  );
}
