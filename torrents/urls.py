from django.urls import path

from .views import (
    activity,
    adding,
    bulk,
    controlling,
    downloading,
    files,
    hiding,
    leaving,
    listing,
    status,
    tools,
)

app_name = "torrents"

the_list = [
    path("", listing.list_, name="list"),
    path("changes/", listing.changes, name="changes"),
    path("refresh/", listing.refresh, name="refresh"),
    path("deleted/", listing.deleted, name="deleted"),
    path("status/", status.status, name="status"),
]
before_adding = [
    path("preview/", adding.preview, name="preview"),
    path("preview/<str:info_hash>/", adding.preview_line, name="preview_line"),
    path("add/", adding.add, name="add"),
    path("share/", adding.share, name="share"),
    path("lookup/", tools.lookup, name="lookup"),
    path("check/", tools.check, name="check"),
]
several = [
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/restore/", bulk.restore_several, name="restore_several"),
    path("everything/", tools.everything, name="everything"),
]
one = [
    path("torrents/<int:pk>/", files.detail, name="detail"),
    path("torrents/<int:pk>/files/", files.files, name="files"),
    path("torrents/<int:pk>/refresh/", listing.refresh_one, name="refresh_one"),
    path("torrents/<int:pk>/control/<str:operation>/", controlling.control, name="control"),
    path("torrents/<int:pk>/remove/", controlling.remove, name="remove"),
    path("torrents/<int:pk>/restore/", controlling.restore, name="restore"),
    path("torrents/<int:pk>/retry/", controlling.retry, name="retry"),
    path("torrents/<int:pk>/clear/", controlling.clear, name="clear"),
    path("torrents/<int:pk>/hide/", hiding.hide, name="hide"),
    path("torrents/<int:pk>/show/", hiding.show, name="show"),
]
its_data = [
    path("torrents/<int:pk>/download/", downloading.download_zip, name="download_zip"),
    path("torrents/<int:pk>/files/<int:file_pk>/download/", downloading.download_file, name="download_file"),
    path("torrents/<int:pk>/files/<int:file_pk>/play/", files.play, name="play"),
    path("torrents/<int:pk>/files/<int:file_pk>/play.m3u", files.playlist, name="playlist"),
    path("torrents/<int:pk>/link/", downloading.link_zip, name="link_zip"),
    path("torrents/<int:pk>/files/<int:file_pk>/link/", downloading.link_file, name="link_file"),
    path("torrents/<int:pk>/links/", files.links, name="links"),
    path("torrents/<int:pk>/magnet/", downloading.export_magnet, name="export_magnet"),
    path("torrents/<int:pk>/torrent-file/", downloading.export_file, name="export_file"),
]
when_leaving = [
    path("me/export/", leaving.export_mine, name="export_mine"),
    path("me/export/magnets/", leaving.export_magnets, name="export_magnets"),
    path("me/delete/", leaving.delete_me, name="delete_me"),
    path("people/<int:pk>/delete/", leaving.delete_person, name="delete_person"),
]
what_happened = [
    path("activity/", activity.activity, name="activity"),
    path("activity/export.csv", activity.export, name="activity_export"),
]
urlpatterns = the_list + before_adding + several + one + its_data + what_happened + when_leaving
