"""Codes for why an API key, a name, a password, or a share can't be used, and their words. Services raise the codes."""

from __future__ import annotations

from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from localization.bidi import isolated_text
from localization.formats import sentences


class ProblemCode(StrEnum):
    """Why a service can't do what it was asked. The comment names the parameters."""

    UNKNOWN_KEY = "unknown_key"
    RESTRICTED_PLAN = "restricted_plan"  # detail: TorBox's own sentence, or ""
    NO_ANSWER = "no_answer"
    CONNECTED_TWICE = "connected_twice"
    OTHER_ACCOUNT = "other_account"
    NAME_TAKEN = "name_taken"
    INVALID = "invalid"  # the `ValidationError` says why
    LAST_OWNER = "last_owner"
    GUESTS_ONLY_VIEW = "guests_only_view"  # name


class Problem(Exception):
    """A service can't do what it was asked. `problem_words` makes the sentence for the person who asked."""

    def __init__(self, code: ProblemCode, *, errors: ValidationError | None = None, **params: str) -> None:
        super().__init__(code)
        self.code, self.errors, self.params = code, errors, params


WORDS: dict[ProblemCode, str | Promise] = {
    ProblemCode.UNKNOWN_KEY: _(
        "TorBox doesn’t recognize this API key. TorBox replaces a key when you reset it or after a usage warning, "
        "so copy the current one and try again."
    ),
    # Translators: %(detail)s is TorBox's own sentence, in English.
    ProblemCode.RESTRICTED_PLAN: _(
        "TorBox recognizes this API key, but the plan doesn’t include API access: “%(detail)s” "
        "Change the plan at TorBox first."
    ),
    ProblemCode.NO_ANSWER: _(
        "We couldn’t check this API key with TorBox, so nothing was saved. Try again in a moment."
    ),
    ProblemCode.CONNECTED_TWICE: _("This API key is already connected."),
    ProblemCode.OTHER_ACCOUNT: _(
        "This API key belongs to a different TorBox account, so the torrents listed here would disappear and those "
        "waiting would be sent there. Connect it as a separate account, or check the box and enter the key again."
    ),
    ProblemCode.NAME_TAKEN: _("This name is already taken."),
    ProblemCode.LAST_OWNER: _("This is the only owner who can sign in. Make another person an owner first."),
    ProblemCode.GUESTS_ONLY_VIEW: _(
        "%(name)s is a guest, and guests can only view and download. Change their role first."
    ),
}
RESTRICTED_PLAN_UNQUOTED = _(
    "TorBox recognizes this API key, but the plan doesn’t include API access. Change the plan at TorBox first."
)


def problem_words(problem: Problem) -> str:
    """Return what is wrong and what to do, in whole sentences."""
    if problem.errors:
        return sentences(problem.errors.messages)
    if problem.code == ProblemCode.RESTRICTED_PLAN and not problem.params.get("detail"):
        return str(RESTRICTED_PLAN_UNQUOTED)
    params = {name: isolated_text(value) for name, value in problem.params.items()}
    return str(WORDS[problem.code]) % params
