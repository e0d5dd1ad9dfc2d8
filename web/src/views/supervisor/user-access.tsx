/** How somebody gets in, and which roles need a second factor. */

import { type ReactElement, useEffect } from "react";
import type { User } from "../../api/types";
import { RESET_REASONS, type ResetReason, SignInRulesModel, UserAccessModel } from "../../state/access";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Toggle } from "../../ui/choices";
import { ButtonDialog } from "../../ui/dialog-frame";
import { Badge, Button, Empty, ErrorNotice, Fact, Facts, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { SessionList } from "../account/session-list";

export function UserAccessButton({ user }: { readonly user: User }): ReactElement {
  const { t } = useWords();
  return (
    <ButtonDialog title={t("access.of", { name: user.display_name })} label={t("access.open")}>
      {(close) => <UserAccessView user={user} close={close} />}
    </ButtonDialog>
  );
}

function UserAccessView({ user, close }: { readonly user: User; readonly close: () => void }): ReactElement {
  const { client, session } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new UserAccessModel(client, user.id));
  const { data, error } = useStore(model.access);
  const { busy, error: refused } = useStore(model.acting);
  const me = useStore(session);
  useEffect(() => void model.access.reload(), [model]);
  const factor = data?.second_factor;
  const own = me.kind === "signed_in" && me.user.id === user.id;
  return (
    <div className="stack">
      <ErrorNotice error={error ?? refused} onRetry={() => void model.access.reload()} />
      {factor === undefined ? (
        error === null && <Empty>{t("app.loading")}</Empty>
      ) : (
        <>
          <Facts>
            <Fact name={t("factor.title")}>
              <Badge tone={factor.active ? "good" : factor.required ? "warn" : "plain"}>{t(factor.active ? "factor.on" : "factor.off")}</Badge>
            </Fact>
            {factor.since !== null && <Fact name={t("access.since")}>{new Date(factor.since).toLocaleDateString(locale, { dateStyle: "long" })}</Fact>}
            {factor.active && <Fact name={t("factor.recovery")}>{t("access.left", { left: factor.recovery_left })}</Fact>}
            {data?.linked === true && <Fact name={t("access.house")}>{t("access.linked")}</Fact>}
            <Fact name={t("access.rule")}>{t(factor.required ? "access.required" : "access.optional")}</Fact>
          </Facts>
          {data !== null && data.sessions.length > 0 ? <SessionList label={t("sessions.open")} rows={data.sessions} here={null} /> : <p className="muted">{t("access.nowhere")}</p>}
          {factor.active && own && <p className="muted">{t("access.notOwn")}</p>}
        </>
      )}
      <div className="row row--end">
        {factor?.active === true && !own && (
          <Ask
            trigger={<Button look="danger">{t("access.reset")}</Button>}
            title={t("access.reset")}
            text={t("access.reset.text", { name: user.display_name })}
            confirm={t("access.reset")}
            action={model.acting}
            choice={{ label: t("access.reason"), options: RESET_REASONS.map((reason) => ({ id: reason, label: t(`access.reason.${reason}`) })) }}
            onConfirm={async (_, reason) => {
              const done = await model.reset(reason as ResetReason);
              if (done) close(); // the focus goes back to the row, not to a button that is gone
              return done;
            }}
          />
        )}
        {data?.linked === true && (
          <Button isDisabled={busy} onPress={() => void model.unlink()}>
            {t("signOn.unlink")}
          </Button>
        )}
        <Button look="quiet" onPress={close}>
          {t("app.close")}
        </Button>
      </div>
    </div>
  );
}

export function SignInRulesPanel(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new SignInRulesModel(client));
  const { data, error } = useStore(model.rules);
  const { error: refused } = useStore(model.acting);
  useEffect(() => void model.rules.reload(), [model]);
  return (
    <Panel title={t("rules.signIn.title")}>
      <p className="muted">{t("rules.signIn.text")}</p>
      <ErrorNotice error={error ?? refused} onRetry={() => void model.rules.reload()} />
      <div className="stack">
        {(data ?? []).map(({ role, second_factor }) => (
          <Toggle key={role} selected={second_factor === "required"} onChange={(on) => void model.require(role, on)}>
            {t(`role.${role}`)}
          </Toggle>
        ))}
      </div>
    </Panel>
  );
}
