"""What names of promptfoo, DeepEval and pydantic-evals are called here."""

from __future__ import annotations

import re

_JUDGED = "`judge: …`, with what it should judge in words"
_CONTEXT = "`faithful_to: …`, with the context"
_RETRIEVAL = "`judge: …`, with the context in the rubric"
_IGNORING_CASE = "with `ignore_case: true`"
_CODE = "`that: …` for an expression, or `python: checks.py:function`"
_NO_LOG_PROBABILITIES = "another assertion: the Messages API gives no log probabilities"
_CALL = "`calls_tool: name`, with `arguments: {…}`"

# without case, `-`, `_`, blanks, and the `Metric` at the end of DeepEval's classes
_ASSERTIONS = {
    "icontains": f"`contains: …` {_IGNORING_CASE}",
    "icontainsany": f"`contains_any: […]` {_IGNORING_CASE}",
    "icontainsall": f"`contains_all: […]` {_IGNORING_CASE}",
    "iequals": f"`equals: …` {_IGNORING_CASE}",
    "exactmatch": "`equals: …`",
    "equalsexpected": "`equals: …`, with the expected text",
    "regex": "`matches: …`",
    "pattern": "`matches: …`",
    "patternmatch": "`matches: …`",
    "llmrubric": "`judge: …`",
    "llmjudge": "`judge: …`",
    "agentrubric": "`judge: …`",
    "searchrubric": "`judge: …`",
    "rubric": "`judge: …`",
    "grade": "`judge: …`",
    "geval": "`judge: …`, or `criteria: […]` for several criteria",
    "pi": _JUDGED,
    "classifier": _JUDGED,
    "moderation": _JUDGED,
    "guardrails": "`is_refusal: true` or `stop_reason: refusal`",
    "toxicity": _JUDGED,
    "bias": _JUDGED,
    "summarization": _JUDGED,
    "conversationrelevance": _JUDGED,
    "modelgradedclosedqa": "`answers: …`",
    "closedqa": "`answers: …`",
    "answerrelevance": "`answers: …`, with the question",
    "answerrelevancy": "`answers: …`, with the question",
    "factuality": "`factual: …`, with the reference",
    "modelgradedfactuality": "`factual: …`, with the reference",
    "contextfaithfulness": _CONTEXT,
    "faithfulness": _CONTEXT,
    "hallucination": _CONTEXT,
    "contextrecall": _RETRIEVAL,
    "contextrelevance": _RETRIEVAL,
    "contextualrecall": _RETRIEVAL,
    "contextualprecision": _RETRIEVAL,
    "contextualrelevancy": _RETRIEVAL,
    "similar": "`similarity_ratio: …`, `rouge_l: …` or `factual: …`, with the reference",
    "similarcosine": "`similarity_ratio: …` or `factual: …`, with the reference",
    "rougen": "`rouge_1: …`, with `min: 0.75`",
    "gleu": "`bleu: …`, with `min: 0.5`",
    "javascript": _CODE,
    "ruby": _CODE,
    "webhook": _CODE,
    "isinstance": "`is_json: {type: …}`",
    "isobject": "`is_json: {type: object}`",
    "jsonschema": "`is_json: {…}`",
    "jsoncorrectness": "`is_json: {…}`, with the schema",
    "latency": "`max_latency: 5s`",
    "maxduration": "`max_latency: 5s`",
    "cost": "`max_cost: 0.01`",
    "perplexity": _NO_LOG_PROBABILITIES,
    "perplexityscore": _NO_LOG_PROBABILITIES,
    "finishreason": "`stop_reason: end_turn`",
    "isvalidfunctioncall": _CALL,
    "isvalidopenaifunctioncall": _CALL,
    "isvalidopenaitoolscall": _CALL,
    "toolcorrectness": "`tool_call_f1: […]`, or `calls_tool: name`",
    "trajectory:toolused": "`calls_tool: name`",
    "trajectory:toolargsmatch": _CALL,
    "assertset": "`all_of: […]`, perhaps with `threshold`",
    "selectbest": "`prefer: …` with `over: variant`, or `best_of: variant`",
    "maxscore": "`best_of: variant`",
}
_SUITE_KEYS = {
    "tests": "`cases`",
    "testcases": "`cases`",
    "scenarios": "`cases`, or `matrix` for every combination",
    "providers": "`matrix: {model: […]}`, or `request: {model: …}` for one",
    "targets": "`matrix: {model: […]}`, or `request: {model: …}` for one",
    "defaulttest": "`vars`, `assert` and `request` of the suite: they are for all cases",
    "derivedmetrics": "`metrics`",
    "evaluateoptions": "`repeat` here; `concurrency` and others are settings (harness.toml)",
    "outputpath": "nothing here: options of `harness run` write reports",
    "env": "nothing here: templates read `vars`, not the environment",
    "name": "`suite`",
    "system": "`request: {system: …}`",
    "model": "`request: {model: …}`",
    "temperature": "`request: {temperature: …}`",
    "maxtokens": "`request: {max_tokens: …}`",
}
_CASE_KEYS = {
    "expect": "`assert`",
    "expected": "`assert: [{equals: …}]`",
    "expectedoutput": "`assert: [{equals: …}]`",
    "expectations": "`assert`",
    "assertions": "`assert`",
    "asserts": "`assert`",
    "evaluators": "`assert`",
    "metrics": "`assert`",
    "input": "`prompt`",
    "inputs": "`vars`, used in the `prompt`",
    "question": "`vars: {question: …}`, used in the `prompt`",
    "context": "`vars: {context: …}`, used in the `prompt` and in `faithful_to`",
    "retrievalcontext": "`vars: {context: …}`, used in the `prompt` and in `faithful_to`",
    "variables": "`vars`",
    "provider": "`request: {model: …}`",
    "providers": "`matrix: {model: […]}` of the suite",
    "options": "`request`, or `transform`",
    "metadata": "`tags`",
    "name": "`id`",
    "system": "`request: {system: …}`",
    "model": "`request: {model: …}`",
    "temperature": "`request: {temperature: …}`",
    "maxtokens": "`request: {max_tokens: …}`",
    "tools": "`request: {extra: {tools: […]}}`",
}
_MODIFIERS = {
    "type": "the assertion as the key: `contains: text`, not `type: contains`",
    "value": "the value after the assertion: `contains: text`",
    "provider": "`judge: {model: …}` for the suite",
    "rubricprompt": "`judge: {prompt: …}` for the suite",
    "config": "the options beside the assertion",
}


def assertion_instead(key: str, value: object = None) -> str | None:
    """Return what to write for an assertion of another tool, or None if it is none.

    Args:
        key: What is written in the place of an assertion.
        value: Its value: with `type: icontains` it names the assertion.
    """
    folded = _folded(key)
    if folded == "type" and isinstance(value, str):
        found = assertion_instead(value)
        return found or f"write `{_plain(value)}: …`"
    negated = folded.startswith("not") and folded[3:] in _ASSERTIONS
    hint = _ASSERTIONS.get(folded[3:] if negated else folded) or _MODIFIERS.get(folded)
    if hint is None:
        return None
    return f"write {hint.replace('`', '`not_', 1) if negated else hint}"


def key_instead(key: str, *, is_suite: bool) -> str | None:
    """Return what to write for a key of another tool in a suite or a case, or None."""
    hint = (_SUITE_KEYS if is_suite else _CASE_KEYS).get(_folded(key))
    return None if hint is None else f"write {hint}"


def _plain(name: str) -> str:
    return name.strip().replace("-", "_")


def _folded(name: str) -> str:
    return re.sub(r"[-_\s]", "", name.casefold()).removesuffix("metric") or name
