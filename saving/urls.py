from django.urls import path

from .pages import control, folders, rules, save, schedule

app_name = "saving"
urlpatterns = [
    path("torrents/<int:pk>/save/", save.save_one, name="save_one"),
    path("torrents/<int:pk>/save-files/", save.save_files, name="save_files"),
    path("bulk/save/", save.save_several, name="save_several"),
    path("saving/undo/", save.undo, name="undo"),
    path("saving/pause-all/", control.pause_all, name="pause_all"),
    path("saving/resume-all/", control.resume_all, name="resume_all"),
    path("torrents/<int:pk>/saving/<str:act>/", control.control, name="control"),
    path("torrents/<int:pk>/saving-cancel/", control.cancel, name="cancel"),
    path("settings/saving/", folders.page, name="settings"),
    path("settings/saving/folders/add/", folders.add, name="folder_add"),
    path("settings/saving/folders/<int:pk>/", folders.change, name="folder"),
    path("settings/saving/folders/<int:pk>/remove/", folders.remove, name="folder_remove"),
    path("settings/saving/folders/<int:pk>/cancel/", folders.cancel, name="folder_cancel"),
    path("settings/saving/folders/<int:pk>/test/", folders.test, name="folder_test"),
    path("settings/saving/rules/add/", rules.add, name="rule_add"),
    path("settings/saving/rules/<int:pk>/remove/", rules.remove, name="rule_remove"),
    path("settings/saving/schedule/", schedule.change, name="schedule"),
    path("settings/saving/aria2/test/", schedule.test_aria2, name="aria2_test"),
]
