from .folders import Folder, FolderPerson, FolderQuerySet, Rule, RuleMatch, SavingSettings
from .jobs import Job, JobFile, JobQuerySet

__all__ = [
    "Folder",
    "FolderPerson",
    "FolderQuerySet",
    "Job",
    "JobFile",
    "JobQuerySet",
    "Rule",
    "RuleMatch",
    "SavingSettings",
]
