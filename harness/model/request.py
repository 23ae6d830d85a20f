"""Requests: the body for the API, the delivery of the reply, and fingerprints."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from harness.json_text import json_bytes

if TYPE_CHECKING:
    from harness.model.suite import Expectation, Trial

JUDGE_SUFFIX = "~judge"  # marks a question about the reply of a trial; no id contains `~`
# names the rerun that a request is part of, in logs and for simulators, whose replies to equal
# requests would otherwise be those of the first run
RERUN_HEADER = "x-harness-rerun"
_LENGTH = 32  # hexadecimal digits of a fingerprint: 128 bits


class Delivery(StrEnum):
    """How the service delivers a reply."""

    AT_ONCE = "at_once"
    STREAM = "stream"
    TASK = "task"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Delivery:
        """Return the delivery that a request body asks for."""
        if body.get("stream"):
            return cls.STREAM
        return cls.TASK if body.get("async") else cls.AT_ONCE


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the API.

    Attributes:
        body: The body of the call.
        repeat: The repeat of the case, counted from 1.
        trial: The id of the trial.
        turn: The turn of the conversation, counted from 1.
        awaits_more: Whether the outcome of the trial needs more than this reply: another turn,
            a judge, a trial it is compared with.
        trial_specific: Whether the reply to another trial must not be used, even for the same
            body: a variant must not be compared with its own reply.
        service: The key of the service that answers; empty if it is not known.
        given: What the reply says, if it comes with the case, so that nothing is sent.
    """

    body: Mapping[str, Any]
    repeat: int = 1
    trial: str = ""
    turn: int = 1
    awaits_more: bool = False
    trial_specific: bool = False
    service: str = ""
    given: str | None = None
    _key: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """The hash under which a reply to this request is stored."""
        if self._key is None:
            # Earlier runs, the cache, the client and the run file all need it.
            who = [self.service] if self.service else []
            object.__setattr__(self, "_key", _fingerprint([self.body, self.repeat, *who]))
        return str(self._key)

    def sent_to(self, service: str) -> Request:
        """Return the request as it is sent to a service, given by its key."""
        # written out, because `dataclasses.replace` takes three times as long, for each trial
        return Request(
            self.body,
            self.repeat,
            self.trial,
            self.turn,
            self.awaits_more,
            self.trial_specific,
            service,
            self.given,
        )

    @property
    def trial_key(self) -> str:
        """The hash under which a reply to this request of this trial is stored."""
        return _fingerprint([self.key, self.trial])

    @property
    def delivery(self) -> Delivery:
        """How the reply is to be delivered."""
        return Delivery.of(self.body)


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A rendered turn."""

    messages: tuple[Mapping[str, Any], ...]
    expectations: tuple[Expectation, ...] = ()


@dataclass(slots=True, eq=False)
class SharedFingerprint:
    """The fingerprint of expectations that trials have in common; None until it is needed."""

    value: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedTrial:
    """A rendered trial: request settings, turns, and expectations about the last reply.

    The repeats of a case in a variant share one, and with it what has been hashed.

    Attributes:
        shared: The fingerprint of the expectations; trials may share it only if theirs are equal.
        given: What the reply says, if it comes with the case.
    """

    settings: Mapping[str, Any]
    turns: tuple[PreparedTurn, ...]
    expectations: tuple[Expectation, ...] = ()
    shared: SharedFingerprint = field(default_factory=SharedFingerprint, repr=False, compare=False)
    given: str | None = None
    _latest: tuple[int, str] | None = field(default=None, init=False, repr=False, compare=False)
    _hashed: Any = field(default=None, init=False, repr=False, compare=False)

    def first_request(self, trial: Trial) -> Request:
        """Return the request of the first turn."""
        body = self.body(self.turns[0].messages)
        return Request(
            body,
            trial.repeat,
            trial.id,
            trial_specific=bool(trial.case.compared),
            given=self.given,
        )

    def body(self, messages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the body of the request that sends these messages."""
        return {**self.settings, "messages": tuple(messages)}

    def request_fingerprint(self, repeat: int) -> str:
        """Return a hash that changes when stored replies no longer answer this trial."""
        latest = self._latest
        if latest is None or latest[0] != repeat:
            latest = (repeat, self._hash_with(repeat))
            object.__setattr__(self, "_latest", latest)
        return latest[1]

    def _hash_with(self, repeat: int) -> str:
        hashed = self._hashed
        if hashed is None:
            turns = [turn.messages for turn in self.turns]
            written = json_bytes([self.settings, turns, Delivery.of(self.settings)], sort_keys=True)
            # The repeat comes last, so everything before it is hashed once for all repeats.
            hashed = hashlib.sha256(written[:-1])
            if self._latest is not None:
                # Kept only for repeats: most trials have one, and 10,000 kept hashes take 4 MiB
                # and more time to allocate than to compute.
                object.__setattr__(self, "_hashed", hashed.copy())
        else:
            hashed = hashed.copy()
        hashed.update(b",%d]" % repeat)
        return str(hashed.hexdigest()[:_LENGTH])

    def expectations_fingerprint(self) -> str:
        """Return a hash that changes when stored verdicts no longer follow the expectations."""
        if self.shared.value is None:
            turns = [list(map(_judging_parts, turn.expectations)) for turn in self.turns]
            self.shared.value = _fingerprint([turns, list(map(_judging_parts, self.expectations))])
        return self.shared.value


def inputs_fingerprint(variables: Mapping[str, Any]) -> str:
    """Return a hash of the variables of a case."""
    return _fingerprint(variables)


def _judging_parts(expectation: Expectation) -> list[Any]:
    return [
        expectation.key,
        expectation.argument,
        expectation.options,
        expectation.weight,
        expectation.is_warning,
        *([list(map(_judging_parts, expectation.nested))] if expectation.nested else []),
        *([list(expectation.transforms)] if expectation.transforms else []),
    ]


def _fingerprint(value: object) -> str:
    return hashlib.sha256(json_bytes(value, sort_keys=True)).hexdigest()[:_LENGTH]
