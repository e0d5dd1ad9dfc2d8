import { type ReactElement, useState } from "react";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Icon } from "../../ui/icon";
import { Button, Notice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { SignOnButton } from "./sign-on-button";

export function LoginPage({ expired }: { readonly expired: boolean }): ReactElement {
  const { session, preferences } = useApp();
  const { t, language, error: words } = useWords();
  const { busy, error } = useStore(session.signingIn);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const refused =
    error === null
      ? null
      : error.status === 401
        ? t("login.wrong")
        : error.status === 429
          ? t("login.slow")
          : error.status === 0
            ? t("login.unreachable")
            : words(error);
  return (
    <main className="login" id="content">
      <form
        className="login__card"
        onSubmit={(event) => {
          event.preventDefault();
          // The password leaves the memory of this page whatever the answer.
          void session.signIn(login, password).finally(() => setPassword(""));
        }}
      >
        <div className="brand">
          <span className="brand__mark">
            <Icon name="phone" />
          </span>
          {t("app.name")}
        </div>
        <div>
          <h1>{t("login.title")}</h1>
          <p className="muted">{t("login.intro")}</p>
        </div>
        {expired && refused === null && <Notice tone="info">{t("login.expired")}</Notice>}
        {refused !== null && (
          <Notice tone="bad" live="assertive">
            {refused}
          </Notice>
        )}
        <TextInput label={t("login.login")} value={login} onChange={setLogin} autoComplete="username" maxLength={64} focusFirst required />
        <TextInput label={t("login.password")} value={password} onChange={setPassword} type="password" autoComplete="current-password" required />
        <Button look="primary" size="large" type="submit" isDisabled={busy || login === "" || password === ""}>
          {t("login.submit")}
        </Button>
        <SignOnButton />
        <div className="row row--center">
          <Button look="quiet" size="small" onPress={() => preferences.change({ language: language === "nl" ? "en" : "nl" })}>
            {language === "nl" ? "English" : "Nederlands"}
          </Button>
        </div>
      </form>
    </main>
  );
}
