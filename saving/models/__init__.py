from .folders import Folder, FolderQuerySet, Rule, RuleMatch, SavingSettings
from .jobs import Job, JobFile, JobQuerySet

__all__ = ["Folder", "FolderQuerySet", "Job", "JobFile", "JobQuerySet", "Rule", "RuleMatch", "SavingSettings"]
