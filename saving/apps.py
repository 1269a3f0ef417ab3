from django.apps import AppConfig


class SavingConfig(AppConfig):
    name = "saving"

    def ready(self) -> None:
        from .registration import register  # models can be imported only now

        register()
