from django.urls import path, register_converter

from .pages import manage, share
from .views import downloading, media_lists, play, public, several, share_page


class Ref:
    """The name of a file in addresses of a link (`LinkFile.ref`)."""

    regex = r"(?:[0-9]{1,18}\.)?[A-Za-z0-9_-]{16}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Ref, "ref")
app_name = "links"

one_torrent = [
    path("torrents/<int:pk>/download/", downloading.download_zip, name="download_zip"),
    path("torrents/<int:pk>/link/", downloading.link_zip, name="link_zip"),
    path("torrents/<int:pk>/links/", play.links, name="links"),
    path("torrents/<int:pk>/magnet/", downloading.export_magnet, name="export_magnet"),
    path("torrents/<int:pk>/torrent-file/", downloading.export_file, name="export_file"),
    path("torrents/<int:pk>/share/", share.share, name="share"),
]
one_file = [
    path("torrents/<int:pk>/files/<int:file_pk>/download/", downloading.download_file, name="download_file"),
    path("torrents/<int:pk>/files/<int:file_pk>/link/", downloading.link_file, name="link_file"),
    path("torrents/<int:pk>/files/<int:file_pk>/play/", play.play, name="play"),
    path("torrents/<int:pk>/files/<int:file_pk>/play.m3u", play.playlist, name="playlist"),
    path("torrents/<int:pk>/files/<int:file_pk>/subtitles/", play.subtitles, name="subtitles"),
]
managing = [
    path("me/links/", manage.manage, name="manage"),
    path("me/links/new/", manage.new_list, name="new_list"),
    path("me/links/revoke-all/", manage.revoke_all, name="revoke_all"),
    path("me/links/restore/", manage.restore, name="restore"),
    path("me/links/policy/", manage.set_policy, name="set_policy"),
    path("me/links/<int:pk>/", share.change, name="change"),
    path("me/links/<int:pk>/revoke/", manage.revoke, name="revoke"),
    path("me/links/<int:pk>/renew/", manage.renew, name="renew"),
]
# Without signing in. The last one takes any name, so it comes last.
anyone = [
    path("l/<str:token>/", share_page.open_page, name="open"),
    path("l/<str:token>/play/", share_page.play_only, name="play_only"),
    path("l/<str:token>/play/<ref:ref>/", share_page.play_file, name="play_file"),
    path("l/<str:token>/subtitles/<ref:ref>/", share_page.subtitles, name="link_subtitles"),
    path("l/<str:token>/playlist.m3u8", media_lists.media_playlist, name="media_playlist"),
    path("l/<str:token>/feed.xml", media_lists.feed, name="feed"),
    path("l/<str:token>/<ref:ref>/<str:name>", public.take_file, name="take_file"),
    path("l/<str:token>/<str:name>", public.take, name="take"),
    path("l/<path:rest>", share_page.nothing, name="nothing"),
]
urlpatterns = [
    *one_torrent, *one_file, *managing, *anyone, path("bulk/links/", several.several, name="several"),
]  # fmt: skip
