from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and their TorBox accounts"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers the system checks
