from django.urls import path

from .pages.activity import views as activity
from .pages.add import views as add
from .pages.detail import views as detail
from .pages.leaving import views as leaving
from .pages.list import bulk, control, hide, saved_views
from .pages.list import views as the_list
from .pages.organize import keep, rename, tags, undo
from .pages.tools import views as tools
from .pages.usage import views as usage

app_name = "torrents"

list_page = [
    path("", the_list.list_, name="list"),
    path("changes/", the_list.changes, name="changes"),
    path("refresh/", the_list.refresh, name="refresh"),
    path("speed/", the_list.show_speed, name="show_speed"),
    path("deleted/", the_list.deleted, name="deleted"),
]
view_pages = [
    path("views/new/", saved_views.save, name="save_view"),
    path("views/restore/", saved_views.restore, name="restore_view"),
    path("views/<int:pk>/rename/", saved_views.rename, name="rename_view"),
    path("views/<int:pk>/default/", saved_views.default, name="default_view"),
    path("views/<int:pk>/delete/", saved_views.delete, name="delete_view"),
]
add_page = [
    path("preview/", add.preview, name="preview"),
    path("preview/<str:info_hash>/", add.preview_line, name="preview_line"),
    path("add/", add.add, name="add"),
    path("share/", add.share, name="share"),
]
tool_pages = [
    path("lookup/", tools.lookup, name="lookup"),
    path("check/", tools.check, name="check"),
    path("everything/", tools.everything, name="everything"),
]
several_torrents = [
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/restore/", bulk.restore_several, name="restore_several"),
    path("bulk/tags/", tags.tag_several, name="tag_several"),
    path("bulk/tags/change/", tags.change_tags, name="change_tags"),
    path("bulk/rename/", rename.rename_several, name="rename_several"),
    path("bulk/rename/preview/", rename.preview_names, name="preview_names"),
    path("bulk/keep/", keep.keep_several, name="keep_several"),
    path("bulk/undo/", undo.undo_edit, name="undo_edit"),
]
one_torrent = [
    path("torrents/<int:pk>/", detail.detail, name="detail"),
    path("torrents/<int:pk>/files/", detail.files, name="files"),
    path("torrents/<int:pk>/menu/", the_list.menu, name="menu"),
    path("torrents/<int:pk>/refresh/", the_list.refresh_one, name="refresh_one"),
    path("torrents/<int:pk>/control/<str:operation>/", control.control, name="control"),
    path("torrents/<int:pk>/remove/", control.remove, name="remove"),
    path("torrents/<int:pk>/restore/", control.restore, name="restore"),
    path("torrents/<int:pk>/retry/", control.retry, name="retry"),
    path("torrents/<int:pk>/clear/", control.clear, name="clear"),
    path("torrents/<int:pk>/tags/", tags.tag, name="tag"),
    path("torrents/<int:pk>/rename/", rename.rename, name="rename"),
    path("torrents/<int:pk>/keep/", keep.keep, name="keep"),
    path("torrents/<int:pk>/keep/stop/", keep.stop_keeping, name="stop_keeping"),
    path("torrents/<int:pk>/hide/", hide.hide, name="hide"),
    path("torrents/<int:pk>/show/", hide.show, name="show"),
]
leaving_pages = [
    path("me/export/", leaving.export_mine, name="export_mine"),
    path("me/export/magnets/", leaving.export_magnets, name="export_magnets"),
    path("me/delete/", leaving.delete_me, name="delete_me"),
    path("people/<int:pk>/delete/", leaving.delete_person, name="delete_person"),
]
account_pages = [
    path("torbox/<int:pk>/usage/", usage.usage, name="usage"),
]
activity_page = [
    path("activity/", activity.activity, name="activity"),
    path("activity/export.csv", activity.export, name="activity_export"),
]
urlpatterns = [
    *list_page,
    *view_pages,
    *add_page,
    *tool_pages,
    *several_torrents,
    *one_torrent,
    *activity_page,
    *leaving_pages,
    *account_pages,
]
