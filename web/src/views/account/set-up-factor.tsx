/** An authenticator app in three steps, in one's own account and at a sign-in that asks for it. */

import { type ReactElement, type ReactNode, useState } from "react";
import { qrPath } from "../../domain/qr";
import type { SecondFactorModel } from "../../state/second-factor";
import { useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Button, ErrorNotice, Notice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

interface Props {
  readonly model: SecondFactorModel;
  /** What is asked before there is a secret to scan. */
  readonly begin: ReactNode;
}

export function SetUpFactor({ model, begin }: Props): ReactElement {
  const state = useStore(model);
  switch (state.step) {
    case "begin":
      return <>{begin}</>;
    case "scan":
      return <Scan model={model} secret={state.secret} address={state.address} />;
    case "keep":
      return <Keep codes={state.codes} done={model.done} />;
  }
}

function Scan({ model, secret, address }: { readonly model: SecondFactorModel; readonly secret: string; readonly address: string }): ReactElement {
  const { t, error: words } = useWords();
  const { busy, error } = useStore(model.acting);
  const [code, setCode] = useState("");
  const { size, path } = qrPath(address);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (code !== "") void model.confirm(code).finally(() => setCode(""));
      }}
    >
      <p>{t("factor.scan")}</p>
      <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t("factor.qr")} shapeRendering="crispEdges">
        <path className="qr__paper" d={`M0 0h${size}v${size}H0z`} />
        <path className="qr__ink" d={path} />
      </svg>
      <p>
        {t("factor.type")} <code className="qr__secret">{secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
      <TextInput
        label={t("factor.code")}
        value={code}
        onChange={setCode}
        autoComplete="one-time-code"
        maxLength={12}
        size="short"
        focusFirst
        {...(error?.code === "code-refused" ? { error: t("login.code.wrong") } : {})}
      />
      {error !== null && error.code !== "code-refused" && (
        <Notice tone="bad" live="assertive">
          {error.status === 429 ? t("login.slow") : words(error)}
        </Notice>
      )}
      <div className="row row--end">
        <Button look="quiet" onPress={model.stop}>
          {t("app.cancel")}
        </Button>
        <Button look="primary" type="submit" isDisabled={busy || code === ""}>
          {t("factor.confirm")}
        </Button>
      </div>
    </form>
  );
}

function Keep({ codes, done }: { readonly codes: readonly string[]; readonly done: () => void }): ReactElement {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  return (
    <div className="stack">
      <Notice tone="good" live="polite">
        {t("factor.done")}
      </Notice>
      <h2>{t("factor.recovery")}</h2>
      <p>{t("factor.recovery.intro")}</p>
      <ul className="codes" aria-label={t("factor.recovery")}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="row row--end">
        <Button onPress={() => void navigator.clipboard.writeText(codes.join("\n")).then(() => setCopied(true), () => undefined)}>{t(copied ? "factor.copied" : "factor.copy")}</Button>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the field that had the focus is gone */}
        <Button look="primary" autoFocus onPress={done}>
          {t("factor.kept")}
        </Button>
      </div>
    </div>
  );
}

/** Who is in already gives the password, and a code of the app that counts now. */
export function BeginForm({ model, active }: { readonly model: SecondFactorModel; readonly active: boolean }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const ready = password !== "" && (!active || code !== "");
  const wrong = error?.code === "sign-in-refused" || error?.code === "code-refused" ? error.code : "";
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void model.start(password, code).finally(() => {
          setPassword("");
          setCode("");
        });
      }}
    >
      <TextInput type="password" label={t("login.password")} value={password} onChange={setPassword} autoComplete="current-password" {...(wrong === "sign-in-refused" ? { error: t("lock.wrong") } : {})} />
      {active && <TextInput label={t("factor.present")} value={code} onChange={setCode} autoComplete="one-time-code" maxLength={40} size="short" {...(wrong === "code-refused" ? { error: t("login.code.wrong") } : {})} />}
      <ErrorNotice error={wrong === "" ? error : null} />
      <div className="row row--end">
        <Button look="primary" type="submit" isDisabled={busy || !ready}>
          {t(active ? "factor.again" : "factor.setUp")}
        </Button>
      </div>
    </form>
  );
}
