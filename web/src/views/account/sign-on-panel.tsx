import { type ReactElement, useEffect, useState } from "react";
import { SignOnModel, takeSignOnAnswer } from "../../state/sign-on";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Whether I may come in with the house's own account; nothing where there is no such thing. */
export function SignOnPanel(): ReactElement | null {
  const { client } = useApp();
  const { t, code } = useWords();
  const model = useModel(() => new SignOnModel(client, (url) => location.assign(url)));
  const { data } = useStore(model.mine);
  const { busy, error } = useStore(model.acting);
  const [password, setPassword] = useState("");
  const told = useModel(() => takeSignOnAnswer(location, history));
  useEffect(() => void model.mine.reload(), [model]);
  const name = data?.name ?? null;
  if (data === null || name === null) return null;
  const wrong = error?.code === "sign-in-refused";
  return (
    <Panel title={t("signOn.title", { name })} aside={<Badge tone={data.linked ? "good" : "plain"}>{t(data.linked ? "access.linked" : "signOn.notLinked")}</Badge>}>
      {told !== null && (
        <Notice tone={told === "linked" ? "good" : "bad"} live="polite">
          {code("signOn", told)}
        </Notice>
      )}
      <p>{t(data.linked ? "signOn.linked.text" : "signOn.notLinked.text", { name })}</p>
      <ErrorNotice error={wrong ? null : error} />
      {data.linked ? (
        <div className="row row--end">
          <Button isDisabled={busy} onPress={() => void model.unlink()}>
            {t("signOn.unlink")}
          </Button>
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (password !== "") void model.link(password).finally(() => setPassword(""));
          }}
        >
          <TextInput type="password" label={t("login.password")} value={password} onChange={setPassword} autoComplete="current-password" {...(wrong ? { error: t("lock.wrong") } : {})} />
          <div className="row row--end">
            <Button look="primary" type="submit" isDisabled={busy || password === ""}>
              {t("signOn.link")}
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}
