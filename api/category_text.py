"""Words for why a category isn't made or changed."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .services.categories import Problem

PROBLEMS: dict[Problem, str | Promise] = {
    Problem.NO_NAME: _("Enter a name for the category."),
    Problem.BAD_NAME: _(
        "A category’s name has at most 100 characters, no comma and no backslash, and doesn’t begin or end with a slash."
    ),
    Problem.NAME_TAKEN: _("You already have a category with this name."),
    Problem.UNKNOWN: _("You don’t have a category with this name."),
    Problem.NO_FOLDER: _("This isn’t the path of a folder that you can save to."),
    Problem.TOO_MANY: _("You have too many categories. Remove some first."),
}
