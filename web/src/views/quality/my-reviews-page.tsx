import { type ReactElement, useEffect, useState } from "react";
import type { OwnReview } from "../../api/types";
import { day } from "../../domain/dates";
import { looksLikeBsn } from "../../domain/text";
import { MyReviewsModel } from "../../state/my-reviews";
import { useApp, useWords } from "../../ui/app-context";
import { LongTextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { useCatalogue } from "../supervisor/use-outcomes";
import { Improvements } from "./improvements";
import { ReviewPoints } from "./review-panel";

/** What our reviewers found of the agent's own calls, and the coaching that came with it. */
export function MyReviewsPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new MyReviewsModel(client));
  const { data, error } = useStore(model.list);
  const outcomes = useCatalogue();
  useEffect(() => void model.list.reload(), [model]);
  return (
    <>
      <PageHead title={t("reviews.title")} />
      <div className="stack stack--wide">
        <p className="muted">{t("reviews.intro")}</p>
        <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data?.length === 0 && <Empty>{t("reviews.none")}</Empty>}
        {data?.map((own) => (
          <Panel
            key={`${own.day} ${own.review.at}`}
            title={`${day(own.day, locale)} · ${outcomes.label(own.outcome)}`}
            aside={<Badge tone="accent">{own.review.score === null ? t("quality.noScore") : t("quality.of100", { score: own.review.score })}</Badge>}
          >
            <ReviewPoints review={own.review} />
            {own.review.wanted !== null && (
              <p>
                {t("reviews.wanted", { outcome: outcomes.label(own.review.wanted) })} {own.review.reason}
              </p>
            )}
            {own.coaching !== null && <Coaching model={model} coaching={own.coaching} />}
          </Panel>
        ))}
        <Improvements />
      </div>
    </>
  );
}

function Coaching({ model, coaching }: { readonly model: MyReviewsModel; readonly coaching: NonNullable<OwnReview["coaching"]> }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  const [text, setText] = useState(coaching.answer ?? "");
  const bsn = looksLikeBsn(text);
  return (
    <div className="stack">
      <Notice tone="info">
        <strong>{t("reviews.coaching", { coach: coaching.coach })}</strong> {coaching.text ?? t("quality.erased")}
      </Notice>
      {coaching.state === "closed" ? (
        <p className="muted">
          {coaching.answer ?? ""} {t("reviews.closed")}
        </p>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== "" && !bsn) void model.answer(coaching.id, text);
          }}
        >
          <LongTextInput label={t("reviews.answer")} hint={t("reviews.answer.hint")} value={text} onChange={setText} error={bsn ? t("wrap.note.bsn") : undefined} rows={3} maxLength={2000} />
          <ErrorNotice error={error} />
          <div className="row row--end">
            <Button type="submit" look="primary" isDisabled={busy || text.trim() === "" || bsn}>
              {t(coaching.state === "open" ? "reviews.send" : "reviews.again")}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}
