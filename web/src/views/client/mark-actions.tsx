import type { ReactElement } from "react";
import type { FollowUpLine, FollowUpMark } from "../../api/types";
import { MARKS, mayMark, WITH_REASON } from "../../domain/follow-up";
import { looksLikeBsn } from "../../domain/text";
import type { Action } from "../../state/query";
import { useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Button } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

interface MarkProps {
  readonly line: FollowUpLine;
  readonly action: Action;
  readonly now: number;
  readonly onMark: (mark: FollowUpMark, reason: string) => Promise<boolean>;
}

/** What may be said of a case: of an appointment with one press, of the others with a choice and a reason. */
export function MarkActions({ line, action, now, onMark }: MarkProps): ReactElement | null {
  const { t } = useWords();
  const { busy } = useStore(action);
  if (!mayMark(line, now)) return line.list === "appointment" && line.done_at === null ? <span className="muted">{t("follow.toCome")}</span> : null;
  const ref = line.client_refs[0] ?? line.case.slice(-8);
  if (line.list === "appointment")
    return (
      <span className="row row--tight">
        {MARKS.appointment.map((mark) => (
          <Button key={mark} size="small" isDisabled={busy} aria-label={`${t(`follow.mark.${mark}`)}: ${ref}`} onPress={() => void onMark(mark, "")}>
            {t(`follow.mark.${mark}`)}
          </Button>
        ))}
      </span>
    );
  const words = t(line.list === "to_visit" ? "follow.say.visit" : "follow.say.decide");
  return (
    <Ask
      trigger={
        <Button size="small" aria-label={`${words}: ${ref}`}>
          {words}
        </Button>
      }
      title={`${words}: ${ref}`}
      text={t(`follow.${line.list}.text`)}
      confirm={t("follow.keep")}
      look="primary"
      action={action}
      choice={{ label: t("follow.outcome"), options: MARKS[line.list].map((mark) => ({ id: mark, label: t(`follow.mark.${mark}`) })) }}
      field={{
        label: t("follow.reason"),
        hint: t("wrap.note.hint"),
        min: (chosen) => (WITH_REASON.has(chosen) ? 3 : 0),
        maxLength: 500,
        check: (value) => (looksLikeBsn(value) ? t("wrap.note.bsn") : undefined),
      }}
      onConfirm={(reason, chosen) => onMark(chosen as FollowUpMark, reason)}
    />
  );
}
