import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** The layers: what a folder may not import. Arrows go domain <- api <- state <- phone <- ui, views <- main. */
const noViews = { group: ["**/views/**", "**/ui/**", "react", "react-*", "react/*"], message: "no view here" };
const noState = { group: ["**/state/**"], message: "state stands above this layer" };
const noPhone = { group: ["**/phone/**"], message: "the phone stands above this layer" };
const noSip = { group: ["jssip", "jssip/*"], message: "only phone/jssip-line.ts, which is loaded when it is needed" };
const noApi = { group: ["**/api/client*", "**/api/live*"], message: "domain is pure: no I/O" };

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
      jsxA11y.flatConfigs.strict,
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "go through api/client.ts" },
        { name: "WebSocket", message: "go through api/live.ts" },
        { name: "localStorage", message: "only ui/preferences.ts, and nothing personal" },
        { name: "sessionStorage", message: "nothing is kept in the browser" },
      ],
      "no-restricted-syntax": [
        "error",
        // The policy has no 'unsafe-inline'; and one place for looks keeps the screens alike.
        { selector: "JSXAttribute[name.name='style']", message: "use a class" },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "never" },
      ],
    },
  },
  {
    files: ["src/domain/**"],
    ignores: ["**/*.test.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [noViews, noState, noPhone, noSip, noApi] }] },
  },
  { files: ["src/api/**"], rules: { "no-restricted-imports": ["error", { patterns: [noViews, noState, noPhone, noSip] }] } },
  { files: ["src/state/**"], rules: { "no-restricted-imports": ["error", { patterns: [noViews, noPhone, noSip] }] } },
  { files: ["src/phone/**"], ignores: ["src/phone/jssip-line.ts"], rules: { "no-restricted-imports": ["error", { patterns: [noViews, noSip] }] } },
  { files: ["src/phone/jssip-line.ts"], rules: { "no-restricted-imports": ["error", { patterns: [noViews] }] } },
  { files: ["src/ui/**", "src/views/**"], rules: { "no-restricted-imports": ["error", { patterns: [noSip] }] } },
  { files: ["src/main.tsx", "src/ui/preferences.ts"], rules: { "no-restricted-globals": "off" } },
  { files: ["**/*.js", "**/*.mjs"], languageOptions: { globals: { process: "readonly", console: "readonly" } } },
);
