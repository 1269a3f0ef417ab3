from .folders import Folder, FolderQuerySet, Rule, SavingSettings
from .jobs import Job, JobFile, JobQuerySet

__all__ = ["Folder", "FolderQuerySet", "Job", "JobFile", "JobQuerySet", "Rule", "SavingSettings"]
