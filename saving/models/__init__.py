from .folders import Folder, FolderPerson, FolderQuerySet, Rule, RuleMatch, SavingSettings
from .jobs import BLOCKED, Job, JobFile, JobFileQuerySet, JobQuerySet, SaveFirst

__all__ = [
    "BLOCKED",
    "Folder",
    "FolderPerson",
    "FolderQuerySet",
    "Job",
    "JobFile",
    "JobFileQuerySet",
    "JobQuerySet",
    "Rule",
    "RuleMatch",
    "SaveFirst",
    "SavingSettings",
]
