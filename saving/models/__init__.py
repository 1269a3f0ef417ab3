from .folders import Folder, FolderPerson, FolderQuerySet, Rule, RuleMatch, SavingSettings
from .jobs import Job, JobFile, JobFileQuerySet, JobQuerySet

__all__ = [
    "Folder",
    "FolderPerson",
    "FolderQuerySet",
    "Job",
    "JobFile",
    "JobFileQuerySet",
    "JobQuerySet",
    "Rule",
    "RuleMatch",
    "SavingSettings",
]
