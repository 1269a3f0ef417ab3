from django.urls import path

from .views import downloading, play, several

app_name = "links"

one_torrent = [
    path("torrents/<int:pk>/download/", downloading.download_zip, name="download_zip"),
    path("torrents/<int:pk>/link/", downloading.link_zip, name="link_zip"),
    path("torrents/<int:pk>/links/", play.links, name="links"),
    path("torrents/<int:pk>/magnet/", downloading.export_magnet, name="export_magnet"),
    path("torrents/<int:pk>/torrent-file/", downloading.export_file, name="export_file"),
]
one_file = [
    path("torrents/<int:pk>/files/<int:file_pk>/download/", downloading.download_file, name="download_file"),
    path("torrents/<int:pk>/files/<int:file_pk>/link/", downloading.link_file, name="link_file"),
    path("torrents/<int:pk>/files/<int:file_pk>/play/", play.play, name="play"),
    path("torrents/<int:pk>/files/<int:file_pk>/play.m3u", play.playlist, name="playlist"),
]
urlpatterns = [*one_torrent, *one_file, path("bulk/links/", several.several, name="several")]
