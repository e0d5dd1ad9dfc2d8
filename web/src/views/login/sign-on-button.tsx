import { type ReactElement, useEffect } from "react";
import { SignOnModel, takeSignOnAnswer } from "../../state/sign-on";
import { useApp, useWords } from "../../ui/app-context";
import { Button, Notice } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Signing in with the house's own account, where there is such a thing. */
export function SignOnButton(): ReactElement | null {
  const { client } = useApp();
  const { t, code } = useWords();
  const model = useModel(() => new SignOnModel(client, (url) => location.assign(url)));
  const { data: name } = useStore(model.ways);
  const { busy, error } = useStore(model.acting);
  useEffect(() => void model.ways.reload(), [model]);
  const came = useModel(() => takeSignOnAnswer(location, history));
  const told = error?.code ?? came;
  if (name === null) return null;
  return (
    <div className="stack">
      {told !== null && (
        <Notice tone="bad" live="assertive">
          {code("signOn", told)}
        </Notice>
      )}
      <Button size="large" isDisabled={busy} onPress={() => void model.start()}>
        {t("signOn.start", { name })}
      </Button>
    </div>
  );
}
