// @ts-check
import js from "@eslint/js";
import globals from "globals";

// words that say nothing about what they hold, or another word for a case result
const VAGUE = ["unit", "units", "told", "known", "found", "each", "place", "left", "held"];

export default [
  { ignores: ["**/vendor/"] },
  js.configs.recommended,
  {
    rules: {
      "consistent-return": "off",
      "default-case-last": "error",
      "eqeqeq": "error",
      "id-denylist": ["error", ...VAGUE],
      "no-duplicate-imports": "error",
      "no-else-return": "error",
      "no-implicit-globals": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-use-before-define": ["error", { functions: false, classes: false }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "sort-imports": ["error", { ignoreDeclarationSort: true }],
    },
  },
  {
    files: ["harness/reporting/html/app/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: { "no-console": "error", "no-eval": "error", "no-implied-eval": "error", "no-new-func": "error" },
  },
  { files: ["tests/**/*.js"], languageOptions: { globals: globals.node } },
];
