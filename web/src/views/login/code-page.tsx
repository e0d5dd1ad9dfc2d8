import { type ReactElement, useState } from "react";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Icon } from "../../ui/icon";
import { Button, Notice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** The second step of signing in. */
export function CodePage(): ReactElement {
  const { session } = useApp();
  const { t, error: words } = useWords();
  const { busy, error } = useStore(session.proving);
  const [code, setCode] = useState("");
  const refused =
    error === null ? null : error.code === "code-refused" ? t("login.code.wrong") : error.status === 429 ? t("login.slow") : error.status === 0 ? t("login.unreachable") : words(error);
  return (
    <main className="login" id="content">
      <form
        className="login__card"
        onSubmit={(event) => {
          event.preventDefault();
          if (code !== "") void session.prove(code).finally(() => setCode(""));
        }}
      >
        <div className="brand">
          <span className="brand__mark">
            <Icon name="lock" />
          </span>
          {t("app.name")}
        </div>
        <div>
          <h1>{t("login.code.title")}</h1>
          <p className="muted">{t("login.code.intro")}</p>
        </div>
        {refused !== null && (
          <Notice tone="bad" live="assertive">
            {refused}
          </Notice>
        )}
        <TextInput label={t("login.code.label")} hint={t("login.code.hint")} value={code} onChange={setCode} autoComplete="one-time-code" maxLength={40} focusFirst required />
        <Button look="primary" size="large" type="submit" isDisabled={busy || code === ""}>
          {t("login.code.submit")}
        </Button>
        <Button look="quiet" onPress={() => void session.signOut()}>
          {t("login.code.other")}
        </Button>
      </form>
    </main>
  );
}
