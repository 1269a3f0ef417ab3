from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from torrents.pages.list import row_actions

        from .pages import menu

        row_actions.offer(menu.actions)
