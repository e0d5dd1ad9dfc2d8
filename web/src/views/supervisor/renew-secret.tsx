import type { ReactElement } from "react";
import type { ActionState } from "../../state/query";
import type { Readable } from "../../state/store";
import { useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Button } from "../../ui/parts";

/** How long the old one stays valid, in hours: 0 for one that others may have seen. */
const OVERLAPS = [24, 0, 72, 168, 720] as const;

interface Props {
  readonly name: string;
  readonly text: string;
  readonly busy: boolean;
  readonly action: Readable<ActionState>;
  readonly onRenew: (overlapHours: number) => Promise<boolean>;
}

/** A new secret, asked first: whoever has the old one must change over in time. */
export function RenewSecret({ name, text, busy, action, onRenew }: Props): ReactElement {
  const { t } = useWords();
  const options = OVERLAPS.map((hours) => ({ id: String(hours), label: hours === 0 ? t("secret.overlap.none") : hours < 48 ? t("secret.overlap.hours", { n: hours }) : t("secret.overlap.days", { n: hours / 24 }) }));
  return (
    <Ask
      trigger={
        <Button size="small" isDisabled={busy} aria-label={t("secret.renew.of", { name })}>
          {t("secret.renew")}
        </Button>
      }
      title={t("secret.renew.of", { name })}
      text={text}
      confirm={t("secret.renew.do")}
      look="primary"
      action={action}
      choice={{ label: t("secret.overlap"), options }}
      onConfirm={(_, chosen) => onRenew(Number(chosen))}
    />
  );
}
